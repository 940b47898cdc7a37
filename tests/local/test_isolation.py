"""Accounts and regions are isolated from each other."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard_local.client.accounts import Account, allow


def fill(account: Account) -> None:
    account.queue("same")
    account.bus("same")
    account.ssm.put_parameter(Name="/same", Value=f"{account.id} {account.region}", Type="String")
    account.table("same")
    account.logs.create_log_group(logGroupName="same")


def test_the_same_names_exist_side_by_side(local_cloud: Any, account: Account, other: Account) -> None:
    places = [account, other, Account(local_cloud, account.id, "us-east-1")]
    for place in places:
        fill(place)
    for place in places:
        assert place.ssm.get_parameter(Name="/same")["Parameter"]["Value"] == f"{place.id} {place.region}"
        place.sqs.send_message(QueueUrl=place.sqs.get_queue_url(QueueName="same")["QueueUrl"], MessageBody=place.id)
        place.dynamodb.put_item(TableName="same", Item={"k": {"S": place.region}})
    for place in places:
        assert [message["Body"] for message in place.messages("same")] == [place.id]
        assert place.dynamodb.scan(TableName="same")["Items"] == [{"k": {"S": place.region}}]


def test_a_rule_receives_events_of_its_own_bus_only(local_cloud: Any, account: Account, other: Account) -> None:
    places = [account, other, Account(local_cloud, account.id, "us-east-1")]
    for place in places:
        place.bus("same")
        place.rule("same", "all", place.queue("q"))
    account.emit("same")
    assert [len(place.messages("q")) for place in places] == [1, 0, 0]


def test_a_function_of_one_account_reaches_its_own_queue_only(account: Account, other: Account) -> None:
    """The worker's credentials are the role's, not the server's."""
    for place in (account, other):
        place.queue("q", from_rules=False)
    source = """
import boto3
def handler(account, context):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="q", QueueOwnerAWSAccountId=account)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
"""
    account.function("f", source, allow(["sqs:SendMessage", "sqs:GetQueueUrl"]))
    assert account.invoke("f", account.id) is None
    assert "AccessDenied" in account.invoke("f", other.id)["errorMessage"]
    assert [len(place.messages("q")) for place in (account, other)] == [1, 0]


@pytest.mark.parametrize("service", ["sqs", "dynamodb", "sagemaker"])
def test_an_unknown_access_key_is_rejected(local_cloud: Any, service: str) -> None:
    client = local_cloud.client_with(service, "AKIAIOSFODNN7EXAMPLE", "secret", None)
    operation = {"sqs": "list_queues", "dynamodb": "list_tables", "sagemaker": "list_models"}[service]
    with pytest.raises(client.exceptions.ClientError, match="security token included in the request is invalid"):
        getattr(client, operation)()
