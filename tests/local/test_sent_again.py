"""Terraform sends a call again whose answer came faster than its SDK can take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account

GO = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0 aws-sdk-go-v2/1.36.3"
Create = Callable[[str, str], str]


@pytest.fixture(params=[GO, "Boto3/1.42"], ids=["go", "other"])
def agent(request: pytest.FixtureRequest) -> str:
    """Whose call it is."""
    agent: str = request.param
    return agent


@pytest.fixture
def create(account: Account, agent: str) -> Create:
    """Creates a bus in the way of that client, with an invocation's id; returns the bus's ARN."""
    events = account.cloud.client_with("events", account.id, "local", None)
    invocation = ""

    def name(request: Any, **_: Any) -> None:
        request.headers.update({"User-Agent": agent, "amz-sdk-invocation-id": invocation})

    events.meta.events.register("before-send.events.CreateEventBus", name)

    def call(bus: str, with_invocation: str) -> str:
        nonlocal invocation
        invocation = with_invocation
        arn: str = events.create_event_bus(Name=bus)["EventBusArn"]
        return arn

    return call


def test_a_call_sent_again_is_answered_as_before(create: Create, agent: str) -> None:
    """Only Terraform's SDK is, and only with the same invocation's id."""
    one = str(uuid4())
    first = create("measures", one)
    if agent == GO:
        assert create("measures", one) == first
    else:
        with pytest.raises(ClientError, match="already exists"):
            create("measures", one)
    with pytest.raises(ClientError, match="already exists"):
        create("measures", str(uuid4()))


def test_a_call_whose_connection_was_cut_is_carried_out_again(account: Account, create: Create) -> None:
    """As AWS does it: the first answer was never given. The client makes a second attempt by itself."""
    with account.cloud.fault("events:CreateEventBus", kind="lost", count=1) as fault:
        with pytest.raises(ClientError, match="already exists"):
            create("measures", str(uuid4()))
        assert fault.hits == 1
