"""Customer managed keys of buses, tables, functions and log groups."""

from __future__ import annotations

import base64
import json
from typing import Any

import aws_encryption_sdk  # type: ignore[import-untyped]
import pytest
from aws_encryption_sdk.key_providers.kms import KMSMasterKey  # type: ignore[import-untyped]
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document, eventually, package

EVENTS = {"Service": "events.amazonaws.com"}
DESCRIBE = allow("kms:DescribeKey", "*", Principal=EVENTS)


def own(account: Account) -> dict[str, Any]:
    return allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{account.id}:root"})


def use(account: Account, *actions: str) -> dict[str, Any]:
    """The statement for the bus `bus`."""
    context = {"kms:EncryptionContext:aws:events:event-bus:arn": account.arn("events", "event-bus/bus")}
    return allow(list(actions), "*", Principal=EVENTS, Condition={"StringEquals": context})


def permit(account: Account, key: str, *statements: dict[str, Any]) -> None:
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(own(account), *statements))


@pytest.fixture
def key(account: Account) -> str:
    """A key that EventBridge may use for the bus."""
    arn: str = account.kms.create_key(Policy=document(own(account)))["KeyMetadata"]["Arn"]
    permit(account, arn, DESCRIBE, use(account, "kms:GenerateDataKey", "kms:Decrypt"))
    return arn


@pytest.fixture
def bus(account: Account, key: str) -> str:
    """A bus under the key with a dead-letter queue, a rule to the queue `arrived`, and an archive."""
    arn, condition = account.arn("events", "event-bus/bus"), {"aws:SourceArn": account.arn("events", "event-bus/bus")}
    lost = account.arn("sqs", "lost")
    permission = allow("sqs:SendMessage", lost, Principal=EVENTS, Condition={"ArnEquals": condition})
    account.queue("lost", from_rules=False, Policy=document(permission))
    account.events.create_event_bus(Name="bus", KmsKeyIdentifier=key, DeadLetterConfig={"Arn": lost})
    account.rule("bus", "rule", account.queue("arrived"))
    account.events.create_archive(ArchiveName="archive", EventSourceArn=arn)
    return arn


def archived(account: Account) -> int:
    return int(account.events.describe_archive(ArchiveName="archive")["EventCount"])


def test_a_bus_is_created_if_eventbridge_may_describe_the_key(account: Account, key: str) -> None:
    permit(account, key)
    with pytest.raises(ClientError, match="does not allow kms:DescribeKey"):
        account.events.create_event_bus(Name="bus", KmsKeyIdentifier=key)
    permit(account, key, DESCRIBE)
    account.events.create_event_bus(Name="bus", KmsKeyIdentifier=key)


@pytest.mark.parametrize("left", ["kms:GenerateDataKey", "kms:Decrypt"])
def test_an_event_that_the_key_denies_becomes_an_encrypted_dead_letter(
    account: Account, bus: str, key: str, left: str
) -> None:
    """AWS's own SDK decrypts it, so that programs that replay it can be tested."""
    account.emit("bus", {"number": 1})
    assert (len(account.messages("arrived")), archived(account)) == (1, 1)
    permit(account, key, DESCRIBE, use(account, left))
    assert "EventId" in account.emit("bus", {"number": 2})
    assert (account.messages("arrived"), archived(account)) == ([], 1)
    (message,) = account.messages("lost")
    assert "does not allow kms:" in message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    envelope = json.loads(message["Body"])
    assert (envelope["source"], envelope["detail-type"]) == ("aws.events", "Encrypted Events")
    detail = envelope["detail"]
    assert (detail["event-bus-arn"], detail["kms-key-arn"]) == (bus, key)
    master = KMSMasterKey(key_id=key.encode(), client=account.kms)
    payload = base64.b64decode(detail["encrypted-payload"])
    text, header = aws_encryption_sdk.EncryptionSDKClient().decrypt(source=payload, key_provider=master)
    assert json.loads(text)["detail"] == {"number": 2}
    assert header.encryption_context["aws:events:event-bus:arn"] == bus


def test_a_disabled_key_denies_use_too(account: Account, bus: str, key: str) -> None:
    account.emit("bus")
    account.kms.disable_key(KeyId=key)
    account.emit("bus")
    assert (len(account.messages("arrived")), len(account.messages("lost"))) == (1, 1)


def test_a_rule_of_another_account_sends_the_dead_letter(account: Account, other: Account, bus: str, key: str) -> None:
    """The event was never on the bus, so the sender can read it."""
    account.bus_policy("bus", allow("events:PutEvents", bus, Principal={"AWS": f"arn:aws:iam::{other.id}:root"}))
    other.bus("spoke")
    lost = other.queue("lost")
    role = other.role("forward", allow("events:PutEvents", bus), service="events.amazonaws.com")
    other.rule("spoke", "forward", {"Arn": bus, "RoleArn": role, "DeadLetterConfig": {"Arn": lost}})
    permit(account, key, DESCRIBE)
    other.emit("spoke", {"number": 1})
    (message,) = other.messages("lost")
    assert json.loads(message["Body"])["detail"] == {"number": 1}
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert account.messages("lost") == []
    permit(account, key, DESCRIBE, use(account, "kms:GenerateDataKey", "kms:Decrypt"))
    other.emit("spoke")
    assert len(account.messages("arrived")) == 1


@pytest.fixture
def open_key(account: Account) -> str:
    """A key whose policy lets the account's own policies decide."""
    arn: str = account.kms.create_key(Policy=document(own(account)))["KeyMetadata"]["Arn"]
    return arn


def put_policy(account: Account, open_key: str, *statements: dict[str, Any]) -> None:
    account.kms.put_key_policy(KeyId=open_key, PolicyName="default", Policy=document(*statements))


def table(account: Account, open_key: str) -> str:
    return account.table("table", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": open_key})


CALLS: dict[str, dict[str, Any]] = {
    "GetItem": {"Key": {"k": {"S": "a"}}},
    "PutItem": {"Item": {"k": {"S": "a"}}},
    "Scan": {},
    "BatchExecuteStatement": {"Statements": [{"Statement": "INSERT INTO \"table\" VALUE {'k': 'b'}"}]},
}


@pytest.mark.parametrize("call", CALLS)
def test_an_item_needs_the_tables_key(account: Account, open_key: str, call: str) -> None:
    """By the role's policies and by the key's: one alone is not enough."""
    items = allow(["dynamodb:*"], table(account, open_key))
    account.role("reader", items)
    dynamodb = account.as_role("dynamodb", "reader")
    named = {} if "Statements" in CALLS[call] else {"TableName": "table"}

    def attempt() -> None:
        dynamodb._make_api_call(call, {**CALLS[call], **named})

    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt"):
        attempt()
    account.permit("reader", items, allow("kms:Decrypt", open_key))
    attempt()
    put_policy(account, open_key, allow("kms:PutKeyPolicy", "*", Principal={"AWS": f"arn:aws:iam::{account.id}:root"}))
    with pytest.raises(ClientError, match="kms:Decrypt"):
        attempt()


def test_a_table_is_described_without_its_key(account: Account, open_key: str) -> None:
    account.role("reader", allow("dynamodb:DescribeTable", table(account, open_key)))
    assert account.as_role("dynamodb", "reader").describe_table(TableName="table")["Table"]["TableName"] == "table"


def test_an_object_needs_the_buckets_key(account: Account, open_key: str) -> None:
    """To be written, and to be read. Another bucket of the account needs no key."""
    region = account.region
    for name in ("sealed", "plain"):
        account.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": open_key}
    account.s3.put_bucket_encryption(
        Bucket="sealed",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    objects = allow(["s3:PutObject", "s3:GetObject"], ["arn:aws:s3:::sealed/*", "arn:aws:s3:::plain/*"])
    via = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
    account.role("nobody", objects)
    account.role("writer", objects, allow("kms:GenerateDataKey", open_key, Condition=via))
    account.role("reader", objects, allow("kms:Decrypt", open_key, Condition=via))
    nobody, writer, reader = (account.as_role("s3", name) for name in ("nobody", "writer", "reader"))
    nobody.put_object(Bucket="plain", Key="x", Body=b"1")
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        nobody.put_object(Bucket="sealed", Key="x", Body=b"1")
    writer.put_object(Bucket="sealed", Key="x", Body=b"1")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        writer.get_object(Bucket="sealed", Key="x")
    assert reader.get_object(Bucket="sealed", Key="x")["Body"].read() == b"1"


def test_a_function_starts_if_its_role_can_decrypt_the_environment(account: Account, open_key: str) -> None:
    """A synchronous invocation gets the error, an asynchronous one goes to its destination."""
    destination = account.queue("lost", from_rules=False)
    send = allow("sqs:SendMessage", destination)
    environment = {"KMSKeyArn": open_key, "Environment": {"Variables": {"A": "1"}}}
    account.function("f", "def handler(event, context): return 'ran'", send, **environment)
    account.lambda_.put_function_event_invoke_config(
        FunctionName="f",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    with pytest.raises(ClientError, match="KMS access was denied"):
        account.invoke("f")
    account.lambda_.invoke(FunctionName="f", InvocationType="Event")
    (message,) = account.messages("lost", wait=5)
    assert "KMSAccessDeniedException" in message["Body"]
    account.permit("f-role", send, allow("kms:Decrypt", open_key))
    assert account.invoke("f") == "ran"


def test_a_function_without_variables_needs_no_key(account: Account, open_key: str) -> None:
    account.function("f", "def handler(event, context): return 'ran'", KMSKeyArn=open_key)
    assert account.invoke("f") == "ran"


@pytest.mark.parametrize(("variables", "runs"), [({"A": "b"}, False), ({}, True)])
def test_a_role_that_is_created_again_cannot_decrypt_the_environment(
    account: Account, variables: dict[str, str], runs: bool
) -> None:
    """AWS's own key is granted to the role's unique id. No plan shows it; only another function or role helps."""

    def create() -> None:
        account.lambda_.create_function(
            FunctionName="f",
            Role=f"arn:aws:iam::{account.id}:role/runner",
            Code={"ZipFile": package("def handler(event, context): return 'ran'")},
            Handler="module.handler",
            Runtime="python3.13",
            Environment={"Variables": variables},
        )

    def outcome() -> str:
        try:
            return str(account.invoke("f"))
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    account.role("runner", service="lambda.amazonaws.com")
    create()
    assert outcome() == "ran"
    account.iam.delete_role(RoleName="runner")
    account.role("runner", service="lambda.amazonaws.com")
    expected = "ran" if runs else "KMSAccessDeniedException"
    assert outcome() == expected
    account.lambda_.update_function_configuration(FunctionName="f", Timeout=9)
    assert outcome() == expected
    account.lambda_.update_function_configuration(
        FunctionName="f", Role=account.role("b", service="lambda.amazonaws.com")
    )
    assert outcome() == "ran"
    account.lambda_.delete_function(FunctionName="f")
    create()
    assert outcome() == "ran"


def test_a_log_group_takes_a_key_that_cloudwatch_logs_may_use(account: Account, open_key: str) -> None:
    """And its lines can be read only as long as it may."""
    service = {"Service": f"logs.{account.region}.amazonaws.com"}
    group = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:g")}}
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    with pytest.raises(ClientError, match="is not allowed to be used with LogGroup 'g'"):
        account.logs.create_log_group(logGroupName="g", kmsKeyId=open_key)
    put_policy(account, open_key, own(account), allow(actions, "*", Principal=service, Condition=group))
    account.logs.create_log_group(logGroupName="g", kmsKeyId=open_key)
    with pytest.raises(ClientError, match="is not allowed to be used with LogGroup 'other'"):
        account.logs.create_log_group(logGroupName="other", kmsKeyId=open_key)
    account.logs.create_log_stream(logGroupName="g", logStreamName="s")
    line = {"timestamp": 1_700_000_000_000, "message": "m"}
    account.logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[line])
    assert account.log_lines("g") == ["m"]
    put_policy(account, open_key, own(account))
    with pytest.raises(ClientError, match="cannot be decrypted"):
        account.log_lines("g")


def test_a_log_group_is_put_under_a_key_later(account: Account, open_key: str) -> None:
    service = {"Service": f"logs.{account.region}.amazonaws.com"}
    account.logs.create_log_group(logGroupName="g")
    with pytest.raises(ClientError, match="is not allowed to be used with LogGroup 'g'"):
        account.logs.associate_kms_key(logGroupName="g", kmsKeyId=open_key)
    put_policy(account, open_key, own(account), allow("kms:*", "*", Principal=service))
    account.logs.associate_kms_key(logGroupName="g", kmsKeyId=open_key)

    def described() -> str | None:
        found: str | None = account.logs.describe_log_groups()["logGroups"][0].get("kmsKeyId")
        return found

    assert described() == open_key
    account.logs.disassociate_kms_key(logGroupName="g")
    eventually(lambda: described() is None)


def test_a_policy_sees_the_encryption_context_of_a_call_and_the_service_that_makes_it(
    account: Account, open_key: str
) -> None:
    """A person who may decrypt what one bus encrypted decrypts nothing else, and calls KMS through no service."""
    key, bus = open_key, account.arn("events", "event-bus/bus")
    contexts = [{"aws:events:event-bus:arn": bus, "more": "x"}, {"aws:events:event-bus:arn": f"{bus}-2"}, {}]
    texts = [
        account.kms.encrypt(KeyId=key, Plaintext=b"text", EncryptionContext=context)["CiphertextBlob"]
        for context in contexts
    ]

    def errors(condition: dict[str, str]) -> list[str]:
        name = "-".join(condition).replace(":", "-")[:40]
        account.role(name, allow("kms:Decrypt", key, Condition={"StringEquals": condition}))
        kms = account.as_role("kms", name)
        found = []
        for text, context in zip(texts, contexts, strict=True):
            try:
                kms.decrypt(CiphertextBlob=text, EncryptionContext=context)
                found.append("")
            except ClientError as error:
                found.append(error.response["Error"]["Code"])
        return found

    denied = "AccessDeniedException"
    assert errors({"kms:EncryptionContext:aws:events:event-bus:arn": bus}) == ["", denied, denied]
    assert errors({"kms:ViaService": f"dynamodb.{account.region}.amazonaws.com"}) == [denied, denied, denied]
