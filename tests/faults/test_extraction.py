"""An extraction fails: its metrics, its PutEvents, or its time. A producer's PutEvents fails, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from ds_dashboard_dev.testing.events import RESULT, unused
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.misconfigure import function_with
from ds_dashboard_dev.testing.pair import SOUND, Pair
from ds_dashboard_dev.testing.traffic import Traffic
from ds_dashboard_dev.testing.waiting import eventually

Balance = Callable[[], Totals]
EXTRACT = "*-extract"
REASONS = {
    "Denied": ("MetricDenied", "needs sagemaker:ListNotebookInstances"),
    "Hangs": ("MetricOutOfTime", "was not done after 8 s"),
    "LongText": ("MetricValueRefused", "204800 are allowed"),
    "Parameters": ("MetricThrottled", "ThrottlingException"),
    "Raises": ("LookupError", "no table of that name"),
    "ReturnsInfinity": ("MetricValueRefused", "Infinity"),
    "ReturnsNan": ("MetricValueRefused", "NaN"),
    "ReturnsNone": ("MetricValueRefused", "returned None"),
    "TooManyDigits": ("MetricValueRefused", "digits"),
    "Unknown": ("MetricValueRefused", "a value of type object"),
}
# Neither the nearest binary fraction, nor a digit less than was computed.
VALUES = {"Tenth": Decimal("0.1"), "Digits": Decimal("12345678901234567890.123456789012345678")}


def test_each_failing_metric_is_reported_with_its_reason(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """One refresh: ten failures with their reasons and two exact values arrive, and the run says so."""
    with pair.cloud.fault("ssm:DescribeParameters", code="ThrottlingException"):
        refresh_id = pair.hub.refresh(Projects=["North"], Metrics=[*REASONS, *VALUES])
        traffic.wait_for_runs(refresh_id, pair.north)
    totals = balance()
    assert totals.items == len(VALUES)
    assert {item["MetricName"]: item["MetricValue"] for item in pair.hub.history(RefreshId=refresh_id)} == VALUES
    (spoke,) = [item for item in pair.hub.items("spokes") if item["Project"] == "North#dev"]
    assert (spoke["LastRefreshId"], spoke["Emitted"], spoke["Failed"]) == (refresh_id, len(VALUES), len(REASONS))
    failures = {name: failure for name, failure in spoke["Failures"].items() if failure["RefreshId"] == refresh_id}
    assert {name: failure["ErrorType"] for name, failure in failures.items()} == {
        name: error for name, (error, _) in REASONS.items()
    }
    for name, (_, words) in REASONS.items():
        assert words in failures[name]["ErrorMessage"]


def _wait_for_all_values(pair: Pair, traffic: Traffic, refresh_id: str) -> None:
    """Every metric of South has one value in the history for this refresh."""
    traffic.wait_for_runs(refresh_id, pair.south)
    pair.hub.settle()
    assert Counter(item["MetricName"] for item in pair.hub.history(RefreshId=refresh_id)) == Counter(SOUND)


def test_entries_that_failed_are_put_again(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """PutEvents answers 200. The extraction sends the failed entries again, and only those."""
    with pair.cloud.fault("events:PutEvents", kind="partial", entries=2, caller=EXTRACT, count=2) as failed:
        refresh_id = pair.hub.refresh(Projects=["South"], Metrics=[*SOUND])
        _wait_for_all_values(pair, traffic, refresh_id)
    assert failed.hits == 2
    assert len(traffic.recorded_of(RESULT, refresh_id)) == 3
    assert balance().items == 3


def test_a_throttled_put_events_is_retried(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    with pair.cloud.fault("events:PutEvents", code="ThrottlingException", caller=EXTRACT, count=3) as throttled:
        _wait_for_all_values(pair, traffic, pair.hub.refresh(Projects=["South"], Metrics=[*SOUND]))
    assert throttled.hits == 3
    assert balance().items == 3


def test_an_event_that_was_put_twice_is_one_item(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """The first answer was lost. The SDK of the extraction, or a producer, retries, and the event gets another id."""
    south, metric = pair.south, unused("PutTwice")
    with pair.cloud.fault("events:PutEvents", kind="lost", caller=EXTRACT, count=1):
        refresh_id = pair.hub.refresh(Projects=["South"], Metrics=[*SOUND])
        _wait_for_all_values(pair, traffic, refresh_id)
        eventually(lambda: len(traffic.recorded_of(RESULT, refresh_id)) == 6, "the values of the second try")
    with pair.cloud.fault("events:PutEvents", kind="lost", account=south.account, count=2):
        traffic.send_values(south, metric, 10)
    totals = balance()
    assert totals.items == 3 + 10
    assert totals.deliveries >= 6 + 20


def test_a_refresh_whose_extraction_timed_out_can_be_redriven(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Two of four events were put when Lambda ended the function. The refresh is a dead letter, and is redriven."""
    south = pair.south
    with (
        function_with(south, "extract", Timeout=3),
        pair.cloud.fault("events:PutEvents", kind="partial", entries=2, caller=EXTRACT, count=1),
        pair.cloud.fault("events:PutEvents", kind="hang", caller=EXTRACT) as hung,
    ):
        refresh_id = pair.hub.refresh(Projects=["South"], Metrics=[*SOUND])
        eventually(lambda: hung.hits, "an extraction that waits for the bus")
        eventually(lambda: south.depth("spoke-dead-letters")[0], "a dead letter")
    traffic.record()
    pair.hub.settle()
    first = pair.hub.history(RefreshId=refresh_id)
    assert len(first) == 2
    assert traffic.redrive() == 1
    traffic.wait_for_runs(refresh_id, south)
    totals = balance()
    # Two of the values were computed twice, at different times, and both are valid.
    assert totals.items == 2 + 3
    assert {item["MetricName"] for item in pair.hub.history(RefreshId=refresh_id)} == set(SOUND)
