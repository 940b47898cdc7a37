"""DynamoDB and Parameter Store: permissions, limits, and what reads back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow


def insert(name: str, key: str) -> dict[str, str]:
    return {"Statement": f"INSERT INTO \"{name}\" VALUE {{'k': '{key}'}}"}


def test_a_statement_needs_its_verbs_action_on_its_table(account: Account) -> None:
    """BatchExecuteStatement is not an action of IAM, and PartiQLInsert on one table does not allow another."""
    mine, other = account.table("mine"), account.table("other")
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
    account.table("tab")
    account.dynamodb.batch_execute_statement(Statements=[insert("tab", "a")])
    answers = account.dynamodb.batch_execute_statement(Statements=[insert("tab", "a"), insert("tab", "b")])["Responses"]
    assert [answer.get("Error", {}).get("Code") for answer in answers] == ["DuplicateItem", None]


def test_a_number_keeps_its_38_digits(account: Account) -> None:
    account.table("tab")
    digits = "1234567890.1234567890123456789012345678"
    account.dynamodb.execute_statement(
        Statement="INSERT INTO \"tab\" VALUE {'k': ?, 'n': ?}", Parameters=[{"S": "a"}, {"N": digits}]
    )
    item = account.dynamodb.get_item(TableName="tab", Key={"k": {"S": "a"}})["Item"]
    assert Decimal(item["n"]["N"]) == Decimal(digits)


def test_other_calls_are_allowed_by_table(account: Account) -> None:
    mine = account.table("mine")
    account.table("other")
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


def test_a_call_gets_ten_parameters_at_most(account: Account) -> None:
    names = parameters(account, 11)
    with pytest.raises(ClientError, match="length less than or equal to 10"):
        account.ssm.get_parameters(Names=names)
    answer = account.ssm.get_parameters(Names=[*names[:9], "/monitored_projects/None/dev"])
    assert len(answer["Parameters"]) == 9
    assert answer["InvalidParameters"] == ["/monitored_projects/None/dev"]


def test_the_type_of_a_parameter_cannot_be_changed(account: Account) -> None:
    """A fix that overwrites a SecureString with a String does not work on AWS."""
    account.ssm.put_parameter(Name="/monitors/hub", Value="secret", Type="SecureString")
    with pytest.raises(ClientError, match="HierarchyTypeMismatchException"):
        account.ssm.put_parameter(Name="/monitors/hub", Value="1", Type="String", Overwrite=True)
    account.ssm.put_parameter(Name="/monitors/hub", Value="other", Overwrite=True)
    (kept,) = account.ssm.get_parameters(Names=["/monitors/hub"], WithDecryption=True)["Parameters"]
    assert (kept["Type"], kept["Value"]) == ("SecureString", "other")
    account.ssm.delete_parameter(Name="/monitors/hub")
    account.ssm.put_parameter(Name="/monitors/hub", Value="1", Type="String")


def test_a_path_is_read_ten_a_page(account: Account) -> None:
    """The original sample reads one page and loses the eleventh spoke."""
    parameters(account, 12)
    first = account.ssm.get_parameters_by_path(Path="/monitored_projects", Recursive=True)
    assert len(first["Parameters"]) == 10
    with pytest.raises(ClientError, match="less than or equal to 10"):
        account.ssm.get_parameters_by_path(Path="/monitored_projects", Recursive=True, MaxResults=11)
    pages = account.ssm.get_paginator("get_parameters_by_path").paginate(Path="/monitored_projects", Recursive=True)
    assert [len(page["Parameters"]) for page in pages] == [10, 2]


@pytest.mark.parametrize(
    ("operation", "allowed", "denied"),
    [
        ("get_parameters", {"Names": ["/mine/a", "/mine/b"]}, {"Names": ["/mine/a", "/other/c"]}),
        ("get_parameters_by_path", {"Path": "/mine"}, {"Path": "/other"}),
    ],
)
def test_each_named_parameter_and_a_path_are_authorized(
    account: Account, operation: str, allowed: dict[str, Any], denied: dict[str, Any]
) -> None:
    """One name outside the policy denies the whole call, as on AWS."""
    for name in ("/mine/a", "/mine/b", "/other/c"):
        account.ssm.put_parameter(Name=name, Value="v", Type="String")
    resources = [account.arn("ssm", "parameter/mine"), account.arn("ssm", "parameter/mine/*")]
    account.role("reader", allow(["ssm:GetParameters", "ssm:GetParametersByPath"], resources))
    call = getattr(account.as_role("ssm", "reader"), operation)
    assert len(call(**allowed)["Parameters"]) == 2
    with pytest.raises(ClientError, match="AccessDenied"):
        call(**denied)
