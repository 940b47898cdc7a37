"""Metrics of several CloudWatch metrics read them with one call."""

from __future__ import annotations

import pytest

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
