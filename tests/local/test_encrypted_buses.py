"""What a bus under a customer's key asks of the key, and where events go that the key refuses."""

from __future__ import annotations

import base64
import json
from typing import Any

import aws_encryption_sdk  # type: ignore[import-untyped]
import pytest
from aws_encryption_sdk.key_providers.kms import KMSMasterKey  # type: ignore[import-untyped]
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document

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


def test_a_bus_is_made_when_eventbridge_may_look_at_the_key(account: Account, key: str) -> None:
    permit(account, key)
    with pytest.raises(ClientError, match="does not allow kms:DescribeKey"):
        account.events.create_event_bus(Name="bus", KmsKeyIdentifier=key)
    permit(account, key, DESCRIBE)
    account.events.create_event_bus(Name="bus", KmsKeyIdentifier=key)


@pytest.mark.parametrize("left", ["kms:GenerateDataKey", "kms:Decrypt"])
def test_what_the_key_refuses_is_encrypted_among_the_dead_letters(
    account: Account, bus: str, key: str, left: str
) -> None:
    """As AWS's own SDK decrypts it, so that whoever sends it again can be tested."""
    account.emit("bus", {"number": 1})
    assert (len(account.messages("arrived")), archived(account)) == (1, 1)
    permit(account, key, DESCRIBE, use(account, left))
    assert "EventId" in account.emit("bus", {"number": 2})
    assert (account.messages("arrived"), archived(account)) == ([], 1)
    (letter,) = account.messages("lost")
    assert "does not allow kms:" in letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    envelope = json.loads(letter["Body"])
    assert (envelope["source"], envelope["detail-type"]) == ("aws.events", "Encrypted Events")
    detail = envelope["detail"]
    assert (detail["event-bus-arn"], detail["kms-key-arn"]) == (bus, key)
    master = KMSMasterKey(key_id=key.encode(), client=account.kms)
    payload = base64.b64decode(detail["encrypted-payload"])
    text, header = aws_encryption_sdk.EncryptionSDKClient().decrypt(source=payload, key_provider=master)
    assert json.loads(text)["detail"] == {"number": 2}
    assert header.encryption_context["aws:events:event-bus:arn"] == bus


def test_a_key_that_is_disabled_refuses_too(account: Account, bus: str, key: str) -> None:
    account.emit("bus")
    account.kms.disable_key(KeyId=key)
    account.emit("bus")
    assert (len(account.messages("arrived")), len(account.messages("lost"))) == (1, 1)


def test_a_rule_of_another_account_has_the_dead_letter(account: Account, other: Account, bus: str, key: str) -> None:
    """It was never on the bus: whoever sent it can read it."""
    account.bus_policy("bus", allow("events:PutEvents", bus, Principal={"AWS": f"arn:aws:iam::{other.id}:root"}))
    other.bus("spoke")
    lost = other.queue("lost")
    role = other.role("forward", allow("events:PutEvents", bus), service="events.amazonaws.com")
    other.rule("spoke", "forward", {"Arn": bus, "RoleArn": role, "DeadLetterConfig": {"Arn": lost}})
    permit(account, key, DESCRIBE)
    other.emit("spoke", {"number": 1})
    (letter,) = other.messages("lost")
    assert json.loads(letter["Body"])["detail"] == {"number": 1}
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert account.messages("lost") == []
    permit(account, key, DESCRIBE, use(account, "kms:GenerateDataKey", "kms:Decrypt"))
    other.emit("spoke")
    assert len(account.messages("arrived")) == 1
