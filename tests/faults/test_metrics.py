"""Metrics that fail in every way: each is a gap with its reason, never a zero, and delays no other metric."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.pair import Pair
from ds_dashboard_dev.testing.traffic import Traffic

Balance = Callable[[], Totals]
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
        refresh_id = pair.hub.refresh(Projects=["North"])
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
