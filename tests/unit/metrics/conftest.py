"""A metric, and stubbed clients of AWS services."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.metrics import Metric, rates, registry


class _Plain(Metric):
    def _compute_value(self) -> int:
        return 0


@pytest.fixture(autouse=True)
def own_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remove the clients and the index of other tests."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    aws.forget()
    yield
    aws.forget()
    rates.forget()
    registry.use_index(None)


@pytest.fixture
def metric() -> Metric:
    return _Plain("Plain", "Project1", {}, "dev")


@pytest.fixture
def stubbed() -> Callable[[str], Stubber]:
    """Return a function that replaces a service's client by a stub."""

    def stub(service: str) -> Stubber:
        client = boto3.client(service)  # type: ignore[call-overload]
        aws.use(service, client)
        stubber = Stubber(client)
        stubber.activate()
        return stubber

    return stub
