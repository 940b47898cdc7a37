"""DynamoDB, Parameter Store and alarms: permissions, limits, and what reads back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow


def table(account: Account, name: str) -> str:
    account.dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return account.arn("dynamodb", f"table/{name}")


def insert(name: str, key: str) -> dict[str, str]:
    return {"Statement": f"INSERT INTO \"{name}\" VALUE {{'k': '{key}'}}"}


def test_a_statement_needs_its_verbs_action_on_its_table(account: Account) -> None:
    """BatchExecuteStatement is no action of IAM; PartiQLInsert on one table does not open another."""
    mine, other = table(account, "mine"), table(account, "other")
    account.role("archive", allow("dynamodb:BatchExecuteStatement"))
    dynamodb = account.as_role("dynamodb", "archive")
    with pytest.raises(ClientError, match=f"not authorized to perform: dynamodb:PartiQLInsert on resource: {mine}"):
        dynamodb.batch_execute_statement(Statements=[insert("mine", "a")])
    account.permit("archive", allow("dynamodb:PartiQLInsert", mine))
    assert "Error" not in dynamodb.batch_execute_statement(Statements=[insert("mine", "a")])["Responses"][0]
    with pytest.raises(ClientError, match=f"PartiQLInsert on resource: {other}"):
        dynamodb.batch_execute_statement(Statements=[insert("mine", "b"), insert("other", "b")])
    with pytest.raises(ClientError, match="PartiQLUpdate"):
        dynamodb.execute_statement(Statement="UPDATE \"mine\" SET v = 1 WHERE k = 'a'")
    with pytest.raises(ClientError, match="PartiQLSelect"):
        dynamodb.execute_statement(Statement="SELECT * FROM \"mine\" WHERE k = 'a'")
    account.permit("archive", allow(["dynamodb:PartiQLUpdate", "dynamodb:PartiQLSelect"], mine))
    dynamodb.execute_statement(Statement="UPDATE \"mine\" SET v = 1 WHERE k = 'a'")
    (item,) = dynamodb.execute_statement(Statement="SELECT * FROM \"mine\" WHERE k = 'a'")["Items"]
    assert item == {"k": {"S": "a"}, "v": {"N": "1"}}


def test_statements_of_a_batch_are_answered_one_by_one(account: Account) -> None:
    table(account, "tab")
    account.dynamodb.batch_execute_statement(Statements=[insert("tab", "a")])
    answers = account.dynamodb.batch_execute_statement(Statements=[insert("tab", "a"), insert("tab", "b")])["Responses"]
    assert [answer.get("Error", {}).get("Code") for answer in answers] == ["DuplicateItem", None]


def test_a_number_keeps_its_38_digits(account: Account) -> None:
    table(account, "tab")
    digits = "1234567890.1234567890123456789012345678"
    account.dynamodb.execute_statement(
        Statement="INSERT INTO \"tab\" VALUE {'k': ?, 'n': ?}", Parameters=[{"S": "a"}, {"N": digits}]
    )
    item = account.dynamodb.get_item(TableName="tab", Key={"k": {"S": "a"}})["Item"]
    assert Decimal(item["n"]["N"]) == Decimal(digits)


def test_other_calls_are_allowed_by_table(account: Account) -> None:
    mine = table(account, "mine")
    table(account, "other")
    account.role("watch", allow(["dynamodb:Scan", "dynamodb:UpdateItem"], mine))
    dynamodb = account.as_role("dynamodb", "watch")
    assert dynamodb.scan(TableName="mine")["Items"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.scan(TableName="other")
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.query(TableName="mine", KeyConditionExpression="k = :k", ExpressionAttributeValues={":k": {"S": "a"}})


def parameters(account: Account, number: int) -> list[str]:
    names = [f"/monitored_projects/P{n:02}/dev" for n in range(number)]
    for name in names:
        account.ssm.put_parameter(Name=name, Value="111111111111", Type="String")
    return names


def test_parameters_are_looked_up_in_tens(account: Account) -> None:
    names = parameters(account, 11)
    with pytest.raises(ClientError, match="length less than or equal to 10"):
        account.ssm.get_parameters(Names=names)
    answer = account.ssm.get_parameters(Names=[*names[:9], "/monitored_projects/None/dev"])
    assert len(answer["Parameters"]) == 9
    assert answer["InvalidParameters"] == ["/monitored_projects/None/dev"]


def test_a_path_is_read_ten_a_page(account: Account) -> None:
    """The original sample reads one page and loses the eleventh spoke."""
    parameters(account, 12)
    first = account.ssm.get_parameters_by_path(Path="/monitored_projects", Recursive=True)
    assert len(first["Parameters"]) == 10
    with pytest.raises(ClientError, match="less than or equal to 10"):
        account.ssm.get_parameters_by_path(Path="/monitored_projects", Recursive=True, MaxResults=11)
    pages = account.ssm.get_paginator("get_parameters_by_path").paginate(Path="/monitored_projects", Recursive=True)
    assert [len(page["Parameters"]) for page in pages] == [10, 2]


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
    """A call in the query protocol, which boto3 no longer speaks and Terraform's provider 5 does."""
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
def test_an_alarm_reads_back_as_it_was_put(account: Account, protocol: str) -> None:
    """Or no plan is ever empty."""
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
