"""One extraction of a spoke: compute the requested metrics, each on its own, and put the outcomes on the bus."""

from __future__ import annotations

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import botocore

from ds_dashboard import __version__ as package_version
from ds_dashboard import aws, canonical_json, dates, event
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Location
from ds_dashboard.metrics import NothingToReport
from ds_dashboard.metrics.run import Run as MetricsRun
from ds_dashboard.spoke import outcome, put_events, requests
from ds_dashboard.spoke.outcome import Computed, Failed, Nothing, Series
from ds_dashboard.spoke.requests import Task
from ds_dashboard.spoke.settings import ExtractSettings

log = logging.getLogger(__name__)

SCHEDULE = "schedule"
# EventBridge and Scheduler deliver a request again for an hour (`maximum_event_age_in_seconds` in modules/spoke).
_RETRY_SECONDS = 3600.0
# Time to serialize and emit what was computed: at most ten seconds, and less for functions with a short timeout.
_RESERVE_SECONDS = 10.0
_RESERVE_SHARE = 0.2


class Run(NamedTuple):
    """The events of an extraction, serialized once: a redelivered request emits the same bytes.

    Attributes:
        entries: the entries of PutEvents, without the bus. The run event is the last.
        names: the metrics of all entries but the last, in the same order.
        failed: the number of metrics that failed.
    """

    entries: Sequence[dict[str, str]]
    names: Sequence[str]
    failed: int


class Request(NamedTuple):
    """A request for an extraction, which is the same each time it is delivered.

    Attributes:
        asked_by: the account that EventBridge names as the sender; `SCHEDULE` for the spoke's own schedule. Neither can
            be chosen, while whoever may send refreshes chooses their IDs, and those of schedules are predictable.
        detail: the canonical JSON of the refresh.
        event_id: tells requests as of one instant apart, which all have the same ID; empty for others. A redelivery
            keeps it, and who asks again gets what holds then.
    """

    asked_by: str
    detail: str
    event_id: str = ""


class RecentRuns:
    """The latest runs of this execution environment, by request. EventBridge may deliver a request several times.

    If there are too many runs, those of the account that has the most go first, so that no account displaces others'.

    Args:
        max_runs: how many runs to remember.
        max_bytes: how many bytes of details to remember, except that the latest run is always remembered.
        seconds: how long to remember a run.
        clock: the time in seconds. It must also pass while the environment is frozen.
    """

    def __init__(
        self,
        max_runs: int = 64,
        max_bytes: int = 16 * 1024 * 1024,
        seconds: float = _RETRY_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._runs: OrderedDict[Request, tuple[float, Run]] = OrderedDict()
        self._max_runs, self._max_bytes, self._seconds, self._clock = max_runs, max_bytes, seconds, clock

    def get(self, request: Request) -> Run | None:
        """Return the run that answered a request, if it is still remembered."""
        self._forget_old()
        found = self._runs.get(request)
        return None if found is None else found[1]

    def add(self, request: Request, run: Run) -> None:
        """Remember a run, and forget others that exceed the limits."""
        self._forget_old()
        self._runs[request] = self._clock(), run
        while len(self._runs) > self._max_runs:
            self._forget_one(Counter(one.asked_by for one in self._runs), request)
        while len(self._runs) > 1 and (sizes := self._sizes()).total() > self._max_bytes:
            self._forget_one(sizes, request)

    def _forget_old(self) -> None:
        oldest = self._clock() - self._seconds
        for request in [request for request, (at, _) in self._runs.items() if at <= oldest]:
            del self._runs[request]

    def _forget_one(self, shares: Counter[str], latest: Request) -> None:
        """Forget the oldest run of the account with the largest share, but not the latest run."""
        for asked_by, _ in shares.most_common():
            for request in self._runs:
                if request.asked_by == asked_by and request != latest:
                    del self._runs[request]
                    return

    def _sizes(self) -> Counter[str]:
        sizes: Counter[str] = Counter()
        for request, (_, run) in self._runs.items():
            sizes[request.asked_by] += sum(len(entry["Detail"]) for entry in run.entries)
        return sizes


def extract(
    refresh: Refresh,
    asked_by: str,
    settings: ExtractSettings,
    recent: RecentRuns,
    deadline: Deadline,
    location: Location | None = None,
    event_id: str = "",
) -> dict[str, Any]:
    """Compute the requested metrics, put their events on the spoke's bus, and log them.

    Args:
        refresh: the request. If it does not match the spoke's project and environment, nothing happens.
        asked_by: who sent the request, see `Request`.
        settings: the spoke's project, bus and metrics.
        recent: the runs that answered earlier requests.
        deadline: the end of the function's time.
        location: where the function runs; None if it is not known without a call.
        event_id: the ID of the refresh event; empty for the schedule.

    Returns:
        `RefreshId`, and the numbers of metrics that were `Emitted` and that `Failed`.

    Raises:
        put_events.NotEmitted: the bus did not accept the events. The request becomes a dead letter of the function.
    """
    summary: dict[str, Any] = {"RefreshId": refresh.refresh_id, "Emitted": 0, "Failed": 0}
    if not refresh.matches(settings.project):
        log.info("refresh does not match this spoke", extra={"event": "not_asked", "RefreshId": refresh.refresh_id})
        return summary
    request = Request(asked_by, refresh.detail(), event_id if refresh.as_of is not None else "")
    run = recent.get(request)
    if run is None:
        run = _run(refresh, settings, deadline, location)
        recent.add(request, run)
    else:
        log.info("refresh redelivered", extra={"event": "delivered_again", "RefreshId": refresh.refresh_id})
    event_ids = put_events.put(settings.event_bus, run.entries, deadline.less(1.0))
    _report(run, event_ids, refresh)
    return {**summary, "Emitted": len(run.names) - run.failed, "Failed": run.failed}


def _run(refresh: Refresh, settings: ExtractSettings, deadline: Deadline, location: Location | None) -> Run:
    started = dates.now()
    shared = MetricsRun(refresh.as_of or started, location, as_of=refresh.as_of is not None)
    tasks = requests.chosen(refresh, settings, started)
    outcomes = _compute_all(tasks, shared, deadline)
    entries, nothing = [], {}
    for name, (task, result) in outcomes.items():
        if isinstance(result, Nothing):
            nothing[name] = result.reason
        else:
            series = Series(name, settings.project, refresh, shared.instant, task.requested)
            entries.append(outcome.entry(result, series))
    failed = sum(entry["DetailType"] == event.Kind.FAILURE.value for entry in entries)
    run_detail = {
        "RefreshId": refresh.refresh_id,
        "ProjectName": settings.project.name,
        "Environment": settings.project.environment,
        "StartedAt": dates.format_instant(started),
        "FinishedAt": dates.format_instant(dates.now()),
        "Emitted": len(entries) - failed,
        "Failed": failed,
        "Metrics": list(settings.instances),
        "ScheduleExpression": settings.schedule_expression,
        "PackageVersion": package_version,
        "BotoVersion": botocore.__version__,
    }
    if nothing:
        run_detail["NothingToReport"] = nothing
    if refresh.as_of is not None:
        run_detail["AsOf"] = dates.format_instant(refresh.as_of)
    run_entry = {
        "Source": event.SOURCE,
        "DetailType": event.Kind.RUN.value,
        "Detail": canonical_json.deliverable(canonical_json.dumps(run_detail)),
    }
    return Run(entries=[*entries, run_entry], names=[name for name in outcomes if name not in nothing], failed=failed)


def _compute_all(
    tasks: Mapping[str, Task], shared: MetricsRun, deadline: Deadline
) -> dict[str, tuple[Task, Computed | Failed | Nothing]]:
    """Compute metrics in parallel, because they wait for APIs. Metrics that are not done in time fail."""
    if not tasks:
        return {}
    # Not in a `with` block: leaving it would wait for a metric that hangs.
    pool = ThreadPoolExecutor(max_workers=min(len(tasks), aws.MAX_CONNECTIONS), thread_name_prefix="metric")
    reserve = min(_RESERVE_SECONDS, _RESERVE_SHARE * deadline.remaining())
    budget = max(0.0, deadline.less(reserve).remaining())
    futures = {name: pool.submit(_compute, name, task, shared) for name, task in tasks.items()}
    done, _ = wait(futures.values(), timeout=budget)
    pool.shutdown(wait=False, cancel_futures=True)
    activities = shared.end()
    return {
        name: (tasks[name], future.result() if future in done else _late(name, activities.get(name, ""), budget))
        for name, future in futures.items()
    }


def _late(name: str, activity: str, seconds: float) -> Failed:
    return Failed(
        outcome.OUT_OF_TIME,
        f"{name} was not done after {seconds:.0f} s{f': it was reading {activity}' if activity else ''}. "
        "Raise the spoke's timeout_seconds (up to 900), or choose fewer metrics, or one that reads less.",
    )


def _compute(name: str, task: Task, shared: MetricsRun) -> Computed | Failed | Nothing:
    started = time.perf_counter()
    try:
        with shared.compute(name):
            metric = task.create()
            metric.join(shared)
            return outcome.computed(metric._compute_value(), unit=metric.unit, metadata=metric.metadata)
    except NothingToReport as error:
        log.info("nothing to report", extra={"event": "nothing_to_report", "MetricName": name, "reason": error.reason})
        return outcome.explain(name, error)
    except BaseException as error:  # noqa: BLE001 - a metric may raise anything, also SystemExit, and fails alone
        return _failed(name, error, time.perf_counter() - started)


def _failed(name: str, error: BaseException, seconds: float) -> Failed | Nothing:
    try:
        log.warning(
            "metric failed",
            extra={"event": "metric_failed", "MetricName": name, "seconds": round(seconds, 3)},
            exc_info=error,
        )
        return outcome.explain(name, error)
    except Exception:  # noqa: BLE001 - an exception of a metric may itself raise when it is formatted
        return Failed(type(error).__name__, f"{name} failed with an error that raises when it is formatted")


def _report(run: Run, event_ids: Sequence[str], refresh: Refresh) -> None:
    """Log one line for each metric, with the event ID by which its value can be found in the hub's tables."""
    for name, entry, event_id in zip(run.names, run.entries, event_ids, strict=False):
        log.info(
            "metric emitted",
            extra={
                "event": entry["DetailType"],
                "MetricName": name,
                "EventId": event_id,
                "RefreshId": refresh.refresh_id,
            },
        )
    log.info(
        "run ended",
        extra={
            "event": event.Kind.RUN.value,
            "EventId": event_ids[-1],
            "RefreshId": refresh.refresh_id,
            "Emitted": len(run.names) - run.failed,
            "Failed": run.failed,
        },
    )
