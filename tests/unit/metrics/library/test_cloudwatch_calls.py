"""Searches of CloudWatch: those of a metric are one call, and past instants have limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ds_dashboard.identity import Location
from ds_dashboard.metrics import NothingToReport, registry
from ds_dashboard.metrics.run import Run
from ds_dashboard.testing import FakeAccount
from ds_dashboard.testing.cloudwatch import metric_data


@pytest.mark.parametrize(
    ("metric", "searches"),
    [
        ("BedrockTokens24h", 4),
        ("BedrockErrors24h", 4),
        ("StepFunctionsExecutions24h", 5),
        ("EndpointInvocationErrors24h", 2),
    ],
)
def test_searches_of_a_metric_are_one_call(metric: str, searches: int) -> None:
    """Each call waits for those of other metrics, so that five in a row would take a second."""
    with FakeAccount({"cloudwatch.get_metric_data": metric_data()}) as account:
        account.measure(metric)
    assert [len(call.parameters["MetricDataQueries"]) for call in account.calls] == [searches]


@pytest.mark.parametrize(
    ("metric", "arguments"),
    [
        ("BedrockInvocations24h", {}),
        ("StepFunctionsExecutions24h", {}),
        ("EndpointInvocationErrors24h", {}),
        ("BucketSizeBytes", {"bucket_name": "models"}),
    ],
)
def test_a_search_does_not_take_what_it_cannot_find_for_zero(metric: str, arguments: dict[str, str]) -> None:
    """CloudWatch finds no metric that had no data in the last two weeks, and a backfill would be full of zeros."""
    one = registry.create(metric, metric, arguments, "Project1", "dev")
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with FakeAccount({"cloudwatch.get_metric_data": metric_data()}) as account:
        one.join(Run(long_ago, Location("123456789012", "eu-west-1", "aws"), as_of=True))
        with pytest.raises(NothingToReport, match="only metrics that had data in the last two weeks"):
            one._compute_value()
    assert account.calls == []
