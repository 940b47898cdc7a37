"""Queues: permissions and keys, functions that poll them, and their metrics."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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
    """A key's refusal is not retried: the event is a dead letter at once, on a queue with another key."""
    queue, lost = account.queue("q", KmsMasterKeyId=key), account.queue("lost")
    account.bus("bus")
    account.rule("bus", "rule", {"Arn": queue, "DeadLetterConfig": {"Arn": lost}})
    account.emit("bus")
    assert account.messages("q") == []
    (message,) = account.messages("lost")
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    service = allow(USE, "*", Principal={"Service": "events.amazonaws.com"})
    account.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(account, service))
    account.emit("bus")
    assert len(account.messages("q")) == 1


def test_the_attributes_of_a_message_count_for_its_size(account: Account) -> None:
    """A reason beside a body that just fits is what makes a queue reject both."""
    account.queue("q", MaximumMessageSize="262144")
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    reason = {"Reason": {"DataType": "String", "StringValue": "é" * 10}}
    body = "x" * (262_144 - len("Reason") - len("String") - 20)
    account.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=reason)
    with pytest.raises(ClientError, match="Message must be shorter than 262144 bytes"):
        account.sqs.send_message(QueueUrl=url, MessageBody=f"{body}x", MessageAttributes=reason)
    entries: list[dict[str, Any]] = [{"Id": str(n), "MessageBody": "x" * 262_144} for n in range(4)]
    assert len(account.sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 4
    entries[0]["MessageAttributes"] = reason
    with pytest.raises(ClientError, match="BatchRequestTooLong"):
        account.sqs.send_message_batch(QueueUrl=url, Entries=entries)


def test_a_role_needs_the_key_and_the_queue(account: Account, key: str) -> None:
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


def test_a_batch_is_authorized_as_its_messages(account: Account) -> None:
    """IAM has no action sqs:SendMessageBatch; a policy with it allows nothing."""
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
    """Messages stay on the queue, not received, until the role may use the key again."""
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

    time.sleep(1)  # several polls, none of which may receive it
    assert waiting() == "1"
    account.permit("f-role", read, allow("kms:Decrypt", key))
    eventually(lambda: waiting() == "0")


COUNT = """
import json
def handler(event, context):
    print(json.dumps({"taken": [record["body"] for record in event["Records"]]}))
"""


def _received_by(account: Account, function: str) -> list[list[str]]:
    lines = [json.loads(line) for line in account.log_lines(f"/aws/lambda/{function}") if line.startswith('{"taken"')]
    return [line["taken"] for line in lines]


def _send(account: Account, url: str, first: int) -> None:
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(first, first + 10)]
    account.sqs.send_message_batch(QueueUrl=url, Entries=entries)


def test_a_function_receives_as_many_messages_as_its_mapping_allows(account: Account) -> None:
    """More than the ten that a client may receive."""
    source = account.queue("large")
    url = account.sqs.get_queue_url(QueueName="large")["QueueUrl"]
    account.function("large", COUNT, allow(["sqs:*", "logs:*"]))
    for first in range(0, 60, 10):
        _send(account, url, first)
    account.lambda_.create_event_source_mapping(
        FunctionName="large", EventSourceArn=source, BatchSize=50, MaximumBatchingWindowInSeconds=1
    )
    eventually(lambda: sum(map(len, _received_by(account, "large"))) == 60)
    assert sorted(map(len, _received_by(account, "large"))) == [10, 50]


def test_a_message_that_arrives_while_others_are_deleted_is_not_lost(account: Account) -> None:
    """Four senders at once, and a function that receives ten messages at a time: each is received once."""
    source = account.queue("busy")
    url = account.sqs.get_queue_url(QueueName="busy")["QueueUrl"]
    account.function("busy", COUNT, allow(["sqs:*", "logs:*"]))
    account.lambda_.create_event_source_mapping(FunctionName="busy", EventSourceArn=source, BatchSize=10)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda first: _send(account, url, first), range(0, 1000, 10)))
    eventually(lambda: sum(map(len, _received_by(account, "busy"))) >= 1000)
    assert sorted(int(body) for batch in _received_by(account, "busy") for body in batch) == list(range(1000))


def _received(account: Account, queue: str) -> float:
    now = datetime.now(UTC)
    points = account.cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="NumberOfMessagesReceived",
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def test_messages_are_counted_each_time_they_are_received(account: Account) -> None:
    """A message that is received again counts again."""
    account.queue("counted", VisibilityTimeout="0")
    url = account.sqs.get_queue_url(QueueName="counted")["QueueUrl"]
    account.sqs.send_message(QueueUrl=url, MessageBody="x")
    for _ in range(3):
        assert account.sqs.receive_message(QueueUrl=url)["Messages"]
    eventually(lambda: _received(account, "counted") == 3)
