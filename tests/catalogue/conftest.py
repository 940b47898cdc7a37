"""A trial: one metric, computed against moto, with its calls recorded and made harder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ds_dashboard import aws
from ds_dashboard.metrics import Metric, rates

_EMPTY = "after-the-empty-page"
# Names of IAM that differ from the API's. If a new metric needs another one, add it from the
# "Service Authorization Reference".
_SERVICES = {"monitoring": "cloudwatch"}
_ACTIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadObject": "s3:GetObject",
}


@dataclass
class Trial:
    """How the calls of a metric are changed, and a record of them.

    Attributes:
        page_size: items per page, whatever the metric requests.
        empty_first: whether the first page of every list is empty and has a token.
        denied: the number of the call that is denied.
        actions: the calls so far, as IAM actions.
    """

    page_size: int | None = None
    empty_first: bool = False
    denied: int | None = None
    actions: list[str] = field(default_factory=list)

    def value_of(self, metric: Metric) -> Any:
        """Compute a metric with new clients of this trial."""
        aws.forget()
        return metric._compute_value()

    def watch(self, client: Any) -> Any:
        """Record and change the calls of a client."""
        client.meta.events.register("provide-client-params.*", self._parameters)
        client.meta.events.register("before-call.*", self._call)
        return client

    def _parameters(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any]:
        changed = dict(params)
        token = _member(model.input_shape, "NextToken")
        context["first_page"] = token is not None and not changed.get(token)
        if token is not None and changed.get(token) == _EMPTY:
            del changed[token]
        size = _member(model.input_shape, "MaxResults")
        if self.page_size is not None and size is not None:
            changed[size] = self.page_size
        return changed

    def _call(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        service = model.service_model.signing_name
        action = f"{_SERVICES.get(service, service)}:{model.name}"
        self.actions.append(_ACTIONS.get(action, action))
        if self.denied == len(self.actions) - 1:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "denied"}}, model.name)
        if self.empty_first and context["first_page"]:
            return _Answered, {_member(model.output_shape, "NextToken"): _EMPTY}
        return None


class _Answered:
    status_code = 200


def _member(shape: Any, name: str) -> str | None:
    """Return the name of a field as the service writes it: NextToken or nextToken."""
    return next((one for one in (shape.members if shape else ()) if one.lower() == name.lower()), None)


@pytest.fixture(scope="session")
def session() -> Any:
    """One session for all trials: reading the service models takes longer than everything else."""
    return boto3.Session("testing", "testing", region_name="eu-west-1")


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch, session: Any) -> Iterator[Callable[..., Trial]]:
    """Return a function that creates trials, in an account of moto that is empty at the start of each test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(rates, "calls_per_second", lambda *_: 1e6)
    rates.forget()

    def start(**settings: Any) -> Trial:
        one = Trial(**settings)
        monkeypatch.setattr(
            aws, "_make", lambda service, brief, region: one.watch(session.client(service, region_name=region))
        )
        return one

    with mock_aws():
        yield start
    aws.forget()
    rates.forget()
