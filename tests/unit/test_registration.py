"""Which accounts may send for which project, and how often the archive reads Parameter Store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import registration as module
from ds_dashboard.hub.registration import Claim, Registration

A, B = "111111111111", "222222222222"
HERE, ELSEWHERE = "eu-west-1", "us-east-1"
BUS_ELSEWHERE = f"arn:aws:events:{ELSEWHERE}:{A}:event-bus/ds-dashboard-spoke"


class Parameters:
    """SSM with the parameters in `values`; records every request."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.type = "String"
        self.requests: list[list[str]] = []
        self.fault: Exception | None = None

    def get_parameters(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        if self.fault:
            raise self.fault
        self.requests.append(Names)
        return {
            "Parameters": [
                {"Name": name, "Value": self.values[name], "Type": self.type} for name in Names if name in self.values
            ]
        }


class Clock:
    """A clock that a test sets."""

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
    return Registration("/monitored_projects", HERE, clock)


def denial(registration: Registration, project: str, account: str, region: str = HERE) -> str | None:
    claim = Claim(project, account, region)
    return registration.check([claim], Deadline.after(10.0)).denials[claim]


def test_the_registered_account_is_accepted(registration: Registration, ssm: Parameters) -> None:
    """The parameter has its ID, or the ARN of its bus."""
    ssm.values = {
        "/monitored_projects/P/dev": A,
        "/monitored_projects/Q/dev": f"arn:aws:events:{HERE}:{B}:event-bus/other-spoke",
    }
    assert denial(registration, "P/dev", A) is None
    assert denial(registration, "Q/dev", B) is None


def test_another_account_is_denied_with_what_was_sent_and_what_is_registered(
    registration: Registration, ssm: Parameters
) -> None:
    """The operator sees both parts of the mistake."""
    ssm.values = {"/monitored_projects/P/dev": A}
    message = denial(registration, "P/dev", B) or ""
    assert f"account {B} sent for P/dev" in message
    assert f"/monitored_projects/P/dev registers {A}" in message


@pytest.mark.parametrize(("region", "value"), [(HERE, "ACCOUNT_ID"), (ELSEWHERE, "BUS_ARN")])
def test_an_unregistered_project_is_denied_with_the_command_that_registers_it(
    registration: Registration, region: str, value: str
) -> None:
    """This is the most common first mistake. The sender does not decide which account the command registers."""
    message = denial(registration, "Project1/dev", A, region) or ""
    assert f"account {A}" in message
    assert "which its owner confirms" in message
    command = f"aws ssm put-parameter --name /monitored_projects/Project1/dev --type String --value {value}"
    assert message.endswith(f": {command}")


@pytest.mark.parametrize("value", ["hub", "arn:aws:events:eu-west-1:1:event-bus/x", "1111111111111", f"{A} ", ""])
def test_an_invalid_value_registers_no_account(registration: Registration, ssm: Parameters, value: str) -> None:
    """A typing error in the parameter permits nothing."""
    ssm.values = {"/monitored_projects/P/dev": value}
    assert "neither an account ID nor a bus ARN" in (denial(registration, "P/dev", A) or "")


def test_an_encrypted_parameter_registers_no_account(registration: Registration, ssm: Parameters) -> None:
    """The archive would compare the account with encrypted text. A type cannot be overwritten."""
    ssm.values, ssm.type = {"/monitored_projects/P/dev": "AQICAHh"}, "SecureString"
    message = denial(registration, "P/dev", A) or ""
    assert message.startswith("parameter /monitored_projects/P/dev has the type SecureString, which is not decrypted.")
    assert "delete the parameter and put it again with --type String" in message
    assert "AQICAHh" not in message


def test_parameters_are_read_ten_at_a_time_and_once_in_five_minutes(
    registration: Registration, ssm: Parameters, clock: Clock
) -> None:
    """SSM allows 40 calls per second for everything in the account."""
    ssm.values = {f"/monitored_projects/P{number}/dev": A for number in range(25)}
    claims = [Claim(f"P{number}/dev", A, HERE) for number in range(25)]
    deadline = Deadline.after(10.0)
    registration.check(claims, deadline)
    assert [len(names) for names in ssm.requests] == [10, 10, 5]
    clock.now += 299
    registration.check(claims, deadline)
    assert len(ssm.requests) == 3
    clock.now += 2
    registration.check(claims, deadline)
    assert len(ssm.requests) == 6


def test_a_parameter_is_read_again_before_a_denial(registration: Registration, ssm: Parameters, clock: Clock) -> None:
    """A project that was just registered or moved must not wait for five minutes."""
    ssm.values = {"/monitored_projects/P/dev": A}
    assert denial(registration, "P/dev", A) is None
    clock.now += 1
    ssm.values = {"/monitored_projects/P/dev": B}
    assert denial(registration, "P/dev", B) is None


def test_denials_read_again_once_a_minute_per_name_and_account(
    registration: Registration, ssm: Parameters, clock: Clock
) -> None:
    """A flood of rejected events does not become a flood of calls."""
    ssm.values = {"/monitored_projects/P/dev": A}
    for _ in range(50):
        assert denial(registration, "P/dev", B)
        clock.now += 1
    assert len(ssm.requests) == 1
    clock.now += 11
    assert denial(registration, "P/dev", B)
    assert len(ssm.requests) == 2


def test_a_deregistered_account_is_accepted_for_five_minutes_at_most(
    registration: Registration, ssm: Parameters, clock: Clock
) -> None:
    """This is the cost of the cache."""
    ssm.values = {"/monitored_projects/P/dev": A}
    assert denial(registration, "P/dev", A) is None
    ssm.values = {}
    clock.now += 301
    assert denial(registration, "P/dev", A)


def test_an_outage_denies_nothing(registration: Registration, ssm: Parameters) -> None:
    """The events have no outcome, so that they are delivered again; those of known senders have one."""
    ssm.values = {"/monitored_projects/P/dev": A}
    assert denial(registration, "P/dev", A) is None
    ssm.fault = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetParameters")
    known, unknown, stranger = Claim("P/dev", A, HERE), Claim("Q/dev", A, HERE), Claim("P/dev", B, HERE)
    checked = registration.check([known, unknown, stranger], Deadline.after(10.0))
    assert checked.denials == {known: None}
    assert "AccessDenied" in checked.failure


def test_throttling_of_parameter_store_ends_with_the_time(registration: Registration, ssm: Parameters) -> None:
    """The archive still has to answer Lambda."""
    ssm.fault = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "GetParameters")
    started = time.monotonic()
    checked = registration.check([Claim(f"P{number}/dev", A, HERE) for number in range(30)], Deadline.after(0.3))
    assert (checked.denials, time.monotonic() - started < 10.0) == ({}, True)
    assert "ThrottlingException" in checked.failure


def test_invented_names_do_not_delay_registered_ones_while_parameter_store_throttles(
    registration: Registration, ssm: Parameters, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch reads the names in one order, and stops at the first request that is throttled."""
    ssm.values = {"/monitored_projects/Z/dev": B}
    known = Claim("Z/dev", B, HERE)
    registration.check([known], Deadline.after(10.0))
    monkeypatch.setattr(module, "_MAX_ENTRIES", 20)
    registration.check([Claim(f"B{number}/dev", A, HERE) for number in range(40)], Deadline.after(10.0))
    clock.now += module._CACHE_TTL + 1
    answer, requests = ssm.get_parameters, iter(range(2))

    def throttled_after_two(Names: list[str]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        if next(requests, None) is None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetParameters")
        return answer(Names)

    monkeypatch.setattr(ssm, "get_parameters", throttled_after_two)
    invented = [Claim(f"A{number}/dev", A, HERE) for number in range(90)]
    checked = registration.check([*invented, known], Deadline.after(0.2))
    assert checked.failure
    assert checked.denials[known] is None


def test_a_batch_of_more_names_than_the_cache_holds_is_checked(
    registration: Registration, ssm: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that the batch needs was evicted because of the batch's other names, and the archive raised an error."""
    monkeypatch.setattr(module, "_MAX_ENTRIES", 5)
    ssm.values = {"/monitored_projects/P0/dev": A}
    claims = [Claim(f"P{number}/dev", A, HERE) for number in range(25)]
    for _ in range(2):
        denials = registration.check(claims, Deadline.after(10.0)).denials
        assert denials.keys() == set(claims)
        assert [claim.project for claim, denial in denials.items() if denial is None] == ["P0/dev"]


@pytest.mark.parametrize(
    ("value", "accepted", "refused"), [(A, HERE, ELSEWHERE), (BUS_ELSEWHERE, ELSEWHERE, HERE)], ids=["id", "arn"]
)
def test_a_spoke_is_an_account_and_a_region(
    registration: Registration, ssm: Parameters, value: str, accepted: str, refused: str
) -> None:
    """A bare account ID stands for the hub's region. Values of two regions would mix in one series."""
    ssm.values = {"/monitored_projects/P/dev": value}
    assert denial(registration, "P/dev", A, accepted) is None
    message = denial(registration, "P/dev", A, refused) or ""
    assert f"account {A} sent for P/dev from {refused}" in message
    assert f"which is its spoke in {accepted}" in message
    assert f"set that parameter to the ARN of the spoke's bus in {refused}" in message
    assert "an environment of its own" in message


def test_an_unregistered_spoke_of_another_region_is_told_to_register_its_bus(registration: Registration) -> None:
    """Its account ID alone would register the hub's region."""
    message = denial(registration, "P/dev", A, ELSEWHERE) or ""
    assert f"account {A} in {ELSEWHERE} sent for P/dev" in message
    assert f"ARN of the spoke's bus in {ELSEWHERE}" in message
    assert f"--value {A}" not in message
