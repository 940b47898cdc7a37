"""A spoke without a function: metrics that do what a test says, and a bus that remembers what is put on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics import Metric, registry
from ds_dashboard.spoke import extract, put_events
from ds_dashboard.spoke.settings import ExtractSettings, MetricInstance


class ForMetric:
    """A plan that computes with the metric: `ForMetric(lambda metric: metric.arguments["n"])`."""

    def __init__(self, compute: Callable[[Metric], Any]) -> None:
        self._compute = compute

    def __call__(self, metric: Metric) -> Any:
        return self._compute(metric)


class _Probe(Metric):
    """A metric that does what `PLANS` says for its name."""

    unit = "Count"
    dimensions = ["Kind"]
    historical = True
    arguments = {"n": {"type": "integer", "default": 1}}

    def _compute_value(self) -> Any:
        plan: Any = PLANS[self.metric_name]
        return plan(self) if isinstance(plan, ForMetric) else plan()


class Probe(_Probe):
    """The only metric of these tests."""


PLANS: dict[str, Any] = {}
HUB, OTHER_HUB = "111111111111", "333333333333"


class Bus:
    """The events API of a spoke: accepts entries, or fails as `answers` says."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.requests: list[list[dict[str, Any]]] = []
        self.answers: list[Any] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        self.requests.append(Entries)
        plan = self.answers.pop(0) if self.answers else None
        if isinstance(plan, Exception):
            raise plan
        refused = plan or set()
        results: list[dict[str, Any]] = []
        for index, entry in enumerate(Entries):
            if index in refused:
                results.append({"ErrorCode": "InternalFailure", "ErrorMessage": "try again"})
            else:
                self.taken.append(entry)
                results.append({"EventId": f"e-{len(self.taken)}"})
        return {"FailedEntryCount": len(refused), "Entries": results}

    def details(self, kind: str = "metric_extractor") -> dict[str, dict[str, Any]]:
        return {
            detail.get("MetricName", ""): detail
            for entry in self.taken
            if entry["DetailType"] == kind
            for detail in [json.loads(entry["Detail"], parse_float=Decimal)]
        }


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """A bus in place of EventBridge, no pauses between retries, and `Probe` as the only metric."""
    fake = Bus()
    aws.use("events", fake)
    registry.use_index({"Probe": __name__})
    monkeypatch.setattr(registry, "load", lambda name: Probe)
    monkeypatch.setattr(put_events, "_BACKOFF_MIN", 0.0)
    PLANS.clear()
    yield fake
    aws.forget()
    registry.use_index(None)


def run(
    plans: dict[str, Any],
    *,
    refresh: Refresh | None = None,
    asked_by: str = HUB,
    recent: extract.RecentRuns | None = None,
    seconds: float = 20.0,
    at_runtime: Mapping[str, Sequence[str]] | None = None,
    historical_days: int = 400,
    event_id: str = "",
) -> dict[str, Any]:
    """Extract the metrics of `plans`, each of which its function computes."""
    PLANS.update(plans)
    settings = ExtractSettings(
        project=Project("P", "dev"),
        event_bus="bus",
        instances={name: MetricInstance("Probe", {}, at_runtime or {}) for name in plans},
        schedule_expression=None,
        historical_days=historical_days,
    )
    request = refresh or Refresh.from_detail({"RefreshId": "r"})
    remembered, deadline = recent or extract.RecentRuns(), Deadline.after(seconds)
    return extract.extract(request, asked_by, settings, remembered, deadline, event_id=event_id)


def fault(error: BaseException) -> Any:
    """Return a plan that raises an error."""

    def raise_it() -> Any:
        raise error

    return raise_it
