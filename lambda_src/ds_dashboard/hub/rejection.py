"""The rejected queue: what the hub refuses lies there verbatim, with the reason beside it, until someone looks."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws

log = logging.getLogger(__name__)

_MOST_REASON = 1024
# What a queue takes as one message, attributes included. The body was one already, so it fits by itself.
_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is refused.

    Attributes:
        message_id: the message's id in the queue it came from.
        code: `Malformed`, `TooLarge`, `DateAhead`, `Unregistered` or `Refused`.
        reason: a sentence that names what was sent and what was expected.
        ids: `EventId`, `AccountId` and the like, as far as they could be read.
    """

    message_id: str
    body: str
    code: str
    reason: str
    ids: Mapping[str, str] = field(default_factory=dict)


def send(rejected: Sequence[Rejected], queue_url: str) -> dict[str, str]:
    """Send what is refused to the rejected queue, and log a line for each.

    One call a message: refusals are few, and a call of ten would share one limit of 256 KB among them.

    Returns the reasons of failures by `message_id`: those must be delivered again, or they were lost.
    """
    failed: dict[str, str] = {}
    for one in rejected:
        try:
            aws.client("sqs").send_message(QueueUrl=queue_url, MessageBody=one.body, MessageAttributes=_attributes(one))
        except (ClientError, BotoCoreError) as error:
            failed[one.message_id] = f"rejected queue: {error}"
            continue
        log.warning("rejected", extra={"event": "rejected", "code": one.code, "reason": one.reason, **one.ids})
    return failed


def _attributes(one: Rejected) -> dict[str, Any]:
    """As many of code, reason and ids as fit beside the body; the log has them all."""
    attributes: dict[str, Any] = {}
    room = _MOST_BYTES - len(one.body.encode())
    for name, text in {"Code": one.code, "Reason": one.reason[:_MOST_REASON], **one.ids}.items():
        # A reason may quote what was sent; an attribute takes no control characters and must not be empty.
        value = json.dumps(text, ensure_ascii=True)[1:-1].replace('\\"', '"')
        kind = "String"
        if name == "Reason":
            value = value[: max(0, room - len(name) - len(kind))]
        size = len(name) + len(kind) + len(value)
        if value and size <= room:
            attributes[name] = {"DataType": kind, "StringValue": value}
            room -= size
    return attributes
