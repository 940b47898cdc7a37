"""Alarms change state by what services publish about themselves, not only by PutMetricData."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard_local.accounts import Account, allow, eventually

FAIL = "def handler(event, context): raise ValueError('no')"
READ = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])


def alarm(account: Account, namespace: str, metric: str, **dimensions: str) -> None:
    account.cloudwatch.put_metric_alarm(
        AlarmName="alarm",
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def rings(account: Account) -> Any:
    (found,) = account.cloudwatch.describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]
    return found["StateValue"] == "ALARM"


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
