"""Services that fail, or reject one value: nothing is lost, and other messages are not delayed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.hub.registration import Registration

from .conftest import Hub, body, result

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
    ]
    hub.archive(body(result(MetricValue=0)))
    hub.registration = Registration(hub.settings.monitored_projects_path)
    aws.use(service, Failing({"dynamodb": hub.dynamodb, "ssm": hub.ssm, "sqs": hub.sqs}[service], operation, 1))
    failed = hub.archive(*bodies)
    assert failed
    assert hub.archive(*[bodies[int(index)] for index in failed]) == []
    assert sorted(item["MetricValue"] for item in hub.history()) == [0, 1, 2]
    assert len(hub.items("spokes")) == 1
    assert len(hub.rejected()) == 1


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


def test_a_value_that_dynamodb_refuses_is_rejected_alone(hub: Hub) -> None:
    """It goes to the rejected queue with DynamoDB's message, and the rest of its batch is written."""
    aws.use("dynamodb", RejectsOneValue(hub.dynamodb, "13"))
    bodies = [body(result(MetricName=f"M{number}", MetricValue=number)) for number in range(30)]
    assert hub.archive(*bodies) == []
    assert sorted(item["MetricValue"] for item in hub.history()) == [n for n in range(30) if n != 13]
    (rejected,) = hub.rejected()
    assert (rejected["Code"], rejected["body"]) == ("Refused", bodies[13])
    assert "not this value" in rejected["Reason"]
