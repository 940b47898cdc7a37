"""What pages are made from: a hub that is read through `ds_dashboard.client`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import dates
from ds_dashboard.client import Hub
from ds_dashboard.client.errors import failed_call, is_denied, is_expired
from ds_dashboard.client.installation import MAX_CONNECTIONS
from ds_dashboard.client.latest import LatestValue
from ds_dashboard.client.spokes import Spoke, SpokeState
from ds_dashboard.client.states import state_of
from ds_dashboard.client.values import Value
from ds_dashboard.pages.cells import SPARK_POINTS, Key, Recent
from ds_dashboard.pages.model import Description, Point, Series, Snapshot, SpokeRow

_Answer = TypeVar("_Answer")
# With more series, few queries for each metric take less time than one for each series.
MAX_QUERIES = 500
# Values of seven days ago are looked for in the day before.
_BEFORE, _WITHIN = timedelta(days=7), timedelta(hours=26)


class Source(Protocol):
    """Reads a hub for pages. Each method may raise what `Hub` raises."""

    def snapshot(self) -> Snapshot:
        """Read the newest values and the spokes."""

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        """Read the numbers of seven days ago."""

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Read the last values of series, oldest first."""

    def sparklines(self, keys: Sequence[Key]) -> Recent:
        """Read the last values of very many series, oldest first."""

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Read the values of a series in a period, oldest first."""

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> str:
        """Request fresh values, and return the ID of the refresh."""


class HubSource:
    """A hub.

    Args:
        hub: the hub.
        descriptions: metric -> what the manifest says of it.
        projects: the projects to read; empty for all.
        is_shared: whether others read the pages, in terminals of their own.
        is_partial: whether a snapshot may lack the newest values or the spokes, if AWS denies to read them.
    """

    def __init__(
        self,
        hub: Hub,
        descriptions: Mapping[str, Description],
        projects: Sequence[str] = (),
        *,
        is_shared: bool = False,
        is_partial: bool = False,
    ) -> None:
        self._hub, self._descriptions, self._projects = hub, descriptions, list(dict.fromkeys(projects))
        self._is_shared, self._is_partial = is_shared, is_partial
        # A function of the hub has them already; for anybody else, each snapshot reads them.
        self._settings = vars(hub).get("settings")
        hub.installation.client("dynamodb")

    def snapshot(self) -> Snapshot:
        """Read the newest values and the spokes, with new credentials if those of the session have expired."""
        return self._renewing(self._snapshot)

    def _renewing(self, call: Callable[[], _Answer]) -> _Answer:
        """Return the answer of a call that has no effect with credentials that have expired."""
        try:
            return call()
        except (ClientError, BotoCoreError) as error:
            if not is_expired(error):
                raise
        self._hub.installation.renew()
        return call()

    def _snapshot(self) -> Snapshot:
        unread: list[str] = []
        hub = Hub.of(self._hub.installation, warn=unread.append)
        if self._settings is not None:
            hub.settings = self._settings
        spokes, rows, has_failures = self._read(hub, unread)
        silent = {one.name for one in spokes or () if one.state is SpokeState.SILENT}
        has_series, newest = rows is not None, rows or []
        newest.reverse()
        installation = self._hub.installation
        return Snapshot(
            hub=installation.name,
            account=installation.account or "",
            region=installation.region,
            read_at=dates.now(),
            # Of very many, only one of the two lists fits into memory.
            series=[series_of(newest.pop(), silent) for _ in range(len(newest))],
            spokes=[spoke_of(one, has_failures=has_failures) for one in spokes or ()],
            descriptions=self._descriptions,
            # Both reads say the same of settings and registrations.
            unread=list(dict.fromkeys(unread)),
            options=installation.options_elsewhere if self._is_shared else installation.options,
            projects=self._projects,
            has_series=has_series,
            has_spokes=spokes is not None,
        )

    def _read(self, hub: Hub, unread: list[str]) -> tuple[Sequence[Spoke] | None, list[LatestValue] | None, bool]:
        """Return the spokes, the newest values, and whether the failures of spokes are known.

        What AWS denies is None and named in `unread`, unless it denies all of it.
        """
        spokes: Sequence[Spoke] | None = None
        rows, has_failures = None, True
        try:
            spokes = hub.spokes(projects=self._projects)
        except ClientError as error:
            denied, text = self._denied(error)
            has_failures = False
            if denied == hub.installation.table("latest"):
                spokes = hub.spokes(projects=self._projects, values=False)
                note = f"{text} Failures of spokes are not counted, and spokes are silent if their last run is old."
            else:
                note = f"{text} Failures, silent spokes, and what has nothing to report are not shown."
        try:
            rows = hub.latest(projects=self._projects, details=False, runs=spokes is not None)
        except ClientError as error:
            _, text = self._denied(error)
            if spokes is None:
                raise
            has_failures = False
            note = (
                f"{text} Values, failures and thresholds are not shown, and spokes are silent if their last run is old."
            )
        unread += [] if has_failures else [note]
        return spokes, rows, has_failures

    def _denied(self, error: ClientError) -> tuple[str, str]:
        """Return the table that AWS denies to read, and a sentence about it.

        Raises:
            ClientError: it is another error, or the snapshot has to be complete.
        """
        call = failed_call(error)
        if not (self._is_partial and is_denied(error) and call and "TableName" in call.params):
            raise error
        table = str(call.params["TableName"])
        action = f"dynamodb:{call.operation} on {table}"
        return table, f"Your credentials may not call {action}, which the hub's reader_policy_json grants."

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        """Read the numbers of seven days ago."""
        until = snapshot.read_at - _BEFORE
        keys = [(one.project, one.environment, one.metric) for one in snapshot.series if isinstance(one.value, Decimal)]
        found = self._by_metric(keys, count=1, since=until - _WITHIN, until=until)
        newest = ((key, points[-1].value) for key, points in found.items() if points)
        return {key: value for key, value in newest if isinstance(value, Decimal)}

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Read the last values of series, oldest first."""
        return self._by_series(keys, count=SPARK_POINTS)

    def sparklines(self, keys: Sequence[Key]) -> Recent:
        """Read the last values of very many series, oldest first."""
        return self.recent(keys) if len(keys) <= MAX_QUERIES else self._by_metric(keys, count=SPARK_POINTS)

    def _by_series(self, keys: Sequence[Key], **what: Any) -> dict[Key, list[Point]]:
        """Read the last values of series with one query for each."""

        def read(key: Key) -> list[Point]:
            return [Point(*one) for one in self._hub.newest(*key, **what)]

        with ThreadPoolExecutor(MAX_CONNECTIONS) as pool:
            return dict(zip(keys, pool.map(read, keys), strict=True))

    def _by_metric(self, keys: Sequence[Key], **what: Any) -> dict[Key, list[Point]]:
        """Read the last values of series with few queries for each metric, and one for each series left out."""
        metrics: dict[str, dict[str, Key]] = {}
        for key in keys:
            project, environment, metric = key
            metrics.setdefault(metric, {})[f"{project}/{environment}"] = key

        def read(metric: str) -> dict[Key, list[Point]]:
            spokes = metrics[metric]
            answer = self._hub.newest_of(metric, spokes, **what)
            return {spokes[spoke]: [Point(*one) for one in samples] for spoke, samples in answer.items()}

        found: dict[Key, list[Point]] = {}
        with ThreadPoolExecutor(MAX_CONNECTIONS) as pool:
            for one in pool.map(read, metrics):
                found.update(one)
        return found | self._by_series([key for key in keys if key not in found], **what)

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Read the values of a series in a period, oldest first."""
        project, environment, metric = key
        rows = self._hub.history(metric, since=since, until=until, projects=[project], environments=[environment])
        return [point_of(one) for one in rows if one.time is not None and one.value is not None]

    def refresh(self, metrics: Sequence[str], projects: Sequence[str], environments: Sequence[str]) -> str:
        """Request fresh values, and return the ID of the refresh."""

        def request() -> str:
            return self._hub.refresh(metrics, projects=projects, environments=environments).refresh_id

        return self._renewing(request)


def series_of(one: LatestValue, silent: set[str]) -> Series:
    """Return a row of `hub.latest()` as pages show it."""
    failure = one.failure
    return Series(
        project=one.project,
        environment=one.environment,
        metric=one.metric,
        value=one.value,
        unit=one.unit,
        time=one.time,
        state=state_of(one, silent),
        error_type=failure.error_type if failure else "",
        error_message=failure.error_message if failure else "",
        # The hub knows the last failure of a metric, and not the first.
        since=(one.time or failure.time) if failure else None,
        reason=one.nothing_to_report or "",
        account=one.account or "",
        above=one.threshold_above,
        below=one.threshold_below,
        crossed=one.threshold_since,
    )


def spoke_of(one: Spoke, *, has_failures: bool = True) -> SpokeRow:
    """Return a row of `hub.spokes()` as pages show it.

    Args:
        one: the row.
        has_failures: whether `one.failures` could be read.
    """
    schedule = one.item.get("ScheduleExpression")
    return SpokeRow(
        project=one.project,
        environment=one.environment,
        account=one.account,
        region=one.region,
        state=one.state.value,
        last_seen=one.last_seen,
        emitted=one.emitted,
        # Of a spoke that never reported, nobody knows either.
        failed=len(one.failures) if has_failures and one.item else None,
        metrics=None if one.metrics is None else len(one.metrics),
        package_version=one.package_version,
        schedule=schedule if isinstance(schedule, str) else None,
    )


def point_of(one: Value) -> Point:
    """Return a value of the history as pages show it."""
    assert one.time is not None
    assert one.value is not None
    return Point(one.time, one.value, one.breakdown, one.refresh_id or "")


def descriptions_of(manifest: Mapping[str, Any]) -> dict[str, Description]:
    """Return what a manifest's `metrics` says of each metric."""
    return {
        name: Description(
            text=entry.get("description", ""),
            family=entry.get("family", "other"),
            dimensions=entry.get("dimensions", ()),
        )
        for name, entry in manifest.items()
    }
