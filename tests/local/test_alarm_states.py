"""Alarms change state by what services publish about themselves, not only by PutMetricData."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ds_dashboard_local.client.accounts import Account, allow, eventually

FAIL = "def handler(event, context): raise ValueError('no')"
READ = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])


def alarm(account: Account, namespace: str, metric: str, settings: dict[str, Any] | None = None, **of: str) -> None:
    described = {
        "AlarmName": "alarm",
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in of.items()],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    account.cloudwatch.put_metric_alarm(**{**described, **(settings or {})})


def put(account: Account, value: float, ago: int = 0, **of: str) -> None:
    dimensions = [{"Name": name, "Value": text} for name, text in of.items()]
    when = datetime.now(UTC) - timedelta(seconds=ago)
    data = {"MetricName": "M", "Dimensions": dimensions, "Value": value, "Timestamp": when}
    account.cloudwatch.put_metric_data(Namespace="N", MetricData=[data])


def state(account: Account) -> str:
    (found,) = account.cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]
    return str(found["StateValue"])


def rings(account: Account) -> bool:
    return state(account) == "ALARM"


def test_an_alarm_looks_at_its_own_dimensions(account: Account) -> None:
    """Or one spoke's trouble would ring for every spoke, and a misspelt dimension would seem to work."""
    alarm(account, "N", "M", Name="mine")
    put(account, 5, Name="other")
    put(account, 5)
    assert not rings(account)
    put(account, 5, Name="mine")
    assert rings(account)


@pytest.mark.parametrize(("wanted", "expected"), [(1, "ALARM"), (2, "OK")])
def test_an_alarm_counts_the_periods_that_breach(account: Account, wanted: int, expected: str) -> None:
    alarm(account, "N", "M", {"EvaluationPeriods": 2, "DatapointsToAlarm": wanted})
    put(account, 5, ago=90)
    put(account, 0)
    assert state(account) == expected


@pytest.mark.parametrize(
    ("missing", "expected"), [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")]
)
def test_missing_data_is_what_the_alarm_says_it_is(account: Account, missing: str, expected: str) -> None:
    alarm(account, "N", "M", {"TreatMissingData": missing})
    put(account, 1, Name="another, so that the alarm is looked at")
    assert state(account) == expected


def test_a_message_on_a_queue_rings(account: Account) -> None:
    """A dead letter nobody looks at is a lost event."""
    account.queue("lost")
    alarm(account, "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="lost")
    account.queue("other")
    account.sqs.send_message(QueueUrl=account.sqs.get_queue_url(QueueName="other")["QueueUrl"], MessageBody="m")
    assert not rings(account)
    account.sqs.send_message(QueueUrl=account.sqs.get_queue_url(QueueName="lost")["QueueUrl"], MessageBody="m")
    eventually(lambda: rings(account))


def test_an_event_that_a_function_drops_rings(account: Account) -> None:
    account.function("f", FAIL)
    account.lambda_.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    alarm(account, "AWS/Lambda", "AsyncEventsDropped", FunctionName="f")
    account.lambda_.invoke(FunctionName="f", InvocationType="Event")
    eventually(lambda: rings(account))


@pytest.mark.parametrize("source", ["call", "queue"])
def test_an_error_rings_whoever_asked(account: Account, source: str) -> None:
    queue = account.queue("q")
    account.function("f", FAIL, READ)
    alarm(account, "AWS/Lambda", "Errors", FunctionName="f")
    if source == "call":
        account.invoke("f")
    else:
        account.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)
        account.sqs.send_message(QueueUrl=account.sqs.get_queue_url(QueueName="q")["QueueUrl"], MessageBody="m")
    eventually(lambda: rings(account))


def test_an_event_that_a_rule_cannot_deliver_rings(account: Account) -> None:
    account.bus("bus")
    account.rule("bus", "rule", account.arn("sqs", "gone"))
    alarm(account, "AWS/Events", "FailedInvocations", EventBusName="bus", RuleName="rule")
    account.emit("bus")
    assert rings(account)
