"""What tables, functions and log groups under a customer's key ask of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document, eventually


@pytest.fixture
def key(account: Account) -> str:
    """A key whose policy leaves it to the account's own policies."""
    arn: str = account.kms.create_key(Policy=document(own(account)))["KeyMetadata"]["Arn"]
    return arn


def own(account: Account) -> dict[str, Any]:
    return allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{account.id}:root"})


def put_policy(account: Account, key: str, *statements: dict[str, Any]) -> None:
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(*statements))


def table(account: Account, key: str) -> str:
    account.dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    return account.arn("dynamodb", "table/table")


CALLS: dict[str, dict[str, Any]] = {
    "GetItem": {"Key": {"k": {"S": "a"}}},
    "PutItem": {"Item": {"k": {"S": "a"}}},
    "Scan": {},
    "BatchExecuteStatement": {"Statements": [{"Statement": "INSERT INTO \"table\" VALUE {'k': 'b'}"}]},
}


@pytest.mark.parametrize("call", CALLS)
def test_an_item_needs_the_tables_key(account: Account, key: str, call: str) -> None:
    """By the role's policies and by the key's: one alone lets nobody in."""
    items = allow(["dynamodb:*"], table(account, key))
    account.role("reader", items)
    dynamodb = account.as_role("dynamodb", "reader")
    named = {} if "Statements" in CALLS[call] else {"TableName": "table"}

    def attempt() -> None:
        dynamodb._make_api_call(call, {**CALLS[call], **named})

    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt"):
        attempt()
    account.permit("reader", items, allow("kms:Decrypt", key))
    attempt()
    put_policy(account, key, allow("kms:PutKeyPolicy", "*", Principal={"AWS": f"arn:aws:iam::{account.id}:root"}))
    with pytest.raises(ClientError, match="kms:Decrypt"):
        attempt()


def test_a_table_itself_is_described_without_its_key(account: Account, key: str) -> None:
    account.role("reader", allow("dynamodb:DescribeTable", table(account, key)))
    assert account.as_role("dynamodb", "reader").describe_table(TableName="table")["Table"]["TableName"] == "table"


def test_a_function_starts_when_its_role_can_decrypt_the_environment(account: Account, key: str) -> None:
    """Who waits for the answer is told; what nobody waits for is at its destination."""
    destination = account.queue("lost", from_rules=False)
    send = allow("sqs:SendMessage", destination)
    environment = {"KMSKeyArn": key, "Environment": {"Variables": {"A": "1"}}}
    account.function("f", "def handler(event, context): return 'ran'", send, **environment)
    account.lambda_.put_function_event_invoke_config(
        FunctionName="f",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    with pytest.raises(ClientError, match="KMS access was denied"):
        account.invoke("f")
    account.lambda_.invoke(FunctionName="f", InvocationType="Event")
    (letter,) = account.messages("lost", wait=5)
    assert "KMSAccessDeniedException" in letter["Body"]
    account.permit("f-role", send, allow("kms:Decrypt", key))
    assert account.invoke("f") == "ran"


def test_a_function_without_variables_needs_no_key(account: Account, key: str) -> None:
    account.function("f", "def handler(event, context): return 'ran'", KMSKeyArn=key)
    assert account.invoke("f") == "ran"


def test_a_log_group_takes_a_key_that_cloudwatch_logs_may_use(account: Account, key: str) -> None:
    """And its lines are read only as long as it may."""
    service = {"Service": f"logs.{account.region}.amazonaws.com"}
    group = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:g")}}
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    with pytest.raises(ClientError, match="is not allowed to be used with LogGroup 'g'"):
        account.logs.create_log_group(logGroupName="g", kmsKeyId=key)
    put_policy(account, key, own(account), allow(actions, "*", Principal=service, Condition=group))
    account.logs.create_log_group(logGroupName="g", kmsKeyId=key)
    with pytest.raises(ClientError, match="is not allowed to be used with LogGroup 'other'"):
        account.logs.create_log_group(logGroupName="other", kmsKeyId=key)
    account.logs.create_log_stream(logGroupName="g", logStreamName="s")
    line = {"timestamp": 1_700_000_000_000, "message": "m"}
    account.logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[line])
    assert account.log_lines("g") == ["m"]
    put_policy(account, key, own(account))
    with pytest.raises(ClientError, match="cannot be decrypted"):
        account.log_lines("g")


def test_a_log_group_is_put_under_a_key_later(account: Account, key: str) -> None:
    service = {"Service": f"logs.{account.region}.amazonaws.com"}
    account.logs.create_log_group(logGroupName="g")
    with pytest.raises(ClientError, match="is not allowed to be used with LogGroup 'g'"):
        account.logs.associate_kms_key(logGroupName="g", kmsKeyId=key)
    put_policy(account, key, own(account), allow("kms:*", "*", Principal=service))
    account.logs.associate_kms_key(logGroupName="g", kmsKeyId=key)

    def described() -> str | None:
        found: str | None = account.logs.describe_log_groups()["logGroups"][0].get("kmsKeyId")
        return found

    assert described() == key
    account.logs.disassociate_kms_key(logGroupName="g")
    eventually(lambda: described() is None)
