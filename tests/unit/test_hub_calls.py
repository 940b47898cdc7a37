"""Calls of the archive and refresh functions: repeated only while there is time, and never longer than a function."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.hub import calls, refresh


class Clock:
    """A clock that sleeping moves, and each call by `seconds`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Context:
    """The context of an invocation that Lambda ends after a timeout."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr("time.monotonic", fake)
    monkeypatch.setattr("time.sleep", fake.sleep)
    return fake


def aws_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Call",
    )


@pytest.mark.parametrize(("timeout", "reserve"), [(60.0, 10.0), (30.0, 7.5), (4.0, 1.0)])
def test_the_last_call_and_the_answer_are_in_time(timeout: float, reserve: float) -> None:
    """A call that starts at the deadline ends within its time-outs, and then Lambda waits for the answer."""
    assert calls.deadline_of(Context(timeout)).remaining() == pytest.approx(timeout - reserve, abs=0.1)


def test_a_brief_client_makes_one_attempt_with_short_time_outs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adaptive client is also slowed down for all tables when one of them throttles."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    aws.forget()
    config: Any = aws.client("dynamodb", brief=True).meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.connect_timeout + config.read_timeout == aws.BRIEF_ATTEMPT_SECONDS
    patient: Any = aws.client("dynamodb").meta.config
    assert patient.retries["mode"] == "adaptive"
    aws.forget()


@pytest.mark.parametrize(
    "error",
    [
        *map(aws_error, ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestThrottled"]),
        *map(aws_error, ["RequestLimitExceeded", "KmsThrottled", "InternalServerError", "TransactionConflict"]),
        aws_error("Unknown", 503),
        EndpointConnectionError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
        calls.Conflict(),
    ],
    ids=str,
)
def test_transient_errors_are_retried_until_the_deadline(clock: Clock, error: Exception) -> None:
    """The pauses grow, and no attempt starts after the deadline."""
    attempts: list[float] = []

    def fail(**_: Any) -> None:
        attempts.append(clock.now)
        raise error

    with pytest.raises(type(error)):
        calls.call(fail, Deadline.after(10.0, clock))
    assert 5 < len(attempts) < 20
    assert attempts[-1] <= 1010.0


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "ResourceNotFoundException"])
def test_other_errors_are_not_retried(clock: Clock, code: str) -> None:
    """The queue delivers the events again, when somebody has corrected the cause."""
    attempts: list[int] = []

    def fail(**_: Any) -> None:
        attempts.append(1)
        raise aws_error(code)

    with pytest.raises(ClientError):
        calls.call(fail, Deadline.after(10.0, clock))
    assert len(attempts) == 1


def test_no_call_starts_after_the_deadline(clock: Clock) -> None:
    """The rest of a batch fails at once."""
    deadline = Deadline.after(1.0, clock)
    clock.now += 2.0
    with pytest.raises(calls.OutOfTime):
        calls.call(lambda **_: pytest.fail("called"), deadline)
    answers = calls.call_each_until(lambda _: pytest.fail("called"), [1, 2], deadline)
    assert [str(answer) for answer in answers] == ["out of time", "out of time"]


def test_an_item_that_is_throttled_waits_for_all_others(clock: Clock) -> None:
    """One spoke with a large item must not use the time of the others."""
    order: list[str] = []

    def act(item: str) -> str:
        order.append(item)
        if item == "hot":
            raise aws_error("ThrottlingException")
        return item

    hot, *others = calls.call_each_until(act, ["hot", "a", "b"], Deadline.after(3.0, clock))
    assert isinstance(hot, ClientError)
    assert others == ["a", "b"]
    assert sorted(order[:3]) == ["a", "b", "hot"]
    assert set(order[3:]) == {"hot"}


class Bus:
    """The events API: answers as planned, and then accepts."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.details: list[str] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        self.details.append(Entries[0]["Detail"])
        answer = self.answers.pop(0) if self.answers else {"EventId": "e"}
        if isinstance(answer, Exception):
            raise answer
        return {"Entries": [answer]}


def test_a_throttled_refresh_is_emitted_later_with_the_same_id(clock: Clock) -> None:
    """Nothing invokes the function again: the request would be lost."""
    bus = Bus(aws_error("ThrottlingException"), {"ErrorCode": "ThrottlingException"}, {"ErrorCode": "InternalFailure"})
    aws.use("events", bus)
    assert refresh.emit(Refresh("r-1"), "bus", Deadline.after(20.0, clock)) == "e"
    assert bus.details == ['{"RefreshId":"r-1"}'] * 4
    aws.forget()


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_a_refresh_that_is_not_accepted_fails_in_time(clock: Clock, code: str) -> None:
    """The caller, or the dead-letter queue, gets the reason."""
    aws.use("events", Bus(*[{"ErrorCode": code, "ErrorMessage": "no"}] * 100))
    with pytest.raises(refresh.NotEmitted, match=code):
        refresh.emit(Refresh("r-1"), "bus", Deadline.after(20.0, clock))
    assert clock.now <= 1020.0
    aws.forget()
