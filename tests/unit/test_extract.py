"""One extraction: each metric on its own, one event for each metric, and no event lost."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from tests.support.spoke import HUB, OTHER_HUB, PLANS, Bus, fault, run

from ds_dashboard import canonical_json, dates, event
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.handlers.extract import handler
from ds_dashboard.identity import Project
from ds_dashboard.metrics import Metric, MetricValue, registry
from ds_dashboard.spoke import extract, outcome, put_events
from ds_dashboard.spoke.settings import ExtractSettings, MetricInstance


def series(name: str) -> outcome.Series:
    return outcome.Series(name, Project("P", "dev"), Refresh.from_detail({"RefreshId": "r"}), dates.now())


def denied() -> Any:
    raise ClientError(
        {"Error": {"Code": "AccessDeniedException", "Message": "not authorized to perform: sagemaker:ListEndpoints"}},
        "ListEndpoints",
    )


def test_each_metric_is_one_event_and_the_run_event_is_the_last(bus: Bus) -> None:
    """The hub receives every value, and then the number of them."""
    summary = run({"A": lambda: 1, "B": lambda: "text"})
    assert summary == {"RefreshId": "r", "Emitted": 2, "Failed": 0}
    assert {name: detail["MetricValue"] for name, detail in bus.details().items()} == {"A": 1, "B": "text"}
    closing = bus.details("metric_extractor_run")[""]
    assert (closing["Emitted"], closing["Failed"], closing["Metrics"]) == (2, 0, ["A", "B"])
    assert bus.taken[-1]["DetailType"] == "metric_extractor_run"


def test_a_denied_call_emits_no_value(bus: Bus) -> None:
    """A missing permission is a gap in the chart, never a zero. Other metrics are not affected."""
    run({"A": denied, "B": lambda: 2})
    assert set(bus.details()) == {"B"}
    failure = bus.details("metric_extractor_failure")["A"]
    assert failure["ErrorType"] == "MetricDenied"
    assert "sagemaker:ListEndpoints" in failure["ErrorMessage"]


@pytest.mark.parametrize(
    ("value", "message"),
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
        ("a\uffffb", "U+FFFF, which no queue accepts"),
    ],
)
def test_an_invalid_value_is_a_failure_with_the_reason(bus: Bus, value: object, message: str) -> None:
    """The author sees what the metric returned and what it should return."""
    run({"A": lambda: value})
    assert bus.details() == {}
    failure = bus.details("metric_extractor_failure")["A"]
    assert failure["ErrorType"] == "MetricValueRefused"
    assert message in failure["ErrorMessage"]


class Level(str, Enum):  # noqa: UP042 - its str() differs from its value, as that of many enums
    """A text whose `str()` is another text."""

    GREEN = "green"


class _Enumerated(Metric):
    """A metric that takes every text from an enum."""

    unit = Level.GREEN
    dimensions = [Level.GREEN]

    def _compute_value(self) -> Any:
        self.metadata = {Level.GREEN: Level.GREEN}
        return self.value(Level.GREEN, breakdown={Level.GREEN: Level.GREEN})


def test_texts_are_emitted_by_value(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """`str()` of an enum is its name, `Level.GREEN`."""
    monkeypatch.setattr(registry, "load", lambda name: _Enumerated)
    run({"A": lambda: None})
    detail = bus.details()["A"]
    assert (detail["MetricValue"], detail["Unit"], detail["Metadata"]) == ("green", "green", {"green": "green"})
    assert detail["Breakdown"] == [{"Dimensions": {"green": "green"}, "Value": "green"}]


@pytest.mark.parametrize("place", ["unit", "metadata", "key", "breakdown", "error", "type", "name"])
def test_no_event_has_a_character_that_a_queue_rejects(bus: Bus, place: str) -> None:
    """The value is rejected with the reason, and messages have a replacement character: an event always arrives."""
    odd = "odd\ufffe\uffff"

    def compute() -> Any:
        if place == "error":
            raise ValueError(odd)
        if place == "type":
            raise type(odd, (Exception,), {})("broken")
        return outcome.Computed(1, odd, {}, [])

    made = {
        "unit": lambda: outcome.computed(1, unit=odd, metadata={}),
        "metadata": lambda: outcome.computed(1, unit="", metadata={"a": odd}),
        "key": lambda: outcome.computed(1, unit="", metadata={odd: 1}),
        "breakdown": lambda: outcome.computed(
            MetricValue(1, [{"Dimensions": {"a": odd}, "Value": 1}]), unit="", metadata={}
        ),
    }
    if place in made:
        entry = outcome.entry(made[place](), series("A"))
        assert "MetricValueRefused" in entry["Detail"]
        assert "U+FFFE, which no queue accepts" in entry["Detail"]
        bus.taken = [entry]
    else:
        run({odd if place == "name" else "A": compute})
    for entry in bus.taken:
        canonical_json.check_deliverable(entry["Detail"])


def test_fractions_are_emitted_as_their_author_wrote_them(bus: Bus) -> None:
    """0.1 has no exact binary form, and a decimal keeps all of its digits."""
    run({"A": lambda: 0.1, "B": lambda: Decimal("12345678901234567890.123456789012345678")})
    assert bus.details()["A"]["MetricValue"] == Decimal("0.1")
    assert bus.details()["B"]["MetricValue"] == Decimal("12345678901234567890.123456789012345678")


@pytest.mark.parametrize("error", [ValueError("broken"), SystemExit(3), KeyboardInterrupt(), RecursionError()])
def test_a_metric_that_raises_fails_alone(bus: Bus, error: BaseException) -> None:
    """Other metrics are not affected."""
    summary = run({"A": fault(error), "B": lambda: 2})
    assert (summary["Emitted"], summary["Failed"]) == (1, 1)
    assert bus.details("metric_extractor_failure")["A"]["ErrorType"] == type(error).__name__


def test_metrics_that_are_not_done_in_time_fail_and_the_others_are_emitted(bus: Bus) -> None:
    """A metric that hangs does not delay the values of others."""
    released = threading.Event()
    try:
        run({"A": lambda: released.wait(30), "B": lambda: 2}, seconds=1.0)
    finally:
        released.set()
    assert set(bus.details()) == {"B"}
    failure = bus.details("metric_extractor_failure")["A"]
    assert failure["ErrorType"] == "MetricOutOfTime"
    assert "timeout_seconds" in failure["ErrorMessage"]


def test_metrics_are_computed_in_parallel(bus: Bus) -> None:
    """All of them have started before the first one ends; otherwise this test would fail after ten seconds."""
    together = threading.Barrier(20, timeout=10)

    def wait_for_all() -> int:
        together.wait()
        return 1

    assert run({f"M{number}": wait_for_all for number in range(20)})["Emitted"] == 20


def test_a_redelivered_request_emits_the_same_bytes(bus: Bus) -> None:
    """EventBridge delivers at least once, and equal bytes are one event in the hub."""
    counter = iter(range(10))
    recent = extract.RecentRuns()
    run({"A": lambda: next(counter)}, recent=recent)
    first, bus.taken = bus.taken, []
    run({"A": lambda: next(counter)}, recent=recent)
    assert [entry["Detail"] for entry in bus.taken] == [entry["Detail"] for entry in first]
    run({"A": lambda: next(counter)}, recent=recent, refresh=Refresh.from_detail({"RefreshId": "other"}))
    assert bus.details()["A"]["MetricValue"] == 1


def test_who_asks_for_an_instant_again_gets_another_run(bus: Bus) -> None:
    """All requests for an instant have one ID. Whoever asks again waits for a run that ends after that."""
    recent, as_of = extract.RecentRuns(), Refresh.from_detail({"AsOf": "2026-11-01T00:00:00Z"})
    for event_id in ("e-1", "e-1", "e-2"):
        run({}, recent=recent, refresh=as_of, event_id=event_id)
    first, redelivered, again = (entry["Detail"] for entry in bus.taken)
    assert first == redelivered
    assert again != first
    run({}, recent=recent, event_id="e-3")
    run({}, recent=recent, event_id="e-4")
    assert bus.taken[-1] == bus.taken[-2], "any other request is told from others by its own ID"


def test_a_request_for_some_metrics_computes_only_those(bus: Bus) -> None:
    """A metric that is not deployed is not a failure: another spoke may have it."""
    refresh = Refresh.from_detail({"Metrics": ["B", "Elsewhere"]})
    run({"A": lambda: 1, "B": lambda: 2}, refresh=refresh)
    assert set(bus.details()) == {"B"}
    assert bus.details("metric_extractor_run")[""]["Metrics"] == ["A", "B"]


def test_a_spoke_that_a_request_does_not_match_emits_nothing(bus: Bus) -> None:
    """It does not emit a run event either."""
    run({"A": lambda: 1}, refresh=Refresh.from_detail({"Projects": ["Q"]}))
    assert bus.taken == []


def test_a_request_has_at_most_ten_events(bus: Bus) -> None:
    """PutEvents accepts ten entries per request."""
    run({f"M{number}": lambda: 1 for number in range(24)})
    assert sorted(len(entries) for entries in bus.requests) == [5, 10, 10]


def test_requests_are_made_in_parallel_and_ids_stay_in_order(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """In sequence, they would take longer than the metrics. Each ID belongs to its metric's value."""
    all_are_here = threading.Barrier(3, timeout=10)

    def answer(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        all_are_here.wait()
        return {"FailedEntryCount": 0, "Entries": [{"EventId": f"id of {entry['Detail']}"} for entry in Entries]}

    monkeypatch.setattr(bus, "put_events", answer)
    entries = [{"Source": "s", "DetailType": "t", "Detail": str(number)} for number in range(24)]
    assert put_events.put("bus", entries, Deadline.after(20.0)) == [f"id of {number}" for number in range(24)]


def test_more_values_than_the_hub_accepts_fail_with_the_limit(bus: Bus) -> None:
    """The archive would reject the event, and the metric's author would not learn why."""
    computed = outcome.computed(1, unit="Count", metadata={"all": [1] * event.MAX_DETAIL_VALUES})
    failure = json.loads(outcome.entry(computed, series("C"))["Detail"])
    assert failure["ErrorType"] == "MetricValueRefused"
    assert "JSON values, 10000 are allowed: return less" in failure["ErrorMessage"]


def test_large_events_share_no_request(bus: Bus) -> None:
    """A request has a size limit, too."""
    run({f"M{number}": lambda: "x" * 150_000 for number in range(3)})
    assert sorted(len(entries) for entries in bus.requests) == [1, 1, 2]


def test_an_entry_that_fails_is_sent_again_with_the_same_bytes(bus: Bus) -> None:
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
def test_a_request_that_fails_is_sent_again(bus: Bus, error: Exception) -> None:
    """A transient error of the network loses nothing."""
    bus.answers = [error]
    run({"A": lambda: 1})
    assert set(bus.details()) == {"A"}


def test_events_that_the_bus_does_not_accept_fail_the_function(bus: Bus) -> None:
    """The request then becomes a dead letter with the reason, instead of getting lost."""
    bus.answers = [{0}] * 10_000
    PLANS["A"] = lambda: 1
    settings = ExtractSettings(Project("P", "dev"), "bus", {"A": MetricInstance("Probe", {})}, None)
    with pytest.raises(put_events.NotEmitted, match="InternalFailure: try again"):
        extract.extract(Refresh.from_detail({}), HUB, settings, extract.RecentRuns(), Deadline.after(1.1))


def remembered(recent: extract.RecentRuns, *requests: tuple[str, str]) -> list[bool]:
    return [recent.get(extract.Request(*request)) is not None for request in requests]


def stored_run(size: int) -> extract.Run:
    return extract.Run([{"Detail": "x" * size}], [], 0)


def test_old_runs_are_forgotten() -> None:
    """The memory of an execution environment is bounded."""
    recent = extract.RecentRuns(max_runs=2, max_bytes=100)
    for name, size in (("a", 1), ("b", 1), ("c", 1), ("d", 99)):
        recent.add(extract.Request(HUB, name), stored_run(size))
    assert remembered(recent, *((HUB, name) for name in "abcd")) == [False, False, True, True]
    recent.add(extract.Request(HUB, "larger"), stored_run(1000))
    assert remembered(recent, (HUB, "d"), (HUB, "larger")) == [False, True]


def test_no_account_displaces_the_runs_of_others() -> None:
    """Their redelivered requests would be computed twice, by many refreshes or by large answers."""
    recent = extract.RecentRuns(max_runs=4, max_bytes=100)
    recent.add(extract.Request(extract.SCHEDULE, "s"), stored_run(30))
    for number in range(20):
        recent.add(extract.Request(HUB, str(number)), stored_run(1 if number % 2 else 60))
    assert remembered(recent, (extract.SCHEDULE, "s"), (HUB, "19")) == [True, True]


@pytest.mark.parametrize("asked_by", [extract.SCHEDULE, OTHER_HUB])
def test_a_hub_does_not_answer_requests_of_others_in_advance(bus: Bus, asked_by: str) -> None:
    """The IDs of schedules are predictable: a hub that was taken over asked first, and the schedule got old values."""
    values = iter(range(10))
    recent = extract.RecentRuns()
    refresh = Refresh.from_detail({"RefreshId": "schedule-2026-11-24T12:00:00Z"})
    asked = [HUB, asked_by, HUB, asked_by]
    for one in asked:
        run({"A": lambda: next(values)}, recent=recent, refresh=refresh, asked_by=one)
    details = [json.loads(entry["Detail"]) for entry in bus.taken]
    # Each is computed once, and a redelivery of either adds nothing.
    assert [detail["MetricValue"] for detail in details if "MetricValue" in detail] == [0, 1, 0, 1]


def test_an_answer_is_forgotten_after_the_hour_of_retries(bus: Bus) -> None:
    """An answer from memory must not be older than the retries of its request."""
    values, times = iter(range(10)), [0.0]
    recent = extract.RecentRuns(clock=lambda: times[-1])
    for seconds in (0.0, 3599.0, 3600.0, 3601.0):
        times.append(seconds)
        run({"A": lambda: next(values)}, recent=recent)
    details = [json.loads(entry["Detail"]) for entry in bus.taken]
    assert [detail["MetricValue"] for detail in details if "MetricValue" in detail] == [0, 0, 1, 1]


@pytest.mark.parametrize(("envelope", "asked_by"), [({"account": HUB, "id": "e"}, HUB), ({}, extract.SCHEDULE)])
def test_the_sender_is_the_account_that_eventbridge_names(
    monkeypatch: pytest.MonkeyPatch, envelope: dict[str, str], asked_by: str
) -> None:
    """The detail, which the sender writes, has no influence. The input of the schedule has no account."""
    asked: list[str] = []
    monkeypatch.setattr("ds_dashboard.handlers.extract.from_environment", lambda _: None)
    monkeypatch.setattr(extract, "extract", lambda _, one, *__: asked.append(one))
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:ds-dashboard-extract"
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 1000, invoked_function_arn=arn)
    handler({**envelope, "detail": {"RefreshId": "schedule-2026-11-24T12:00:00Z"}}, context)
    assert asked == [asked_by]
