"""What a refresh can request of a spoke beyond present values: a past instant, arguments, and what has no value."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.spoke import PLANS, Bus, ForMetric, run

from ds_dashboard import dates, event
from ds_dashboard.event import Refresh
from ds_dashboard.metrics import NothingToReport
from ds_dashboard.spoke import extract
from ds_dashboard.spoke.requests import AsOfNotSupported

RUN, FAILURE = "metric_extractor_run", "metric_extractor_failure"


def refresh(**detail: Any) -> Refresh:
    return Refresh.from_detail(detail)


def nothing() -> Any:
    raise NothingToReport("no job started in the window")


def test_what_has_nothing_to_report_is_in_the_run_event_only(bus: Bus) -> None:
    """It is neither a zero nor a failure, and the hub keeps the last value."""
    summary = run({"A": nothing, "B": lambda: 2})
    assert summary["Emitted"] == 1
    assert summary["Failed"] == 0
    assert set(bus.details()) == {"B"}
    assert bus.details(FAILURE) == {}
    closing = bus.details(RUN)[""]
    assert closing["NothingToReport"] == {"A": "no job started in the window"}
    assert (closing["Emitted"], closing["Failed"], closing["Metrics"]) == (1, 0, ["A", "B"])


def test_a_run_in_which_everything_has_a_value_says_nothing_of_it(bus: Bus) -> None:
    """Run events of earlier versions have no such key either."""
    run({"A": lambda: 1})
    assert "NothingToReport" not in bus.details(RUN)[""]


def test_a_reason_of_any_length_is_shortened(bus: Bus) -> None:
    """The archive would reject the run event, and the spoke would count as silent."""

    def long_reason() -> Any:
        raise NothingToReport("x" * 100_000 + "\ud800")

    run({"A": long_reason})
    assert len(bus.details(RUN)[""]["NothingToReport"]["A"]) == 512


def test_all_metrics_of_a_run_have_its_instant(bus: Bus) -> None:
    """Values of one run are comparable, and their windows end together."""
    instants: list[datetime] = []

    def note(metric: Any) -> int:
        instants.append(metric.now())
        assert metric.window(hours=1).until == metric.now()
        return 1

    run({name: ForMetric(note) for name in "ABC"})
    assert len(set(instants)) == 1
    dates_sent = {detail["ExtractionDate"] for detail in bus.details().values()}
    assert dates_sent == {dates.format_instant(instants[0])}


def test_a_value_as_of_a_past_instant_has_that_instant(bus: Bus) -> None:
    """Computed again, it is the same event: its date, its refresh and its content do not depend on today."""
    instant = datetime.now(UTC) - timedelta(days=30)
    run({"A": ForMetric(lambda metric: metric.now().day)}, refresh=refresh(AsOf=dates.format_instant(instant)))
    value = bus.details()["A"]
    assert value["MetricValue"] == instant.day
    assert value["ExtractionDate"] == dates.format_instant(instant)
    assert value["RefreshId"] == f"asof-{dates.format_instant(instant)}"
    assert value["Metadata"] == {"AsOf": True}
    assert bus.details(RUN)[""]["AsOf"] == dates.format_instant(instant)
    first = [entry["Detail"] for entry in bus.taken if entry["DetailType"] == "metric_extractor"]
    bus.taken.clear()
    run({"A": ForMetric(lambda metric: metric.now().day)}, refresh=refresh(AsOf=dates.format_instant(instant)))
    assert [entry["Detail"] for entry in bus.taken if entry["DetailType"] == "metric_extractor"] == first


@pytest.mark.parametrize(
    ("age", "historical_days", "message"),
    [
        (401, 400, "the spoke supports instants since "),
        (2, 1, "the spoke supports instants since "),
        (1, 0, "the spoke supports no past instant. Raise historical_days of modules/spoke and apply."),
    ],
)
def test_an_instant_that_is_too_old_fails_and_says_how_to_allow_it(
    bus: Bus, age: int, historical_days: int, message: str
) -> None:
    """A silent gap would look as if there had been nothing."""
    instant = dates.format_instant(datetime.now(UTC) - timedelta(days=age))
    run({"A": lambda: 1}, refresh=refresh(AsOf=instant), historical_days=historical_days)
    failure = bus.details(FAILURE)["A"]
    assert failure["ErrorType"] == AsOfNotSupported.__name__
    assert f"A cannot be computed as of {instant}: {message}" in failure["ErrorMessage"]
    assert failure["ExtractionDate"] == instant


def test_a_metric_that_is_not_historical_fails_if_it_is_named_and_is_left_out_otherwise(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backfill of everything must not report a failure for each endpoint metric and day."""
    from tests.support.spoke import Probe

    monkeypatch.setattr(Probe, "historical", False)
    instant = dates.format_instant(datetime.now(UTC) - timedelta(days=1))
    run({"A": lambda: 1}, refresh=refresh(AsOf=instant, Metrics=["A"]))
    assert (
        "A cannot be computed as of a past instant: Probe reads what there is now"
        in (bus.details(FAILURE)["A"]["ErrorMessage"])
    )
    bus.taken.clear()
    assert run({"A": lambda: 1}, refresh=refresh(AsOf=instant)) == {
        "RefreshId": f"asof-{instant}",
        "Emitted": 0,
        "Failed": 0,
    }


def test_a_value_with_run_time_arguments_is_a_series_of_its_own(bus: Bus) -> None:
    """Two owners' values must not overwrite each other."""
    run(
        {"Owner": ForMetric(lambda metric: metric.arguments["n"]), "Other": lambda: 5},
        refresh=refresh(Arguments={"Owner": {"n": "7"}}),
        at_runtime={"n": ["7", "8"]},
    )
    assert {name: detail["MetricValue"] for name, detail in bus.details().items()} == {"Owner(n=7)": 7}
    assert bus.details()["Owner(n=7)"]["Metadata"] == {"Arguments": {"n": "7"}}
    assert bus.details(RUN)[""]["Metrics"] == ["Owner", "Other"]


def test_an_argument_that_is_not_allowed_fails_and_says_how_to_allow_it(bus: Bus) -> None:
    """The deployer decides what a hub may read, and gets the line to apply."""
    plans = {"Owner": ForMetric(lambda metric: metric.arguments["n"])}
    run(plans, refresh=refresh(Arguments={"Owner": {"n": "9"}}), at_runtime={"n": ["7"]})
    assert bus.details() == {}
    failure = bus.details(FAILURE)["Owner(n=9)"]
    assert failure["ErrorType"] == "ArgumentNotAllowed"
    assert 'at_runtime = { n = ["7", "9"] } in metric_instances["Owner"]' in failure["ErrorMessage"]


def test_a_value_of_the_wrong_type_fails_although_every_value_is_allowed(bus: Bus) -> None:
    """`["*"]` allows values, and the metric still declares what they are."""
    run({"Owner": lambda: 1}, refresh=refresh(Arguments={"Owner": {"n": "x"}}), at_runtime={"n": ["*"]})
    assert "the argument n is 'x', which is not a valid integer" in bus.details(FAILURE)["Owner(n=x)"]["ErrorMessage"]


def test_a_redelivered_request_of_each_kind_computes_nothing_again(bus: Bus) -> None:
    """EventBridge delivers at least once."""
    computed: list[int] = []
    PLANS.clear()

    def compute() -> int:
        computed.append(1)
        return 1

    plans = {"A": compute}
    instant = dates.format_instant(datetime.now(UTC) - timedelta(days=1))
    for request in (refresh(RefreshId="r", Arguments={"A": {"n": "1"}}), refresh(AsOf=instant)):
        recent = extract.RecentRuns()
        for _ in range(2):
            run(plans, refresh=request, recent=recent, at_runtime={"n": ["1"]})
        half = len(bus.taken) // 2
        assert bus.taken[:half] == bus.taken[half:]
        bus.taken.clear()
    assert computed == [1, 1]


def rows(values: list[Any]) -> dict[str, Any]:
    return {f"kind-{number}": value for number, value in enumerate(values)}


def test_a_breakdown_that_does_not_fit_is_folded_smallest_first(bus: Bus) -> None:
    """The headline stays exact, and what is folded is still counted."""
    values = [number % 97 for number in range(6000)]
    run({"A": ForMetric(lambda metric: metric.value(breakdown=rows(values)))})
    detail = bus.details()["A"]
    assert detail["MetricValue"] == sum(values)
    *kept, other = detail["Breakdown"]
    assert other["Dimensions"] == {"Kind": "other"}
    assert sum(row["Value"] for row in detail["Breakdown"]) == sum(values)
    assert detail["Metadata"] == {"Folded": len(values) - len(kept)}
    smallest_kept = min(row["Value"] for row in kept)
    assert smallest_kept >= sorted(values, reverse=True)[len(kept)]
    assert [row["Dimensions"]["Kind"] for row in kept] == sorted(
        (row["Dimensions"]["Kind"] for row in kept), key=lambda kind: int(kind.removeprefix("kind-"))
    )
    # One row more would not fit.
    assert len(kept) > 2400


def test_long_names_are_folded_by_their_bytes(bus: Bus) -> None:
    """An event has 200 KB."""
    run({"A": ForMetric(lambda metric: metric.value(breakdown={f"{number:03}" * 300: 1 for number in range(900)}))})
    detail = bus.details()["A"]
    assert detail["MetricValue"] == 900
    assert sum(row["Value"] for row in detail["Breakdown"]) == 900
    sizes = [len(entry["Detail"].encode()) for entry in bus.taken if entry["DetailType"] == "metric_extractor"]
    assert event.MAX_DETAIL_BYTES - 2000 < sizes[0] <= event.MAX_DETAIL_BYTES


def test_a_metric_can_say_how_its_rows_are_folded(bus: Bus) -> None:
    """Percentiles do not add up."""
    values = [Decimal(number) / 10 for number in range(4000)]
    run({"A": ForMetric(lambda metric: metric.value(max(values), breakdown=rows(values), other=max))})
    detail = bus.details()["A"]
    assert detail["MetricValue"] == Decimal("399.9")
    folded = detail["Metadata"]["Folded"]
    assert detail["Breakdown"][-1]["Value"] == sorted(values)[folded - 1]


def test_texts_cannot_be_folded_and_fail_with_the_limit(bus: Bus) -> None:
    """They have no sum."""
    run({"A": ForMetric(lambda metric: metric.value(1, breakdown=rows(["x"] * 2600)))})
    failure = bus.details(FAILURE)["A"]
    assert failure["ErrorType"] == "MetricValueRefused"
    assert "JSON values, 10000 are allowed: return less" in failure["ErrorMessage"]


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda metric: metric.value(breakdown={"a": "x"}), "the breakdown has no sum"),
        (lambda metric: metric.value(None), "returned None"),
        (lambda metric: metric.value(1, breakdown=rows([*range(6000)]), other=lambda _: None), "returned None"),
        (
            lambda metric: metric.value(1, breakdown=rows([*range(6000)]), other=lambda _: 1 // 0),
            "ZeroDivisionError",
        ),
    ],
)
def test_a_headline_that_cannot_be_computed_fails(bus: Bus, compute: Any, message: str) -> None:
    """It must not become a zero."""
    run({"A": ForMetric(compute)})
    assert bus.details() == {}
    assert message in bus.details(FAILURE)["A"]["ErrorMessage"]


def test_the_sum_of_fractions_is_exact(bus: Bus) -> None:
    """Costs are added up."""
    run({"A": ForMetric(lambda metric: metric.value(breakdown={"a": 0.1, "b": 0.2, "c": Decimal("0.03")}))})
    assert bus.details()["A"]["MetricValue"] == Decimal("0.33")


def test_what_is_done_is_emitted_when_the_time_is_over(bus: Bus) -> None:
    """The late metric fails, and says what it was reading."""
    release = threading.Event()

    def slow(metric: Any) -> int:
        metric._run.note("sagemaker ListTrainingJobs, of which 480 pages were read")
        release.wait(20)
        return 1

    run({"Done": lambda: 1, "Late": ForMetric(slow)}, seconds=0.5)
    release.set()
    assert set(bus.details()) == {"Done"}
    failure = bus.details(FAILURE)["Late"]
    assert failure["ErrorType"] == "MetricOutOfTime"
    assert "it was reading sagemaker ListTrainingJobs, of which 480 pages were read" in failure["ErrorMessage"]
    assert "timeout_seconds" in failure["ErrorMessage"]


def test_a_denial_is_never_nothing_to_report(bus: Bus) -> None:
    """Only a metric that recognizes a disabled service may say so."""

    def denied() -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListDetectors")

    run({"A": denied})
    assert bus.details(FAILURE)["A"]["ErrorType"] == "MetricDenied"
    assert "NothingToReport" not in bus.details(RUN)[""]
