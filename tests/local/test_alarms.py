"""Alarms: how they read back, and how metrics of services change their state."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

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


def in_alarm(account: Account) -> bool:
    return state(account) == "ALARM"


def test_an_alarm_evaluates_its_own_dimensions(account: Account) -> None:
    """Otherwise one spoke's failure would trigger every spoke's alarm, and a misspelt dimension would seem to work."""
    alarm(account, "N", "M", Name="mine")
    put(account, 5, Name="other")
    put(account, 5)
    assert not in_alarm(account)
    put(account, 5, Name="mine")
    assert in_alarm(account)


@pytest.mark.parametrize(("wanted", "expected"), [(1, "ALARM"), (2, "OK")])
def test_an_alarm_counts_the_breaching_periods(account: Account, wanted: int, expected: str) -> None:
    alarm(account, "N", "M", {"EvaluationPeriods": 2, "DatapointsToAlarm": wanted})
    put(account, 5, ago=90)
    put(account, 0)
    assert state(account) == expected


@pytest.mark.parametrize(
    ("missing", "expected"), [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")]
)
def test_missing_data_is_treated_as_configured(account: Account, missing: str, expected: str) -> None:
    alarm(account, "N", "M", {"TreatMissingData": missing})
    put(account, 1, Name="another, so that the alarm is evaluated")
    assert state(account) == expected


def test_a_message_on_a_queue_triggers_its_alarm(account: Account) -> None:
    """A dead letter that nobody notices is a lost event."""
    account.queue("lost")
    alarm(account, "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="lost")
    account.queue("other")
    account.sqs.send_message(QueueUrl=account.sqs.get_queue_url(QueueName="other")["QueueUrl"], MessageBody="m")
    assert not in_alarm(account)
    account.sqs.send_message(QueueUrl=account.sqs.get_queue_url(QueueName="lost")["QueueUrl"], MessageBody="m")
    eventually(lambda: in_alarm(account))


def _ages(account: Account, queue: str) -> list[float]:
    now = datetime.now(UTC)
    points = account.cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Maximum"],
    )["Datapoints"]
    return [float(point["Maximum"]) for point in points]


def test_the_age_of_the_oldest_message_leaves_out_what_was_received_three_times(account: Account) -> None:
    """The metric shows backlog: an event that fails again and again is not in it."""
    for queue, times in (("failing", 3), ("waiting", 2)):
        account.queue(queue, VisibilityTimeout="0")
        url = account.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        account.sqs.send_message(QueueUrl=url, MessageBody="m")
        for _ in range(times):
            assert account.sqs.receive_message(QueueUrl=url)["Messages"]
    for queue in ("failing", "waiting"):
        alarm(account, "AWS/SQS", "ApproximateAgeOfOldestMessage", {"AlarmName": queue}, QueueName=queue)
    eventually(lambda: max(_ages(account, "waiting"), default=0) > 1)
    assert _ages(account, "failing") == [0]


def test_an_event_that_a_function_drops_triggers_an_alarm(account: Account) -> None:
    account.function("f", FAIL)
    account.lambda_.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    alarm(account, "AWS/Lambda", "AsyncEventsDropped", FunctionName="f")
    account.lambda_.invoke(FunctionName="f", InvocationType="Event")
    eventually(lambda: in_alarm(account))


@pytest.mark.parametrize("source", ["call", "queue"])
def test_an_error_triggers_an_alarm_whatever_invoked_the_function(account: Account, source: str) -> None:
    queue = account.queue("q")
    account.function("f", FAIL, READ)
    alarm(account, "AWS/Lambda", "Errors", FunctionName="f")
    if source == "call":
        account.invoke("f")
    else:
        account.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)
        account.sqs.send_message(QueueUrl=account.sqs.get_queue_url(QueueName="q")["QueueUrl"], MessageBody="m")
    eventually(lambda: in_alarm(account))


def test_an_event_that_a_rule_cannot_deliver_triggers_an_alarm(account: Account) -> None:
    account.bus("bus")
    account.rule("bus", "rule", account.arn("sqs", "gone"))
    alarm(account, "AWS/Events", "FailedInvocations", EventBusName="bus", RuleName="rule")
    account.emit("bus")
    assert in_alarm(account)


ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "AlarmDescription": "what & why",
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "q"}],
    "Statistic": "Maximum",
    "Period": 300,
    "EvaluationPeriods": 2,
    "DatapointsToAlarm": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "ActionsEnabled": True,
    "AlarmActions": ["arn:aws:sns:eu-west-1:111111111111:t"],
    "InsufficientDataActions": ["arn:aws:sns:eu-west-1:111111111111:u"],
}


def query(account: Account, action: str, values: dict[str, Any]) -> str:
    """Call CloudWatch in the query protocol, which boto3 no longer uses and Terraform's provider 5 does."""
    flat = {"Action": action, "Version": "2010-08-01"}

    def add(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                add(f"{name}.{key}", inner)
        elif isinstance(value, list):
            for number, inner in enumerate(value, 1):
                add(f"{name}.member.{number}", inner)
        else:
            flat[name] = json.dumps(value) if isinstance(value, bool) else str(value)

    for name, value in values.items():
        add(name, value)
    scope = f"{account.id}/20260101/{account.region}/monitoring/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"}
    request = Request(account.cloud.endpoint, urlencode(flat).encode(), headers)
    with urlopen(request) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("protocol", ["query", "boto3"])
@pytest.mark.parametrize("actions", ["AlarmActions", "OKActions", "InsufficientDataActions"])
@pytest.mark.parametrize("beginning", ["arn:aws:sns:eu-central-1", "arn:aws-cn:sns:eu-west-1"])
def test_an_action_of_another_region_or_partition_is_rejected(
    account: Account, protocol: str, actions: str, beginning: str
) -> None:
    """One topic for all regions is a common wish, and a plan does not show that it fails."""
    put = {**ALARM, actions: [f"{beginning}:111111111111:t"]}
    try:
        if protocol == "query":
            query(account, "PutMetricAlarm", put)
        else:
            account.cloudwatch.put_metric_alarm(**put)
        refusal = "none"
    except HTTPError as error:
        refusal = error.read().decode()
    except ClientError as error:
        refusal = str(error)
    assert "ValidationError" in refusal
    assert ("Invalid region eu-central-1 specified. Only eu-west-1 is supported." in refusal) == (
        "central" in beginning
    )
    assert account.cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize("protocol", ["query", "boto3"])
def test_an_alarm_reads_back_as_it_was_put(account: Account, protocol: str) -> None:
    """Otherwise no plan would ever be empty."""
    if protocol == "query":
        query(account, "PutMetricAlarm", ALARM)
    else:
        account.cloudwatch.put_metric_alarm(**ALARM)
    (alarm,) = account.cloudwatch.describe_alarms()["MetricAlarms"]
    assert {name: alarm[name] for name in ALARM} == ALARM
    text = query(account, "DescribeAlarms", {"AlarmNames": ["a"]})
    for expected in (
        "<AlarmDescription>what &amp; why</AlarmDescription>",
        "<Period>300</Period>",
        "<Statistic>Maximum</Statistic>",
        "<Dimensions><member><Name>QueueName</Name><Value>q</Value></member></Dimensions>",
        "<TreatMissingData>notBreaching</TreatMissingData>",
        "<DatapointsToAlarm>1</DatapointsToAlarm>",
        "<AlarmActions><member>arn:aws:sns:eu-west-1:111111111111:t</member></AlarmActions>",
        "<InsufficientDataActions><member>arn:aws:sns:eu-west-1:111111111111:u</member></InsufficientDataActions>",
        "<ActionsEnabled>true</ActionsEnabled>",
    ):
        assert expected in text


def test_an_alarm_on_an_expression_keeps_it(account: Account) -> None:
    metric = {"Namespace": "N", "MetricName": "M"}
    queries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "e", "Expression": "m * 2", "Label": "twice", "ReturnData": True},
    ]
    one_metric = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    values = {name: value for name, value in ALARM.items() if name not in one_metric}
    query(account, "PutMetricAlarm", {**values, "Metrics": queries})
    (alarm,) = account.cloudwatch.describe_alarms()["MetricAlarms"]
    assert [found["Id"] for found in alarm["Metrics"]] == ["m", "e"]
    assert not alarm.get("Statistic")
    assert not alarm.get("Period")
    assert "<Expression>m * 2</Expression>" in query(account, "DescribeAlarms", {"AlarmNames": ["a"]})
    account.cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": 5}])
