"""Whom the hub believes, and how seldom it asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.hub.registration import Registration

A, B = "111111111111", "222222222222"


class Parameters:
    """SSM: what stands in `values`, and every request."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.requests: list[list[str]] = []
        self.fault: Exception | None = None

    def get_parameters(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        if self.fault:
            raise self.fault
        self.requests.append(Names)
        return {"Parameters": [{"Name": name, "Value": self.values[name]} for name in Names if name in self.values]}


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ssm() -> Iterator[Parameters]:
    fake = Parameters()
    aws.use("ssm", fake)
    yield fake
    aws.forget()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registration(ssm: Parameters, clock: Clock) -> Registration:
    return Registration("/monitored_projects", clock)


def ask(registration: Registration, project: str, account: str) -> str | None:
    registration.prefetch([(project, account)])
    return registration.denial(project, account)


def test_the_registered_account_is_believed(registration: Registration, ssm: Parameters) -> None:
    """Its id, or the ARN of its bus."""
    ssm.values = {
        "/monitored_projects/P/dev": A,
        "/monitored_projects/Q/dev": f"arn:aws:events:eu-central-1:{B}:event-bus/other-spoke",
    }
    assert ask(registration, "P/dev", A) is None
    assert ask(registration, "Q/dev", B) is None


def test_another_account_is_refused_with_what_was_sent_and_what_is_registered(
    registration: Registration, ssm: Parameters
) -> None:
    """The operator sees both sides of the mistake."""
    ssm.values = {"/monitored_projects/P/dev": A}
    refusal = ask(registration, "P/dev", B) or ""
    assert f"account {B} sent for P/dev" in refusal
    assert f"/monitored_projects/P/dev registers {A}" in refusal


def test_an_unregistered_project_is_refused_with_the_command_that_registers_it(
    registration: Registration,
) -> None:
    """The mistake that everyone makes first."""
    refusal = ask(registration, "Project1/dev", A) or ""
    assert f"put-parameter --name /monitored_projects/Project1/dev --type String --value {A}" in refusal


@pytest.mark.parametrize("value", ["hub", "arn:aws:events:eu-west-1:1:event-bus/x", "1111111111111", f"{A} ", ""])
def test_a_value_that_names_no_account_registers_nobody(
    registration: Registration, ssm: Parameters, value: str
) -> None:
    """A slip in the parameter opens no door."""
    ssm.values = {"/monitored_projects/P/dev": value}
    assert "neither an account ID nor a bus ARN" in (ask(registration, "P/dev", A) or "")


def test_names_are_asked_in_tens_and_once_in_five_minutes(
    registration: Registration, ssm: Parameters, clock: Clock
) -> None:
    """SSM allows 40 calls a second for everything in the account."""
    ssm.values = {f"/monitored_projects/P{number}/dev": A for number in range(25)}
    claims = [(f"P{number}/dev", A) for number in range(25)]
    registration.prefetch(claims)
    assert [len(names) for names in ssm.requests] == [10, 10, 5]
    clock.now += 299
    registration.prefetch(claims)
    assert len(ssm.requests) == 3
    clock.now += 2
    registration.prefetch(claims)
    assert len(ssm.requests) == 6


def test_it_looks_again_before_it_refuses(registration: Registration, ssm: Parameters, clock: Clock) -> None:
    """A project that has just moved, or was just registered, must not wait five minutes."""
    ssm.values = {"/monitored_projects/P/dev": A}
    assert ask(registration, "P/dev", A) is None
    clock.now += 1
    ssm.values = {"/monitored_projects/P/dev": B}
    assert ask(registration, "P/dev", B) is None


def test_refusals_look_again_once_a_minute_per_name_and_account(
    registration: Registration, ssm: Parameters, clock: Clock
) -> None:
    """A flood of refused events does not become a flood of calls."""
    ssm.values = {"/monitored_projects/P/dev": A}
    for _ in range(50):
        assert ask(registration, "P/dev", B)
        clock.now += 1
    assert len(ssm.requests) == 1
    clock.now += 11
    assert ask(registration, "P/dev", B)
    assert len(ssm.requests) == 2


def test_a_deregistered_account_is_believed_for_five_minutes_at_most(
    registration: Registration, ssm: Parameters, clock: Clock
) -> None:
    """The price of the cache, bounded."""
    ssm.values = {"/monitored_projects/P/dev": A}
    assert ask(registration, "P/dev", A) is None
    ssm.values = {}
    clock.now += 301
    assert ask(registration, "P/dev", A)


def test_an_outage_refuses_nothing(registration: Registration, ssm: Parameters) -> None:
    """It raises, so that the batch comes again."""
    ssm.fault = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "GetParameters")
    with pytest.raises(ClientError):
        registration.prefetch([("P/dev", A)])
