"""One extraction: each metric on its own, each told to the hub, none lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics import Metric, registry
from ds_dashboard.settings import ExtractSettings, MetricInstance
from ds_dashboard.spoke import extract, put_events


class _Probe(Metric):
    """A metric that does what the test says."""

    unit = "Count"

    def _compute_value(self) -> Any:
        return PLANS[self.metric_name]()


class Probe(_Probe):
    """See its base."""


PLANS: dict[str, Any] = {}


class Bus:
    """The events API of a spoke: takes entries, or answers as told."""

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
    """A bus in place of EventBridge, no pauses between tries, and the probe as the only metric."""
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
    recent: extract.RecentRuns | None = None,
    seconds: float = 20.0,
) -> dict[str, Any]:
    """Extract the metrics of `plans`, each computed by its function."""
    PLANS.update(plans)
    settings = ExtractSettings(
        project=Project("P", "dev"),
        event_bus="bus",
        instances={name: MetricInstance("Probe", {}) for name in plans},
        schedule_expression=None,
    )
    request = refresh or Refresh.from_detail({"RefreshId": "r"})
    return extract.extract(request, settings, recent or extract.RecentRuns(), Deadline.after(seconds))


def denied() -> Any:
    raise ClientError(
        {"Error": {"Code": "AccessDeniedException", "Message": "not authorized to perform: sagemaker:ListEndpoints"}},
        "ListEndpoints",
    )


def fault(error: BaseException) -> Any:
    def raise_it() -> Any:
        raise error

    return raise_it


def test_each_metric_is_one_event_and_the_run_closes(bus: Bus) -> None:
    """The hub learns every value, and that this was all."""
    summary = run({"A": lambda: 1, "B": lambda: "text"})
    assert summary == {"RefreshId": "r", "Emitted": 2, "Failed": 0}
    assert {name: detail["MetricValue"] for name, detail in bus.details().items()} == {"A": 1, "B": "text"}
    closing = bus.details("metric_extractor_run")[""]
    assert (closing["Emitted"], closing["Failed"], closing["Metrics"]) == (2, 0, ["A", "B"])
    assert bus.taken[-1]["DetailType"] == "metric_extractor_run"


def test_a_denied_call_emits_no_value(bus: Bus) -> None:
    """A missing permission is a gap in the chart, never a zero; the others go on."""
    run({"A": denied, "B": lambda: 2})
    assert set(bus.details()) == {"B"}
    failure = bus.details("metric_extractor_failure")["A"]
    assert failure["ErrorType"] == "MetricDenied"
    assert "sagemaker:ListEndpoints" in failure["ErrorMessage"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "returned None"),
        (float("nan"), "NaN, which is not a number"),
        (float("inf"), "Infinity, which is not a number"),
        (int("7" * 400), "400 significant digits"),
        (object(), "type object"),
        (True, "return 1 or 0"),
        ([1], "type list"),
        ("x" * 300_000, "204800 are allowed"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_is_no_value_is_a_failure_that_says_so(bus: Bus, value: object, said: str) -> None:
    """The author learns what came back and what should."""
    run({"A": lambda: value})
    assert bus.details() == {}
    failure = bus.details("metric_extractor_failure")["A"]
    assert failure["ErrorType"] == "MetricValueRefused"
    assert said in failure["ErrorMessage"]


def test_fractions_are_emitted_as_their_author_wrote_them(bus: Bus) -> None:
    """0.1 has no binary form; a decimal keeps all of its digits."""
    run({"A": lambda: 0.1, "B": lambda: Decimal("12345678901234567890.123456789012345678")})
    assert bus.details()["A"]["MetricValue"] == Decimal("0.1")
    assert bus.details()["B"]["MetricValue"] == Decimal("12345678901234567890.123456789012345678")


@pytest.mark.parametrize("error", [ValueError("broken"), SystemExit(3), KeyboardInterrupt(), RecursionError()])
def test_whatever_a_metric_raises_the_others_go_on(bus: Bus, error: BaseException) -> None:
    """Each metric fails alone."""
    summary = run({"A": fault(error), "B": lambda: 2})
    assert (summary["Emitted"], summary["Failed"]) == (1, 1)
    assert bus.details("metric_extractor_failure")["A"]["ErrorType"] == type(error).__name__


def test_near_the_end_of_its_time_it_emits_what_it_has(bus: Bus) -> None:
    """One metric that hangs takes nobody else's value away."""
    released = threading.Event()
    try:
        run({"A": lambda: released.wait(30), "B": lambda: 2}, seconds=1.0)
    finally:
        released.set()
    assert set(bus.details()) == {"B"}
    failure = bus.details("metric_extractor_failure")["A"]
    assert failure["ErrorType"] == "MetricOutOfTime"
    assert "timeout_seconds" in failure["ErrorMessage"]


def test_metrics_wait_for_their_apis_side_by_side(bus: Bus) -> None:
    """All of them are under way before the first one ends, or this would never end."""
    together = threading.Barrier(20, timeout=10)

    def wait_for_all() -> int:
        together.wait()
        return 1

    assert run({f"M{number}": wait_for_all for number in range(20)})["Emitted"] == 20


def test_the_same_request_delivered_again_emits_the_same_bytes(bus: Bus) -> None:
    """EventBridge delivers at least once; equal bytes are one event in the hub."""
    counter = iter(range(10))
    recent = extract.RecentRuns()
    run({"A": lambda: next(counter)}, recent=recent)
    first, bus.taken = bus.taken, []
    run({"A": lambda: next(counter)}, recent=recent)
    assert [entry["Detail"] for entry in bus.taken] == [entry["Detail"] for entry in first]
    run({"A": lambda: next(counter)}, recent=recent, refresh=Refresh.from_detail({"RefreshId": "other"}))
    assert bus.details()["A"]["MetricValue"] == 1


def test_a_narrowed_request_computes_what_it_names(bus: Bus) -> None:
    """A metric that is not deployed is no failure: another spoke may have it."""
    refresh = Refresh.from_detail({"Metrics": ["B", "Elsewhere"]})
    run({"A": lambda: 1, "B": lambda: 2}, refresh=refresh)
    assert set(bus.details()) == {"B"}
    assert bus.details("metric_extractor_run")[""]["Metrics"] == ["A", "B"]


def test_who_is_not_asked_is_silent(bus: Bus) -> None:
    """Not even a run event: the hub asked others."""
    run({"A": lambda: 1}, refresh=Refresh.from_detail({"Projects": ["Q"]}))
    assert bus.taken == []


def test_events_go_in_tens(bus: Bus) -> None:
    """PutEvents takes ten entries a request."""
    run({f"M{number}": lambda: 1 for number in range(24)})
    assert sorted(len(entries) for entries in bus.requests) == [5, 10, 10]


def test_requests_go_side_by_side_and_ids_stay_in_order(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after another they would take longer than the metrics do, and an id leads to its metric's value."""
    all_are_here = threading.Barrier(3, timeout=10)

    def answer(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        all_are_here.wait()
        return {"FailedEntryCount": 0, "Entries": [{"EventId": f"id of {entry['Detail']}"} for entry in Entries]}

    monkeypatch.setattr(bus, "put_events", answer)
    entries = [{"Source": "s", "DetailType": "t", "Detail": str(number)} for number in range(24)]
    assert put_events.put("bus", entries, Deadline.after(20.0)) == [f"id of {number}" for number in range(24)]


def test_large_events_share_no_request(bus: Bus) -> None:
    """A request has a size limit too."""
    run({f"M{number}": lambda: "x" * 150_000 for number in range(3)})
    assert sorted(len(entries) for entries in bus.requests) == [1, 1, 2]


def test_a_refused_entry_is_sent_again_with_the_same_bytes(bus: Bus) -> None:
    """PutEvents answers 200 with FailedEntryCount > 0."""
    bus.answers = [{0, 2}, {1}]
    run({"A": lambda: 1, "B": lambda: 2})
    first, second, third = bus.requests
    assert second == [first[0], first[2]]
    assert third == [first[2]]
    assert len(bus.taken) == 3


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "PutEvents"),
        EndpointConnectionError(endpoint_url="https://events"),
    ],
)
def test_a_failing_request_is_sent_again(bus: Bus, error: Exception) -> None:
    """A passing fault of the network loses nothing."""
    bus.answers = [error]
    run({"A": lambda: 1})
    assert set(bus.details()) == {"A"}


def test_events_that_nobody_takes_fail_the_function(bus: Bus) -> None:
    """Its request then lies among the dead letters, with the bus's words, instead of vanishing."""
    bus.answers = [{0}] * 10_000
    PLANS["A"] = lambda: 1
    settings = ExtractSettings(Project("P", "dev"), "bus", {"A": MetricInstance("Probe", {})}, None)
    with pytest.raises(put_events.NotEmitted, match="InternalFailure: try again"):
        extract.extract(Refresh.from_detail({}), settings, extract.RecentRuns(), Deadline.after(1.1))


def test_old_runs_are_forgotten() -> None:
    """The memory of an execution environment is bounded."""
    recent = extract.RecentRuns(max_runs=2, max_bytes=100)
    for name, size in (("a", 1), ("b", 1), ("c", 1), ("d", 99)):
        recent.add(name, extract.Run([{"Detail": "x" * size}], [], 0))
    assert [recent.get(name) is not None for name in "abcd"] == [False, False, True, True]
