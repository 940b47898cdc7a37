"""Values of your own: the windows of past instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ds_dashboard.identity import Location
from ds_dashboard.metrics import registry
from ds_dashboard.metrics.run import Run
from ds_dashboard.testing import FakeAccount
from ds_dashboard.testing.cloudwatch import Values, metric_data

LONG_AGO = datetime.now(UTC).replace(hour=12, minute=10, second=0, microsecond=0) - timedelta(days=100)


def latency_long_ago(minutes: int) -> Any:
    """Compute the largest latency of a window that ends long ago: 1, 2, 3 in the last three periods of CloudWatch."""
    values = Values("Team/Models", "Latency", {}, (1, 2, 3), "Maximum")
    arguments = {"namespace": "Team/Models", "metric_name": "Latency", "statistic": "Maximum", "minutes": str(minutes)}
    with FakeAccount({"cloudwatch.get_metric_data": metric_data(values)}):
        metric = registry.create("Latency", "CloudWatchMetricValue", arguments, "Project1", "dev")
        metric.join(Run(LONG_AGO, Location("123456789012", "eu-west-1", "aws"), as_of=True))
        return metric._compute_value()


def test_half_an_hour_of_long_ago_is_refused() -> None:
    """CloudWatch has hourly values only, and an hour is not half an hour."""
    with pytest.raises(ValueError, match=r"has hourly values of .*, and none of 30 minutes; .* a multiple of 60"):
        latency_long_ago(30)


def test_two_hours_of_long_ago_are_two_values() -> None:
    """A backfill reads as far back as CloudWatch has hourly values."""
    assert latency_long_ago(120) == 3


def test_a_percentile_is_one_period() -> None:
    """Percentiles of periods cannot be put together."""
    values = Values("Team/Models", "Latency", {}, (7,), "p95")
    with FakeAccount({"cloudwatch.get_metric_data": metric_data(values)}) as account:
        measured = account.measure(
            "CloudWatchMetricValue", namespace="Team/Models", metric_name="Latency", statistic="p95", minutes=28
        )
    [call] = account.calls
    [query] = call.parameters["MetricDataQueries"]
    assert (measured.value, query["MetricStat"]["Period"]) == (7, 30 * 60)
    assert call.parameters["EndTime"] - call.parameters["StartTime"] == timedelta(minutes=30)
