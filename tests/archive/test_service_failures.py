"""Services that fail, or reject one value: nothing is lost, and other messages are not delayed."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import archive
from ds_dashboard.hub.registration import Registration

from .conftest import FAILURE, NOW, RUN, Hub, body, result

AT = "2026-11-24T11:00:00.000000Z"


class Failing:
    """A client in which one operation fails a number of times."""

    def __init__(self, client: Any, operation: str, times: int, code: str = "ResourceNotFoundException") -> None:
        self._client, self._operation, self._times, self._code = client, operation, times, code

    def __getattr__(self, name: str) -> Any:
        if name == self._operation and self._times > 0:
            self._times -= 1
            error = ClientError({"Error": {"Code": self._code, "Message": "injected by the test"}}, name)

            def fail(**_: Any) -> Any:
                raise error

            return fail
        return getattr(self._client, name)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("dynamodb", "batch_execute_statement"),
        ("dynamodb", "query"),
        ("dynamodb", "update_item"),
        ("dynamodb", "get_item"),
        ("ssm", "get_parameters"),
        ("sqs", "send_message"),
    ],
)
def test_messages_that_need_a_service_that_fails_are_delivered_again(hub: Hub, service: str, operation: str) -> None:
    """A failing service neither rejects nor loses anything."""
    run = {
        "ProjectName": "P",
        "Environment": "dev",
        "StartedAt": AT,
        "FinishedAt": AT,
        "Emitted": 1,
        "Failed": 0,
        "Metrics": [],
    }
    bodies = [
        body(result()),
        body(result(MetricValue=2)),
        body(result(ProjectName="Unknown")),
        body(run, kind="metric_extractor_run"),
        body(FAILURE, kind="metric_extractor_failure"),
    ]
    hub.archive(body(result(MetricValue=0)))
    hub.registration = Registration(hub.settings.monitored_projects_path, hub.settings.region)
    aws.use(service, Failing({"dynamodb": hub.dynamodb, "ssm": hub.ssm, "sqs": hub.sqs}[service], operation, 1))
    failed = hub.archive(*bodies)
    assert failed
    assert hub.archive(*[bodies[int(index)] for index in failed]) == []
    assert sorted(item["MetricValue"] for item in hub.history()) == [0, 1, 2]
    assert len(hub.items("spokes")) == 1
    assert len(hub.rejected()) == 1


@pytest.mark.parametrize(("service", "operation"), [("dynamodb", "batch_execute_statement"), ("ssm", "get_parameters")])
def test_the_text_of_the_log_line_says_why_messages_failed(
    hub: Hub, caplog: pytest.LogCaptureFixture, service: str, operation: str
) -> None:
    """Where a log has no more than the text of a line, `messages failed` alone names no cause."""
    clients = {"dynamodb": hub.dynamodb, "ssm": hub.ssm}
    aws.use(service, Failing(clients[service], operation, 1, "AccessDeniedException"))
    assert hub.archive(body(result())) == ["0"]
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert line.getMessage().startswith("messages failed: ")
    assert "AccessDeniedException" in line.getMessage()
    assert line.__dict__["reason"] in line.getMessage()


class Throttled:
    """A client in which one operation is always throttled, and each call takes `seconds` of a clock."""

    def __init__(self, client: Any, operation: str, clock: Clock, seconds: float) -> None:
        self._client, self._operation, self._clock, self._seconds = client, operation, clock, seconds

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if name != self._operation:
            return call

        def throttle(**_: Any) -> Any:
            self._clock.sleep(self._seconds)
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "injected by the test"}}, name)

        return throttle


class Clock:
    """A clock that sleeping moves, also in other threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


@pytest.mark.parametrize("seconds", [0.0, aws.BRIEF_ATTEMPT_SECONDS], ids=["answered at once", "silent"])
@pytest.mark.parametrize(
    ("service", "operation", "stays"),
    [
        # What is written and sent anyway, although one call never succeeds.
        ("ssm", "get_parameters", {"rejected": 1}),
        ("dynamodb", "batch_execute_statement", {"rejected": 2, "runs": 1, "failures": 1}),
        ("sqs", "send_message", {"values": 2, "runs": 1, "failures": 1}),
        ("dynamodb", "update_item", {"values": 2, "rejected": 2}),
        ("dynamodb", "get_item", {"values": 2, "rejected": 2}),
    ],
)
def test_the_answer_and_the_counts_leave_in_time_while_a_service_throttles(
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    service: str,
    operation: str,
    stays: dict[str, int],
    seconds: float,
) -> None:
    """One throttled call took longer than the function may run, and all messages of its batch were delivered again."""
    clock = Clock()
    monkeypatch.setattr("time.sleep", clock.sleep)
    clients = {"dynamodb": hub.dynamodb, "ssm": hub.ssm, "sqs": hub.sqs}
    aws.use(service, Throttled(clients[service], operation, clock, seconds))
    bodies = [
        body(result()),
        body(result(MetricName="Other")),
        body(result(ProjectName="Unknown")),
        "not an event",
        body(RUN, kind="metric_extractor_run"),
        body(FAILURE, kind="metric_extractor_failure"),
    ]
    messages = [archive.Message(str(index), text) for index, text in enumerate(bodies)]
    failed = archive.archive(messages, hub.settings, hub.registration, NOW, Deadline.after(50.0, clock))
    # The attempts that started last may run in several threads, which move this clock one after another.
    assert clock.now <= 50.0 + 8 * seconds
    counts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert counts["Failed"] == len(failed) > 0
    spokes = hub.items("spokes")
    found = {
        "values": len(hub.history()),
        "rejected": len(hub.rejected()),
        "runs": sum("FinishedAt" in spoke for spoke in spokes),
        "failures": sum("Failures" in spoke for spoke in spokes),
    }
    assert {name: number for name, number in found.items() if number} == stays
    aws.use(service, clients[service])
    assert hub.archive(*[bodies[int(index)] for index in failed]) == []
    assert (len(hub.history()), len(hub.items("spokes"))) == (2, 1)


@pytest.mark.parametrize("operation", ["update_item", "get_item"])
def test_a_spoke_whose_item_is_throttled_holds_the_archive_for_ten_seconds(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """Its item may be throttled for as long as it wants, and values of all others wait for the function."""
    clock = Clock()
    monkeypatch.setattr("time.sleep", clock.sleep)
    aws.use("dynamodb", Throttled(hub.dynamodb, operation, clock, 0.0))
    reports = [body(RUN, kind="metric_extractor_run"), body(FAILURE, kind="metric_extractor_failure")]
    # The last one is in a portion of its own.
    bodies = [*reports, body(result()), body(result(MetricName="Large", Metadata={"a": [1] * 2000}))]
    messages = [archive.Message(str(index), text) for index, text in enumerate(bodies)]
    failed = archive.archive(messages, hub.settings, hub.registration, NOW, Deadline.after(50.0, clock))
    assert set(failed) <= {"0", "1"}
    assert len(hub.history()) == 2
    assert clock.now <= 10.0


def test_the_age_of_the_oldest_retried_event_is_published(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """The queue's own metric leaves out what was received three times, and so events that keep failing."""
    messages = [
        archive.Message("0", body(result()), NOW - timedelta(hours=9)),
        archive.Message("1", body(result(MetricValue=2)), NOW - timedelta(minutes=20), is_retry=True),
        archive.Message("2", "not an event", NOW - timedelta(minutes=50), is_retry=True),
    ]
    archive.archive(messages, hub.settings, hub.registration, NOW, Deadline.after(50.0))
    first, _, *_ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["OldestRetriedEventAge"], first["Name"]) == (3000, hub.name)
    (published,) = first["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert published == {"Name": "OldestRetriedEventAge", "Unit": "Seconds"}
    archive.archive(messages[:1], hub.settings, hub.registration, NOW, Deadline.after(50.0))
    assert "OldestRetriedEventAge" not in capsys.readouterr().out


class RejectsOneValue:
    """DynamoDB in which one value makes a whole batch fail."""

    def __init__(self, client: Any, value: str) -> None:
        self._client, self._value = client, value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_execute_statement(self, Statements: list[Any]) -> Any:  # noqa: N803 - botocore's spelling
        if any({"N": self._value} in statement["Parameters"] for statement in Statements):
            raise ClientError(
                {"Error": {"Code": "ValidationException", "Message": "not this value"}}, "BatchExecuteStatement"
            )
        return self._client.batch_execute_statement(Statements=Statements)


def test_a_value_that_dynamodb_rejects_is_rejected_alone(hub: Hub) -> None:
    """It goes to the rejected queue with DynamoDB's message, and the rest of its batch is written."""
    aws.use("dynamodb", RejectsOneValue(hub.dynamodb, "13"))
    bodies = [body(result(MetricName=f"M{number}", MetricValue=number)) for number in range(30)]
    assert hub.archive(*bodies) == []
    assert sorted(item["MetricValue"] for item in hub.history()) == [n for n in range(30) if n != 13]
    (rejected,) = hub.rejected()
    assert (rejected["Code"], rejected["body"]) == ("Refused", bodies[13])
    assert "not this value" in rejected["Reason"]
