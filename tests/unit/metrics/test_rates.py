"""Limits of calls per second."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ds_dashboard.metrics import rates
from ds_dashboard.metrics.rates import TokenBucket


def test_calls_are_spread_at_the_rate_after_those_of_one_second() -> None:
    """1,000 pages at 2 calls per second take 499 seconds."""
    now = 100.0
    bucket = TokenBucket(2.0, lambda: now)
    waits = [bucket.take() for _ in range(5)]
    assert waits == [0.0, 0.0, 0.5, 1.0, 1.5]
    total = 0.0
    for _ in range(995):
        now += bucket.take()
        total = now
    assert total - 100.0 == pytest.approx(499.0, abs=1.0)


def test_an_idle_operation_saves_the_calls_of_one_second() -> None:
    """After an hour without calls, a run must not make thousands of them at once."""
    now = 0.0
    bucket = TokenBucket(2.0, lambda: now)
    now = 3600.0
    assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("service", "operation", "rate"),
    [
        ("sagemaker", "ListTrainingJobs", 2.0),
        ("sagemaker", "Search", 2.0),
        ("sagemaker", "DescribeEndpoint", 5.0),
        ("securityhub", "GetFindings", 3.0),
        ("any", "Any", 10.0),
    ],
)
def test_each_operation_has_a_limit(service: str, operation: str, rate: float) -> None:
    """SageMaker's are the lowest."""
    assert rates.calls_per_second(service, operation) == rate


def test_each_call_of_a_client_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that an author makes with the client itself. To limit a client twice makes it wait once."""
    waits: list[float] = []
    client: Any = boto3.client("sagemaker", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(rates, "_buckets", {})
    for _ in range(2):
        rates.limit(client, waits.append)
    with Stubber(client) as stub:
        for _ in range(4):
            stub.add_response("list_endpoints", {"Endpoints": []})
            client.list_endpoints()
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] == pytest.approx(0.5, abs=0.2)
    assert waits[3] == pytest.approx(1.0, abs=0.2)
    assert len(waits) == 4
