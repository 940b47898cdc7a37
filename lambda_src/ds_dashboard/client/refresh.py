"""A refresh: request fresh values from the spokes, and wait until they are in the tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ds_dashboard import ulid
from ds_dashboard.client.errors import HubError
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.settings import registered_account, registered_region, registered_sender
from ds_dashboard.client.spokes import Failure, current_failures
from ds_dashboard.client.tables import (
    SpokeFilter,
    parse_instant,
    project_of,
    query_project,
    scan,
    spoke_name,
)
from ds_dashboard.text import format_age
from ds_dashboard.typed_json import plain_item

# BatchGetItem accepts 100 keys.
_MAX_KEYS = 100
_POLL_MIN, _POLL_MAX = 0.2, 2.0
_NEVER = datetime.min.replace(tzinfo=UTC)


class RefreshError(HubError):
    """The hub did not accept a refresh."""


class RefreshTimeout(HubError, TimeoutError):
    """Not all values of a refresh arrived in time.

    Attributes:
        refresh: the refresh, with what has arrived. Call its `wait` again to continue.
    """

    def __init__(self, refresh: Refresh, timeout: float) -> None:
        now = datetime.now(UTC)
        missing = [
            f"{spoke} ({refresh.responses[spoke].last_report(now)}) has not responded" for spoke in refresh.missing
        ]
        incomplete = [
            f"{spoke} has responded, and {response.arrived} of {response.emitted} of its values and failures have "
            "arrived"
            for spoke, response in refresh.responses.items()
            if spoke in refresh.incomplete
        ]
        super().__init__(
            f"refresh {refresh.refresh_id}",
            f"is not complete after {timeout:.0f} s.",
            "Values that arrive later are archived all the same. If none arrive: ds-dashboard spokes, rejected, "
            "dead-letters and doctor show why.",
            (*missing, *incomplete),
        )
        self.refresh = refresh


@dataclass(slots=True)
class Response:
    """The response of one spoke to a refresh.

    Attributes:
        account: the registered account ID; None if the caller may not read it.
        region: the registered region, if it is not the hub's own.
        last_seen: when the spoke's last extraction ended before the refresh, in UTC.
        run: the run event of its extraction, as the spokes table has it; None until it has arrived.
        arrived: number of its values and failures that are in the tables.
        failures: the metrics that failed in this refresh.
        nothing_to_report: metric -> the reason why it has no value to report in this refresh.
    """

    account: str | None = None
    region: str | None = None
    last_seen: datetime | None = None
    run: Mapping[str, Any] | None = None
    arrived: int = 0
    failures: list[Failure] = field(default_factory=list)
    nothing_to_report: Mapping[str, str] = field(default_factory=dict)

    @property
    def emitted(self) -> int:
        """Number of values and failures that the spoke has emitted."""
        return _count_emitted(self.run) if self.run else 0

    @property
    def complete(self) -> bool:
        """Whether everything that the spoke has emitted has arrived."""
        return self.run is not None and self.arrived >= self.emitted

    def last_report(self, now: datetime) -> str:
        """Describe the spoke's account, its region unless it is the hub's, and when it was last seen."""
        account = f"account {self.account}" + (f" in {self.region}" if self.region else "") if self.account else ""
        return (f"{account}, " if account else "") + (
            "never seen" if self.last_seen is None else f"last seen {format_age(now - self.last_seen)} ago"
        )


class Refresh:
    """A refresh that the hub has accepted.

    Attributes:
        refresh_id: identifies the refresh in every value, failure and run event that responds to it.
        event_id: identifies the event on the hub's bus.
        responses: spoke -> its response. Empty until `wait` is called.
    """

    def __init__(
        self,
        installation: Installation,
        answer: Mapping[str, Any],
        spoke_filter: SpokeFilter,
        registered: Mapping[str, str] | None,
        *,
        exact: bool = False,
    ) -> None:
        """Remember what was requested, and how the hub answered.

        Args:
            installation: the hub.
            answer: `RefreshId` and `EventId`, as the refresh function returned them.
            spoke_filter: the spokes that are requested.
            registered: `<ProjectName>/<Environment>` -> account ID or bus ARN; None if the caller may not read it.
            exact: whether a later run of all metrics is no response, because it has other arguments.
        """
        self._exact = exact
        self.refresh_id, self.event_id = str(answer["RefreshId"]), str(answer["EventId"])
        self.responses: dict[str, Response] = {}
        self._installation, self._filter, self._registered = installation, spoke_filter, registered

    def __repr__(self) -> str:
        return f"Refresh({self.refresh_id!r})"

    @property
    def missing(self) -> list[str]:
        """The spokes that have not responded: the hub has no run event of theirs."""
        return [spoke for spoke, response in self.responses.items() if response.run is None]

    @property
    def incomplete(self) -> list[str]:
        """The spokes that have responded, with values that have not arrived yet."""
        return [
            spoke for spoke, response in self.responses.items() if response.run is not None and not response.complete
        ]

    @property
    def failures(self) -> list[Failure]:
        """The metrics that failed in this refresh."""
        return [failure for response in self.responses.values() for failure in response.failures]

    def wait(self, timeout: float = 300.0, progress: Callable[[Refresh], None] | None = None) -> Refresh:
        """Wait until every requested spoke has responded and its values are in the tables.

        Args:
            timeout: seconds to wait at most.
            progress: receives this refresh each time that the tables were read.

        Returns:
            This refresh.

        Raises:
            RefreshTimeout: a spoke has not responded, or some of its values have not arrived.
            botocore.exceptions.ClientError: AWS denied a call, for example without `dynamodb:BatchGetItem`.
        """
        if not self.responses:
            self.responses = {spoke: self._response(spoke) for spoke in self._requested_spokes()}
        end, pause = time.monotonic() + timeout, _POLL_MIN
        while True:
            self._poll()
            if progress:
                progress(self)
            if not self.missing and not self.incomplete:
                return self
            left = end - time.monotonic()
            if left <= 0:
                raise RefreshTimeout(self, timeout)
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _POLL_MAX)

    @property
    def nothing_to_report(self) -> list[tuple[str, str, str]]:
        """Spoke, metric and reason of each metric that had no value to report in this refresh."""
        return [
            (spoke, metric, reason)
            for spoke, response in self.responses.items()
            for metric, reason in response.nothing_to_report.items()
        ]

    def _requested_spokes(self) -> list[str]:
        spokes = list(self._registered) if self._registered is not None else reporting_spokes(self._installation)
        return [spoke for spoke in spokes if self._filter.matches(spoke)]

    def _response(self, spoke: str) -> Response:
        if not self._registered:
            return Response()
        value, here = self._registered[spoke], self._installation.region
        region = registered_region(value)
        return Response(account=registered_account(value), region=None if region == here else region)

    def _poll(self) -> None:
        for item in spoke_items(self._installation, [*self.missing, *self.incomplete]):
            spoke = spoke_name(item)
            response = self.responses[spoke]
            response.last_seen = parse_instant(item.get("LastSeen"))
            if response.run is None:
                response.run = self._run_of(spoke, item)
            if response.run is not None:
                self._read_outcomes(spoke, response, response.run, item)

    def _run_of(self, spoke: str, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the run that responds to this refresh, if a spoke's item has it."""
        return item if self._is_response(spoke, item) else None

    def _read_outcomes(self, spoke: str, response: Response, run: Mapping[str, Any], item: Mapping[str, Any]) -> None:
        """Read the failures of a run, what has nothing to report, and how many values have arrived."""
        started = parse_instant(run.get("StartedAt")) or self._requested_at
        response.failures = [one for one in current_failures(item, {}) if self._belongs(one, started)]
        response.nothing_to_report = _reasons_of(run)
        response.arrived = len(response.failures) + self._count_values(spoke, run, started)

    @property
    def _requested_at(self) -> datetime:
        return ulid.time_of(self.refresh_id)

    def _is_response(self, spoke: str, run: Mapping[str, Any]) -> bool:
        if "LastRefreshId" not in run:
            return False
        if self._registered is not None:
            sender = registered_sender(self._registered[spoke], self._installation.region)
            if sender is not None and sender != (run.get("AccountId"), run.get("Region")):
                # The spoke has moved, and the table still has a run of the account or region from which it came.
                return False
        if run["LastRefreshId"] == self.refresh_id:
            return True
        # The table has the last run only. A later run replaces the response if it computed all metrics after the
        # refresh was requested.
        started = parse_instant(run.get("StartedAt"))
        computed = _count_emitted(run) + len(_reasons_of(run))
        is_later = started is not None and started >= self._requested_at
        return not self._exact and is_later and computed >= len(run.get("Metrics", ()))

    def _belongs(self, failure: Failure, started: datetime) -> bool:
        return failure.refresh_id == self.refresh_id or (failure.time is not None and failure.time >= started)

    def _count_values(self, spoke: str, run: Mapping[str, Any], started: datetime) -> int:
        if not run.get("Emitted"):
            return 0
        items = query_project(
            self._installation.client("dynamodb"),
            self._installation.table("latest"),
            project_of(spoke),
            "RefreshId, ExtractionDate",
            ConsistentRead=True,
        )
        return sum(
            item.get("RefreshId") == self.refresh_id or (parse_instant(item.get("ExtractionDate")) or _NEVER) >= started
            for item in items
        )


def _count_emitted(run: Mapping[str, Any]) -> int:
    return int(run.get("Emitted", 0)) + int(run.get("Failed", 0))


def _reasons_of(run: Mapping[str, Any]) -> dict[str, str]:
    """Return what a run has found without anything to report; the spoke's item also has what earlier runs have."""
    reasons, began = run.get("NothingToReport", {}), run.get("NothingToReportAt", {})
    started = parse_instant(run.get("StartedAt"))
    return {
        metric: reason for metric, reason in reasons.items() if started and parse_instant(began.get(metric)) == started
    }


def spoke_items(installation: Installation, spokes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the items of spokes, without odd attributes; a spoke that has sent no run event and no failure has none."""
    dynamodb, table = installation.client("dynamodb"), installation.table("spokes")
    for start in range(0, len(spokes), _MAX_KEYS):
        keys = [{"Project": {"S": project_of(spoke).key}} for spoke in spokes[start : start + _MAX_KEYS]]
        requests: dict[str, Any] = {table: {"Keys": keys, "ConsistentRead": True}}
        # What does not fit into one answer comes back as unprocessed.
        while requests:
            answer = dynamodb.batch_get_item(RequestItems=requests)
            found = answer["Responses"].get(table, ())
            yield from (OddAttributes().removed_from(plain_item(item)) for item in found)
            requests = answer.get("UnprocessedKeys") or {}


def reporting_spokes(installation: Installation) -> list[str]:
    """Return the spokes that have sent a run event or a failure, sorted."""
    items = scan(
        installation.client("dynamodb"),
        installation.table("spokes"),
        ProjectionExpression="#project",
        ExpressionAttributeNames={"#project": "Project"},
    )
    return sorted(spoke_name(item) for item in items)
