"""The rejected queue: what the hub refuses lies there verbatim, with the reason beside it, until someone looks."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws

log = logging.getLogger(__name__)

_MOST_ENTRIES = 10
_MOST_BYTES = 256 * 1024
_MOST_REASON = 1024


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is refused.

    Attributes:
        message_id: the message's id in the queue it came from.
        code: ``Malformed``, ``TooLarge``, ``DateAhead``, ``Unregistered`` or ``Refused``.
        reason: a sentence that names what was sent and what was expected.
        ids: ``EventId``, ``AccountId`` and the like, as far as they could be read.
    """

    message_id: str
    body: str
    code: str
    reason: str
    ids: Mapping[str, str] = field(default_factory=dict)


def send(rejected: Sequence[Rejected], queue_url: str) -> dict[str, str]:
    """Send what is refused to the rejected queue, and log a line for each.

    Returns the reasons of failures by ``message_id``: those must be delivered again, or they were lost.
    """
    failed: dict[str, str] = {}
    for chunk in _chunks(rejected):
        entries: list[Any] = [
            {"Id": str(index), "MessageBody": one.body, "MessageAttributes": _attributes(one)}
            for index, one in enumerate(chunk)
        ]
        try:
            answer = aws.client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            failed.update({one.message_id: f"rejected queue: {error}" for one in chunk})
            continue
        for failure in answer.get("Failed", []):
            failed[chunk[int(failure["Id"])].message_id] = f"rejected queue: {failure.get('Message')}"
    for one in rejected:
        if one.message_id not in failed:
            log.warning("rejected", extra={"event": "rejected", "code": one.code, "reason": one.reason, **one.ids})
    return failed


def _attributes(one: Rejected) -> dict[str, Any]:
    texts = {"Reason": one.reason[:_MOST_REASON], "Code": one.code, **one.ids}
    # A reason may quote what was sent; an attribute takes no control characters and must not be empty.
    return {
        name: {"DataType": "String", "StringValue": json.dumps(text, ensure_ascii=True)[1:-1].replace('\\"', '"')}
        for name, text in texts.items()
        if text
    }


def _chunks(rejected: Sequence[Rejected]) -> Iterator[list[Rejected]]:
    chunk: list[Rejected] = []
    size = 0
    for one in rejected:
        own = len(one.body.encode()) + 2 * _MOST_REASON
        if chunk and (len(chunk) == _MOST_ENTRIES or size + own > _MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += own
    if chunk:
        yield chunk
