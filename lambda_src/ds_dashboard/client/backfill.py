"""A backfill: values of past instants, requested one instant after the other until the history has them all.

A plan says which values are missing. Running it asks each spoke for one instant at a time, the newest first. What the
history has is not requested, so a backfill that was interrupted continues if it is planned again.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ds_dashboard.client.as_of import instants_with_values
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.refresh import Refresh, RefreshError, RefreshTimeout
from ds_dashboard.client.request import Request, check_metrics, check_registered, deployed_metrics, send
from ds_dashboard.client.spokes import Failure
from ds_dashboard.client.tables import SpokeFilter, project_of

# A Monday at midnight, from which instants are counted.
_ANCHOR = datetime(2001, 1, 1, tzinfo=UTC)
_MIN_EVERY, _MAX_INSTANTS = timedelta(minutes=1), 10_000
# Within the connections of one client.
_MAX_CALLS = 8
# A metric that fails this often one after the other, and a spoke that does not respond this often, is left out.
_MAX_FAILURES, _MAX_TIMEOUTS = 3, 2
# The spoke does not compute the metric for this or any older instant.
_NOT_SUPPORTED = "AsOfNotSupported"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(T[0-9:.]+Z)?")


@dataclass(slots=True)
class Cause:
    """Why values are missing, once for all instants.

    Attributes:
        failure: the first failure with this cause.
        spokes: the spokes that failed so.
        count: the number of values that are missing for it.
    """

    failure: Failure
    spokes: set[str] = field(default_factory=set)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What the values of a metric cost in a backfill.

    Attributes:
        metric: the metric.
        values: how many values are requested.
        calls: the API calls of one value, in words; empty if they are not known.
        usd: what AWS charges for the calls of all values; None if it is not known.
    """

    metric: str
    values: int
    calls: str
    usd: Decimal | None


@dataclass(slots=True)
class Backfill:
    """A planned backfill, and what has come of it so far.

    Attributes:
        missing: instant -> spoke -> the metrics without a value, the newest instant first.
        present: the number of values that the history has already.
        instants: the number of instants in the period.
        done: the number of instants that are done.
        arrived: the number of values that have arrived.
        nothing_to_report: the number of values that do not exist: the metric had nothing to report.
        failed: the number of values that could not be computed.
        causes: why, one entry for each cause.
        skipped: spoke and metric -> the number of older values that were not requested, because those before failed or
            nobody responded.
        unanswered: spoke -> the number of instants to which it has not responded in time.
        current: the instant that is requested now.
    """

    missing: dict[datetime, dict[str, tuple[str, ...]]]
    present: int
    instants: int
    costs: tuple[Cost, ...]
    _installation: Installation = field(repr=False)
    _registered: Mapping[str, str] | None = field(repr=False)
    done: int = 0
    arrived: int = 0
    nothing_to_report: int = 0
    failed: int = 0
    causes: dict[tuple[str, str, str], Cause] = field(default_factory=dict)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    current: datetime | None = None
    _left_out: set[tuple[str, str]] = field(default_factory=set, repr=False)
    _failures: Counter[tuple[str, str]] = field(default_factory=Counter, repr=False)
    _timeouts: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def values(self) -> int:
        """The number of values that are missing."""
        return sum(len(metrics) for spokes in self.missing.values() for metrics in spokes.values())

    @property
    def refreshes(self) -> int:
        """The number of refreshes that request them."""
        return sum(len(list(_requests(instant, spokes))) for instant, spokes in self.missing.items())

    @property
    def usd(self) -> Decimal:
        """What AWS charges for the calls of metrics whose cost is known."""
        return sum((cost.usd for cost in self.costs if cost.usd is not None), Decimal(0))

    @property
    def complete(self) -> bool:
        """Whether nothing has failed, and every spoke has responded to everything."""
        return not self.failed and not self.unanswered

    def run(
        self, *, pause: float = 0.0, timeout: float = 300.0, progress: Callable[[Backfill], None] | None = None
    ) -> Backfill:
        """Request what is missing, and wait for it.

        Args:
            pause: seconds between two instants.
            timeout: seconds to wait at most for the responses to an instant. A spoke that does not respond to two
                instants one after the other is left out.
            progress: receives this backfill whenever something has arrived.

        Returns:
            This backfill.

        Raises:
            RefreshError: the hub's refresh function failed.
        """
        show = progress or (lambda _: None)
        for number, (instant, spokes) in enumerate(self.missing.items()):
            requests = list(_requests(instant, self._remaining(spokes)))
            if requests:
                self.current = instant
                show(self)
                if number and pause:
                    time.sleep(pause)
                self._request(requests, timeout)
            self.done += 1
            show(self)
        self.current = None
        return self

    def _remaining(self, spokes: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return what is requested of an instant, and count what is skipped."""
        pairs = [(spoke, metric) for spoke, metrics in spokes.items() for metric in metrics]
        self.skipped.update(pair for pair in pairs if pair in self._left_out)
        left = {
            spoke: tuple(metric for metric in metrics if (spoke, metric) not in self._left_out)
            for spoke, metrics in spokes.items()
        }
        return {spoke: metrics for spoke, metrics in left.items() if metrics}

    def _request(self, requests: Sequence[Request], timeout: float) -> None:
        """Request an instant from all spokes that miss values of it, and count what comes of it."""
        sent = [(request, send(self._installation, self._registered, request)) for request in requests]
        end = time.monotonic() + timeout
        for request, refresh in sent:
            with contextlib.suppress(RefreshTimeout):
                refresh.wait(max(0.0, end - time.monotonic()))
            self._count(request, refresh)

    def _count(self, request: Request, refresh: Refresh) -> None:
        for spoke, response in refresh.responses.items():
            self.arrived += response.arrived - len(response.failures)
            self.nothing_to_report += len(response.nothing_to_report)
            if response.complete:
                self._timeouts[spoke] = 0
            else:
                self._timeouts[spoke] += 1
                self.unanswered[spoke] += 1
                if self._timeouts[spoke] >= _MAX_TIMEOUTS:
                    self._left_out.update((spoke, metric) for metric in request.metrics)
            for failure in response.failures:
                self._count_failure(spoke, failure)
            failed = {failure.metric for failure in response.failures}
            for metric in set(request.metrics) - failed:
                self._failures[spoke, metric] = 0

    def _count_failure(self, spoke: str, failure: Failure) -> None:
        self.failed += 1
        # Messages of one cause differ by the instants in them.
        key = (failure.metric, failure.error_type, _INSTANT.sub("", failure.error_message))
        cause = self.causes.setdefault(key, Cause(failure))
        cause.spokes.add(spoke)
        cause.count += 1
        self._failures[spoke, failure.metric] += 1
        if failure.error_type == _NOT_SUPPORTED or self._failures[spoke, failure.metric] >= _MAX_FAILURES:
            self._left_out.add((spoke, failure.metric))


def plan(
    installation: Installation,
    registered: Mapping[str, str] | None,
    spoke_filter: SpokeFilter,
    metrics: Sequence[str],
    instants: Sequence[datetime],
    manifest: Mapping[str, Any],
    warn: Callable[[str], None],
) -> Backfill:
    """Find out which values the history lacks.

    Args:
        installation: the hub.
        registered: `<ProjectName>/<Environment>` -> account ID or bus ARN; None if the caller may not read it.
        spoke_filter: the spokes.
        metrics: the metrics.
        instants: the instants, the oldest first.
        manifest: metric -> its entry in a manifest, with `historical` and `cost`; the spokes know the others.
        warn: receives a sentence for each metric that only some spokes have.

    Raises:
        RefreshError: no registered spoke matches or has a metric, or a metric is not historical.
    """
    if registered is not None:
        check_registered(installation, registered, spoke_filter)
    _check_historical(metrics, manifest)
    deployed = deployed_metrics(installation, registered, spoke_filter, warn)
    check_metrics(metrics, deployed, warn)
    wanted = [
        (spoke, metric) for spoke, names in deployed.items() for metric in metrics if names is None or metric in names
    ]

    def missing_of(pair: tuple[str, str]) -> list[datetime]:
        spoke, metric = pair
        found = instants_with_values(installation, project_of(spoke), metric, instants[0], instants[-1])
        return [instant for instant in instants if instant not in found]

    missing: dict[datetime, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    values: Counter[str] = Counter()
    with ThreadPoolExecutor(_MAX_CALLS) as pool:
        for (spoke, metric), lacking in zip(wanted, pool.map(missing_of, wanted), strict=True):
            values[metric] += len(lacking)
            for instant in lacking:
                missing[instant][spoke].append(metric)
    newest_first = sorted(missing, reverse=True)
    return Backfill(
        missing={
            instant: {spoke: tuple(names) for spoke, names in missing[instant].items()} for instant in newest_first
        },
        present=len(wanted) * len(instants) - values.total(),
        instants=len(instants),
        costs=tuple(_cost(metric, values[metric], manifest.get(metric, {})) for metric in metrics),
        _installation=installation,
        _registered=registered,
    )


def aligned_instants(since: datetime, until: datetime, every: timedelta) -> list[datetime]:
    """Return the instants of a period, which begin with a Monday at midnight in UTC: of whole days, each midnight.

    Args:
        since: the start of the period.
        until: its end, which does not belong to it.
        every: the time between two instants.

    Raises:
        ValueError: `every` is shorter than a minute, or the period has no instant or more than 10,000.
    """
    if every < _MIN_EVERY:
        raise ValueError("the time between two instants is at least a minute")
    first, count = -((_ANCHOR - since) // every), -((since - until) // every)
    if count > _MAX_INSTANTS + 1:
        raise ValueError(f"the period has {count:,} instants, and at most {_MAX_INSTANTS:,} are possible at once")
    instants = [instant for number in range(count + 1) if (instant := _ANCHOR + (first + number) * every) < until]
    if not instants:
        raise ValueError("the period has no instant: begin earlier, or choose a shorter time between two instants")
    return instants


def _check_historical(metrics: Sequence[str], manifest: Mapping[str, Any]) -> None:
    wrong = [name for name in metrics if name in manifest and not manifest[name].get("historical")]
    if wrong:
        names = sorted(name for name, entry in manifest.items() if entry.get("historical"))
        raise RefreshError(
            f"metric {', '.join(wrong)}",
            "cannot be computed for past instants: it reads what there is now.",
            f"Historical metrics are: {', '.join(names) or 'none of this package'}.",
        )


def _cost(metric: str, values: int, entry: Mapping[str, Any]) -> Cost:
    cost = entry.get("cost") or {}
    usd = cost.get("usd")
    return Cost(metric, values, str(cost.get("calls") or ""), None if usd is None else Decimal(str(usd)) * values)


def _requests(instant: datetime, spokes: Mapping[str, tuple[str, ...]]) -> Iterator[Request]:
    """Yield refreshes that request from each spoke the metrics that it misses, and nothing from any other.

    A refresh names projects and environments, and reaches all spokes with one of each. So the projects that miss the
    same metrics in the same environments share one.
    """
    environments: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for spoke, metrics in spokes.items():
        project = project_of(spoke)
        environments[metrics, project.name].append(project.environment)
    projects: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (metrics, project_name), names in environments.items():
        projects[metrics, tuple(sorted(names))].append(project_name)
    for (metrics, names_), project_names in projects.items():
        yield Request(SpokeFilter(tuple(project_names), names_), metrics, as_of=instant)
