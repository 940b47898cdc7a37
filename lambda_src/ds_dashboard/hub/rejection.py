"""The rejected queue: messages that the hub does not accept, unchanged, with the reason in their attributes."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws

log = logging.getLogger(__name__)

_MAX_REASON = 1024
# The limit of a queue for a message with its attributes. A body that came from a queue fits without them.
_MAX_BYTES = 256 * 1024


class Rejected(NamedTuple):
    """A message that the hub rejects.

    Attributes:
        message_id: the message's ID in the queue that it came from.
        body: the message's text.
        code: `Malformed`, `TooLarge`, `DateAhead`, `Unregistered` or `Refused`.
        reason: a sentence that says what was sent and what was expected.
        ids: `EventId` and `AccountId`, if the event could be read.
    """

    message_id: str
    body: str
    code: str
    reason: str
    ids: Mapping[str, str]


def send(rejected: Sequence[Rejected], queue_url: str) -> dict[str, str]:
    """Send rejected messages to the rejected queue, and log each one.

    Each message is one request: rejections are rare, and the messages of a batch would share one limit of 256 KB.

    Returns:
        The reasons of failures by `message_id`. These messages must be delivered again, or they are lost.
    """
    failed: dict[str, str] = {}
    for message in rejected:
        try:
            aws.client("sqs").send_message(
                QueueUrl=queue_url, MessageBody=message.body, MessageAttributes=_attributes(message)
            )
        except (ClientError, BotoCoreError) as error:
            failed[message.message_id] = f"rejected queue: {error}"
            continue
        log.warning(
            "rejected", extra={"event": "rejected", "code": message.code, "reason": message.reason, **message.ids}
        )
    return failed


def _attributes(message: Rejected) -> dict[str, Any]:
    """Return as many of code, reason and IDs as fit beside the body; the log has all of them."""
    attributes: dict[str, Any] = {}
    remaining = _MAX_BYTES - len(message.body.encode())
    for name, text in {"Code": message.code, "Reason": message.reason[:_MAX_REASON], **message.ids}.items():
        # A reason may quote what was sent, and an attribute can be neither empty nor have control characters.
        value = json.dumps(text, ensure_ascii=True)[1:-1].replace('\\"', '"')
        kind = "String"
        if name == "Reason":
            value = value[: max(0, remaining - len(name) - len(kind))]
        size = len(name) + len(kind) + len(value)
        if value and size <= remaining:
            attributes[name] = {"DataType": kind, "StringValue": value}
            remaining -= size
    return attributes
