"""Queues of an installation in this account: finding them, and receiving and deleting their messages."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ds_dashboard.client.errors import error_code
from ds_dashboard_cli.aws_errors import NOT_FOUND, suggest_other_places
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

# How long a received message stays invisible to others. Messages that are not deleted become visible again at the end.
_VISIBILITY_TIMEOUT = 120
# SQS may return nothing although a queue has messages, and its count of messages is approximate.
_MAX_EMPTY_RECEIVES = 3
# With a wait time, SQS queries all of its servers instead of a subset.
_WAIT_SECONDS = 1
_BATCH_SIZE = 10


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of the installation.

    Attributes:
        role: the queue's name without the installation's name, such as `rule-dead-letters`.
    """

    role: str
    url: str
    arn: str

    @property
    def name(self) -> str:
        """The queue's full name."""
        return self.arn.rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as SQS delivered it.

    Attributes:
        sent_at: milliseconds since the epoch.
        receipt: the receipt handle, needed to delete the message or to make it visible again.
        attributes: the message attributes that have a string value.
    """

    id: str
    body: str
    sent_at: int
    receipt: str
    attributes: Mapping[str, str]


def find(installation: Installation, roles: Sequence[str]) -> list[Queue]:
    """Find the queues with these roles; skips those that do not exist.

    Raises:
        UserError: none of them exists in this account and region.
    """
    found = find_existing(installation, roles)
    if not found:
        raise UserError(
            f"queue {installation.names.queue(roles[0])}",
            f"does not exist in account {installation.account}, region {installation.region}"
            + (", and neither does any other dead-letter queue of this installation." if len(roles) > 1 else "."),
            suggest_other_places(installation),
        )
    return found


def find_existing(installation: Installation, roles: Sequence[str]) -> list[Queue]:
    """Find the queues with these roles, possibly none; skips those that do not exist."""
    with ThreadPoolExecutor(len(roles)) as pool:
        found = list(pool.map(lambda role: _find(installation, role), roles))
    return [queue for queue in found if queue is not None]


def _find(installation: Installation, role: str) -> Queue | None:
    from botocore.exceptions import ClientError

    sqs = installation.client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=installation.names.queue(role))["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    except ClientError as error:
        if error_code(error) in NOT_FOUND:
            return None
        raise
    return Queue(role, url, attributes["QueueArn"])


def count(installation: Installation, queue: Queue) -> tuple[int, int]:
    """Return the approximate numbers of visible messages, and of messages that another consumer has received."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = installation.client("sqs").get_queue_attributes(QueueUrl=queue.url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def receive_all(installation: Installation, queue: Queue) -> Generator[list[Message], None, None]:
    """Receive all messages of a queue in batches, each message once.

    The messages are invisible to others while the generator runs. At its end, all messages that the caller has not
    deleted become visible again.
    """
    received: dict[str, tuple[str, float]] = {}
    expected, empty = count(installation, queue)[0], 0
    try:
        while empty < (_MAX_EMPTY_RECEIVES if len(received) < expected else 1):
            answer = installation.client("sqs").receive_message(
                QueueUrl=queue.url,
                MaxNumberOfMessages=_BATCH_SIZE,
                WaitTimeSeconds=_WAIT_SECONDS,
                VisibilityTimeout=_VISIBILITY_TIMEOUT,
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            messages = [_parse(message) for message in answer.get("Messages", ())]
            batch = [message for message in messages if message.id not in received]
            received.update({message.id: (message.receipt, time.monotonic()) for message in messages})
            empty = 0 if batch else empty + 1
            if batch:
                yield batch
    finally:
        # After the timeout, another consumer may have received the message and may be processing it.
        oldest = time.monotonic() - _VISIBILITY_TIMEOUT
        _make_visible(
            installation, queue, [receipt for receipt, received_at in received.values() if received_at > oldest]
        )


def delete(
    installation: Installation, queue: Queue, messages: Sequence[Message]
) -> Iterator[tuple[Message, str | None]]:
    """Delete received messages, and yield each one with the code of SQS's error; None if it is deleted."""
    for start in range(0, len(messages), _BATCH_SIZE):
        entries = [
            {"Id": str(index), "ReceiptHandle": message.receipt}
            for index, message in enumerate(messages[start : start + _BATCH_SIZE])
        ]
        answer = installation.client("sqs").delete_message_batch(QueueUrl=queue.url, Entries=entries)
        for deleted in answer.get("Successful", ()):
            yield messages[start + int(deleted["Id"])], None
        for failed in answer.get("Failed", ()):
            yield messages[start + int(failed["Id"])], str(failed.get("Code"))


def _make_visible(installation: Installation, queue: Queue, receipts: Sequence[str]) -> None:
    for start in range(0, len(receipts), _BATCH_SIZE):
        entries = [
            {"Id": str(index), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for index, receipt in enumerate(receipts[start : start + _BATCH_SIZE])
        ]
        # SQS skips the messages that have been deleted in the meantime.
        installation.client("sqs").change_message_visibility_batch(QueueUrl=queue.url, Entries=entries)


def _parse(message: Mapping[str, Any]) -> Message:
    return Message(
        id=message["MessageId"],
        body=message["Body"],
        sent_at=int(message.get("Attributes", {}).get("SentTimestamp", 0)),
        receipt=message["ReceiptHandle"],
        attributes={
            name: value["StringValue"]
            for name, value in message.get("MessageAttributes", {}).items()
            if "StringValue" in value
        },
    )
