"""The queues of an installation in this account, and reading them without taking anything away."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ds_dashboard.client.errors import error_code
from ds_dashboard_cli.aws import missing
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

EVENTS = "events"
REJECTED = "rejected"
HUB_LETTERS = (
    *("events-dead-letters", "rule-dead-letters", "bus-dead-letters", "function-dead-letters"),
    "to-spokes-dead-letters",
)
SPOKE_LETTERS = ("spoke-dead-letters", "spoke-bus-dead-letters", "to-hubs-dead-letters")
SIDES = {"hub": HUB_LETTERS, "spoke": SPOKE_LETTERS}
# As long as others do not see what is being looked at; what is not deleted is given back at the end, and at once then.
_HELD_SECONDS = 120
# A queue that says it has more than was received is asked again; what it says is approximate.
_MOST_EMPTY = 3
_BATCH = 10


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of the installation: its name without the installation's, and its URL."""

    role: str
    url: str
    arn: str

    @property
    def name(self) -> str:
        """Its whole name."""
        return self.arn.rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was received; the receipt is what gives it back or deletes it."""

    id: str
    body: str
    sent_at: int
    receipt: str
    attributes: Mapping[str, str]
    received: int


def find(hub: Installation, roles: Sequence[str]) -> list[Queue]:
    """Those of the queues that are there. Raises UserError where none is."""
    found = find_some(hub, roles)
    if not found:
        missing_queue = f"{hub.name}-{roles[0]}"
        raise UserError(
            missing_queue,
            f"there is no such queue in account {hub.account}, region {hub.region}"
            + (", nor any other dead-letter queue of that name." if len(roles) > 1 else "."),
            missing.elsewhere(hub),
        )
    return found


def find_some(hub: Installation, roles: Sequence[str]) -> list[Queue]:
    """Those of the queues that are there."""
    with ThreadPoolExecutor(len(roles)) as pool:
        found = list(pool.map(lambda role: _find(hub, role), roles))
    return [queue for queue in found if queue is not None]


def _find(hub: Installation, role: str) -> Queue | None:
    from botocore.exceptions import ClientError

    sqs, name = hub.client("sqs"), f"{hub.name}-{role}"
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    except ClientError as error:
        if error_code(error) in missing.CODES:
            return None
        raise
    return Queue(role, url, attributes["QueueArn"])


def counts(hub: Installation, queue: Queue) -> tuple[int, int]:
    """About how many messages can be received, and how many somebody is looking at."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = hub.client("sqs").get_queue_attributes(QueueUrl=queue.url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def received(hub: Installation, queue: Queue) -> Generator[list[Message], None, None]:
    """All messages of a queue, each once, a batch at a time.

    They are hidden from others meanwhile. Whoever asks deletes what is done with; the rest is given back at the end.
    """
    held: dict[str, str] = {}
    expected, empty = counts(hub, queue)[0], 0
    try:
        while empty < (_MOST_EMPTY if len(held) < expected else 1):
            # Waiting makes SQS ask all of its servers, not some.
            answer = hub.client("sqs").receive_message(
                QueueUrl=queue.url,
                MaxNumberOfMessages=_BATCH,
                WaitTimeSeconds=1,
                VisibilityTimeout=_HELD_SECONDS,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = [_message(message) for message in answer.get("Messages", ())]
            batch = [message for message in messages if message.id not in held]
            held.update({message.id: message.receipt for message in messages})
            empty = 0 if batch else empty + 1
            if batch:
                yield batch
    finally:
        _give_back(hub, queue, list(held.values()))


def delete(hub: Installation, queue: Queue, messages: Sequence[Message]) -> Iterator[Message]:
    """Delete messages that were received, and yield each that is gone. Raises UserError where the queue keeps some."""
    for start in range(0, len(messages), _BATCH):
        entries = [
            {"Id": str(index), "ReceiptHandle": message.receipt}
            for index, message in enumerate(messages[start : start + _BATCH])
        ]
        answer = hub.client("sqs").delete_message_batch(QueueUrl=queue.url, Entries=entries)
        for gone in answer.get("Successful", ()):
            yield messages[start + int(gone["Id"])]
        if failed := answer.get("Failed"):
            raise UserError(
                queue.name,
                f"{len(failed)} messages could not be deleted ({failed[0].get('Code')}).",
                "They are there still, and can be redriven again: nothing is in the tables twice.",
            )


def _give_back(hub: Installation, queue: Queue, receipts: Sequence[str]) -> None:
    """Let others see messages again; those that were deleted meanwhile are passed over by the service."""
    call = hub.last_call
    for start in range(0, len(receipts), _BATCH):
        entries = [
            {"Id": str(index), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for index, receipt in enumerate(receipts[start : start + _BATCH])
        ]
        hub.client("sqs").change_message_visibility_batch(QueueUrl=queue.url, Entries=entries)
    # What failed before this, if anything did, is what there is to tell.
    hub.last_call = call


def _message(raw: Mapping[str, Any]) -> Message:
    system, given = raw.get("Attributes", {}), raw.get("MessageAttributes", {})
    return Message(
        id=raw["MessageId"],
        body=raw["Body"],
        sent_at=int(system.get("SentTimestamp", 0)),
        receipt=raw["ReceiptHandle"],
        attributes={name: value["StringValue"] for name, value in given.items() if "StringValue" in value},
        received=int(system.get("ApproximateReceiveCount", 0)),
    )
