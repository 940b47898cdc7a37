"""One extraction of a spoke: compute the metrics asked for, each on its own, and tell the hub of every one."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import botocore

from ds_dashboard import __version__ as package_version
from ds_dashboard import canonical_json, dates, event
from ds_dashboard.metrics import registry
from ds_dashboard.refresh import Refresh
from ds_dashboard.spoke import emission, outcome
from ds_dashboard.spoke.outcome import Computed, Failed
from ds_dashboard.spoke.settings import Instance, Settings

log = logging.getLogger(__name__)

_MOST_THREADS = 32
# Kept back from the function's time, to serialize and to emit what there is.
_RESERVE_SECONDS = 10.0
_RESERVE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Run:
    """An extraction's answers, serialized once: the same request delivered again emits the same bytes.

    Attributes:
        entries: of PutEvents, without the bus; the run event comes last.
        names: the metrics of all entries but the last, in their order.
    """

    entries: Sequence[dict[str, str]]
    names: Sequence[str]
    failed: int


class RecentRuns:
    """The latest runs of this execution environment, by request. EventBridge delivers at least once."""

    def __init__(self, most: int = 64, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._most, self._most_bytes = most, most_bytes

    def get(self, request: str) -> Run | None:
        """The run that answered `request`, if it is still known."""
        return self._runs.get(request)

    def keep(self, request: str, run: Run) -> None:
        """Remember `run`, and forget the oldest ones past the limits."""
        self._runs[request] = run
        while len(self._runs) > self._most or (len(self._runs) > 1 and self._bytes() > self._most_bytes):
            self._runs.popitem(last=False)

    def _bytes(self) -> int:
        return sum(len(entry["Detail"]) for run in self._runs.values() for entry in run.entries)


def extract(
    refresh: Refresh, settings: Settings, recent: RecentRuns, seconds_left: Callable[[], float]
) -> dict[str, Any]:
    """Answer `refresh`: compute, emit, log. Returns the counts `Emitted` and `Failed` beside the `RefreshId`.

    Args:
        seconds_left: what is left of the function's time, in seconds.

    Raises:
        emission.NotEmitted: the bus did not take the events; the request goes to the function's dead letters.
    """
    summary: dict[str, Any] = {"RefreshId": refresh.refresh_id, "Emitted": 0, "Failed": 0}
    if not refresh.asks(settings.project_name, settings.environment):
        log.info("not asked", extra={"event": "not_asked", "RefreshId": refresh.refresh_id})
        return summary
    request = refresh.detail()
    run = recent.get(request)
    if run is None:
        run = _run(refresh, settings, seconds_left)
        recent.keep(request, run)
    else:
        log.info("delivered again", extra={"event": "delivered_again", "RefreshId": refresh.refresh_id})
    event_ids = emission.put(settings.event_bus, run.entries, lambda: seconds_left() - 1.0)
    _report(run, event_ids, refresh)
    return {**summary, "Emitted": len(run.names) - run.failed, "Failed": run.failed}


def _run(refresh: Refresh, settings: Settings, seconds_left: Callable[[], float]) -> Run:
    started = dates.now()
    chosen = {
        name: instance
        for name, instance in settings.instances.items()
        if refresh.metrics is None or name in refresh.metrics
    }
    outcomes = _compute_all(chosen, settings, seconds_left)
    entries = [
        outcome.entry(
            result,
            name=name,
            project_name=settings.project_name,
            environment=settings.environment,
            refresh=refresh,
        )
        for name, result in outcomes.items()
    ]
    failed = sum(entry["DetailType"] == event.Kind.FAILURE.value for entry in entries)
    closing = {
        "RefreshId": refresh.refresh_id,
        "ProjectName": settings.project_name,
        "Environment": settings.environment,
        "StartedAt": dates.format_instant(started),
        "FinishedAt": dates.format_instant(dates.now()),
        "Emitted": len(entries) - failed,
        "Failed": failed,
        "Metrics": list(settings.instances),
        "ScheduleExpression": settings.schedule_expression,
        "PackageVersion": package_version,
        "BotoVersion": botocore.__version__,
    }
    run_entry = {
        "Source": event.SOURCE,
        "DetailType": event.Kind.RUN.value,
        "Detail": canonical_json.dumps(closing),
    }
    return Run(entries=[*entries, run_entry], names=list(outcomes), failed=failed)


def _compute_all(
    chosen: dict[str, Instance], settings: Settings, seconds_left: Callable[[], float]
) -> dict[str, Computed | Failed]:
    """Compute concurrently, since metrics wait for APIs; what is not done in time fails and holds nothing up."""
    if not chosen:
        return {}
    # No `with`: leaving it would wait for a metric that hangs.
    pool = ThreadPoolExecutor(max_workers=min(len(chosen), _MOST_THREADS), thread_name_prefix="metric")
    budget = max(0.0, seconds_left() - min(_RESERVE_SECONDS, _RESERVE_SHARE * seconds_left()))
    futures: dict[str, Future[Computed | Failed]] = {
        name: pool.submit(_compute, name, instance, settings) for name, instance in chosen.items()
    }
    done, _ = wait(futures.values(), timeout=budget)
    pool.shutdown(wait=False, cancel_futures=True)
    late = "was not done after {:.0f} s: raise the spoke's timeout_seconds, or choose fewer metrics"
    return {
        name: future.result() if future in done else Failed("MetricOutOfTime", f"{name} {late.format(budget)}")
        for name, future in futures.items()
    }


def _compute(name: str, instance: Instance, settings: Settings) -> Computed | Failed:
    begun = time.perf_counter()
    try:
        metric = registry.create(
            name, instance.class_name, instance.arguments, settings.project_name, settings.environment
        )
        return outcome.computed(metric._compute_value(), unit=metric.unit, metadata=metric.metadata)
    except BaseException as error:  # noqa: BLE001 - an author may raise anything, SystemExit too; each metric fails alone
        return _failed(name, error, time.perf_counter() - begun)


def _failed(name: str, error: BaseException, seconds: float) -> Failed:
    try:
        log.warning(
            "metric failed",
            extra={"event": "metric_failed", "MetricName": name, "seconds": round(seconds, 3)},
            exc_info=error,
        )
        return outcome.explain(name, error)
    except Exception:  # noqa: BLE001 - an author's exception may raise while it is told
        return Failed(type(error).__name__, f"{name} failed with an error that raises when it is read")


def _report(run: Run, event_ids: Sequence[str], refresh: Refresh) -> None:
    """One line a metric, with the ids by which its value can be followed into the hub's tables."""
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
