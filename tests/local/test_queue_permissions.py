"""What a queue asks of a caller: batches as single messages, and the key it is under."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document, eventually

USE = ["kms:GenerateDataKey", "kms:Decrypt"]


def key_policy(account: Account, *more: dict[str, Any]) -> str:
    own = {"AWS": f"arn:aws:iam::{account.id}:root"}
    return document(allow("kms:*", "*", Principal=own), *more)


@pytest.fixture
def key(account: Account) -> str:
    arn: str = account.kms.create_key(Policy=key_policy(account))["KeyMetadata"]["Arn"]
    return arn


def test_eventbridge_needs_the_key_policys_permission(account: Account, key: str) -> None:
    """Nothing is retried where a key refuses: it is a dead letter at once, and that queue needs another key."""
    queue, lost = account.queue("q", KmsMasterKeyId=key), account.queue("lost")
    account.bus("bus")
    account.rule("bus", "rule", {"Arn": queue, "DeadLetterConfig": {"Arn": lost}})
    account.emit("bus")
    assert account.messages("q") == []
    (letter,) = account.messages("lost")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    service = allow(USE, "*", Principal={"Service": "events.amazonaws.com"})
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(account, service))
    account.emit("bus")
    assert len(account.messages("q")) == 1


def test_a_role_needs_the_key_beside_the_queue(account: Account, key: str) -> None:
    queue = account.queue("q", KmsMasterKeyId=key)
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    send = allow(["sqs:SendMessage", "sqs:ReceiveMessage"], queue)
    account.role("producer", send)
    sqs = account.as_role("sqs", "producer")
    with pytest.raises(ClientError, match="not authorized to perform: kms:GenerateDataKey"):
        sqs.send_message(QueueUrl=url, MessageBody="m")
    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt"):
        sqs.receive_message(QueueUrl=url)
    via = {"StringEquals": {"kms:ViaService": f"sqs.{account.region}.amazonaws.com"}}
    account.permit("producer", send, allow(USE, key, Condition=via))
    sqs.send_message(QueueUrl=url, MessageBody="m")
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1


def test_a_batch_is_allowed_as_its_messages_are(account: Account) -> None:
    """IAM has no action sqs:SendMessageBatch: a policy that names it allows nothing."""
    queue = account.queue("q")
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    account.role("producer", allow(["sqs:SendMessageBatch", "sqs:DeleteMessageBatch"], queue))
    sqs = account.as_role("sqs", "producer")
    entries = [{"Id": "1", "MessageBody": "m"}]
    with pytest.raises(ClientError, match="not authorized to perform: sqs:SendMessage on resource"):
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    account.permit("producer", allow(["sqs:SendMessage", "sqs:DeleteMessage"], queue))
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 1
    handle = account.sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    gone = sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": handle}])
    assert len(gone["Successful"]) == 1


def test_a_mapping_needs_a_role_that_can_decrypt(account: Account, key: str) -> None:
    queue = account.queue("q", KmsMasterKeyId=key)
    read = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue)
    account.function("f", "def handler(event, context): pass", read)
    with pytest.raises(ClientError, match=r"KMS\.AccessDeniedException"):
        account.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)
    account.permit("f-role", read, allow("kms:Decrypt", key))
    account.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)


def test_a_mapping_waits_while_its_role_cannot_decrypt(account: Account, key: str) -> None:
    """What is on the queue stays there, untouched, until the key is back."""
    queue = account.queue("q", KmsMasterKeyId=key)
    read = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue)
    account.function("f", "def handler(event, context): pass", read, allow("kms:Decrypt", key))
    account.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)
    account.permit("f-role", read)
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    account.sqs.send_message(QueueUrl=url, MessageBody="m")

    def waiting() -> str:
        answer = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return str(answer["Attributes"]["ApproximateNumberOfMessages"])

    time.sleep(1)  # several polls, none of which may take it
    assert waiting() == "1"
    account.permit("f-role", read, allow("kms:Decrypt", key))
    eventually(lambda: waiting() == "0")
