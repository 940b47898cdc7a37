"""What a queued message contains: the undelivered event, and why it was not delivered or processed.

A queue contains plain events, records in which Lambda wraps the input of a failed invocation, and events that a bus
could not decrypt. EventBridge encrypts the latter with the AWS Encryption SDK under the bus's KMS key.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard.event import Kind
from ds_dashboard.identity import REJECTED_QUEUE, Names
from ds_dashboard.text import Literal
from ds_dashboard_cli.dead_letters.queues import Message, Queue
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of a queue, parsed.

    Attributes:
        code: why the message is in the queue, in one word; empty if unknown.
        reason: the same in a sentence.
        event: the undelivered event or the function's input, as far as it can be parsed.
        record: Lambda's record of a failed invocation, if the message is one.
        encrypted: whether the event is encrypted under the key of a bus.
    """

    queue: Queue
    message: Message
    code: str
    reason: str
    event: Mapping[str, Any]
    record: Mapping[str, Any] | None = None
    encrypted: bool = False

    @property
    def sent_at(self) -> datetime:
        """When the message was sent to the queue."""
        return datetime.fromtimestamp(self.message.sent_at / 1000, UTC)

    @property
    def subject(self) -> str:
        """What the message contains, in a few words: `Jobs of P/dev`, `refresh 01J...`."""
        if self.encrypted:
            return "encrypted event"
        if self.record is not None:
            arn = str((self.record.get("requestContext") or {}).get("functionArn", ""))
            return f"invocation of {arn.split(':')[6] if arn.count(':') > 5 else '?'}"
        if "SCHEDULE_ARN" in self.message.attributes:
            return f"schedule {self.message.attributes['SCHEDULE_ARN'].rsplit('/', 1)[-1]}"
        return _event_subject(self.event)

    @property
    def project(self) -> str:
        """`<ProjectName>/<Environment>` of a result, a failure or a run; otherwise empty."""
        detail = self.event.get("detail")
        if not isinstance(detail, dict) or "ProjectName" not in detail:
            return ""
        return f"{detail['ProjectName']}/{detail.get('Environment', '')}"

    @property
    def account(self) -> str:
        """The account that EventBridge recorded as the event's sender."""
        return str(self.event.get("account", ""))

    def as_record(self, now: datetime) -> dict[str, Any]:
        """Return the message with the keys of `--json`, and its body unchanged."""
        return {
            "Id": self.message.id,
            "Queue": self.queue.name,
            "SentAt": dates.format_instant(self.sent_at),
            "AgeSeconds": int((now - self.sent_at).total_seconds()),
            "Code": self.code,
            "Reason": self.reason,
            "Subject": self.subject,
            "Project": self.project,
            "AccountId": self.account,
            "EventId": str(self.event.get("id", "")),
            "Attributes": dict(self.message.attributes),
            "Body": self.message.body,
        }


def parse_message(queue: Queue, message: Message) -> QueuedMessage:
    """Parse a message; its form depends on the service that sent it to the queue."""
    attributes, content = message.attributes, parse_object(message.body)
    if queue.role == REJECTED_QUEUE:
        return QueuedMessage(queue, message, attributes.get("Code", ""), attributes.get("Reason", ""), content)
    if content.get("detail-type") == "Encrypted Events":
        code, reason = attributes.get("ERROR_CODE", ""), attributes.get("ERROR_MESSAGE", "")
        return QueuedMessage(queue, message, code, reason, {}, encrypted=True)
    if "requestPayload" in content and "requestContext" in content:
        payload = content["requestPayload"]
        code, reason = _invocation_error(content)
        return QueuedMessage(queue, message, code, reason, payload if isinstance(payload, dict) else {}, record=content)
    if "ERROR_CODE" in attributes:
        return QueuedMessage(queue, message, attributes["ERROR_CODE"], attributes.get("ERROR_MESSAGE", ""), content)
    if queue.role == "events-dead-letters":
        archive = Names(queue.name.removesuffix(f"-{queue.role}")).function("archive")
        reason = f"{archive} failed at every attempt; see its log for the cause"
        return QueuedMessage(queue, message, "Failed", reason, content)
    return QueuedMessage(queue, message, "", "the message contains no reason", content)


def _invocation_error(record: Mapping[str, Any]) -> tuple[str, str]:
    condition = str((record.get("requestContext") or {}).get("condition", ""))
    response = record.get("responsePayload")
    if isinstance(response, dict) and response.get("errorType"):
        return str(response["errorType"]), str(response.get("errorMessage", ""))
    return condition, f"the function did not respond ({condition})"


def parse_object(text: str) -> dict[str, Any]:
    """Parse a JSON object and keep the spelling of its numbers; any other text gives an empty object."""
    try:
        value = json.loads(text, parse_float=Literal, parse_int=Literal, parse_constant=Literal)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def is_refresh(event: Mapping[str, Any]) -> bool:
    """Return whether an event is a refresh; a result contains the name of a metric."""
    detail = event.get("detail")
    return event.get("detail-type") == Kind.RESULT and not (isinstance(detail, dict) and "MetricName" in detail)


def _event_subject(event: Mapping[str, Any]) -> str:
    detail = event.get("detail")
    if not isinstance(detail, dict):
        return "not an event"
    project = f"{detail.get('ProjectName', '?')}/{detail.get('Environment', '?')}"
    if is_refresh(event):
        return f"refresh {detail.get('RefreshId', event.get('id', '?'))}"
    if event.get("detail-type") == Kind.RUN:
        return f"run of {project}"
    if "MetricName" in detail:
        failed = "" if event.get("detail-type") == Kind.RESULT else "failure of "
        return f"{failed}{detail['MetricName']} of {project}"
    return f"{event.get('detail-type', 'event')} of {event.get('source', '?')}"


def decrypt(installation: Installation, body: str) -> str:
    """Decrypt an event that a bus could not decrypt itself, and return its JSON.

    Raises:
        UserError: the AWS Encryption SDK is not installed, the key cannot be used, or the event is of another bus.
    """
    try:
        import aws_encryption_sdk  # type: ignore[import-untyped]
        from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError  # type: ignore[import-untyped]
    except ImportError as error:
        raise UserError(
            "encrypted event",
            "needs aws-encryption-sdk, which is not installed.",
            "Run: pip install 'ds-dashboard[kms]'",
        ) from error
    detail = parse_object(body).get("detail") or {}
    key, bus = str(detail.get("kms-key-arn", "")), str(detail.get("event-bus-arn", ""))
    try:
        payload = base64.b64decode(str(detail.get("encrypted-payload", "")), validate=True)
        provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
            key_ids=[key], botocore_session=installation.botocore_session
        )
        plain, header = aws_encryption_sdk.EncryptionSDKClient().decrypt(source=payload, key_provider=provider)
    except (AWSEncryptionSDKClientError, binascii.Error) as error:
        raise UserError(
            f"key {key}",
            f"does not decrypt an event of {bus or 'a bus'}: {error}",
            f"Make sure that the key is enabled and that you have kms:Decrypt on {key}.",
        ) from error
    if header.encryption_context.get("aws:events:event-bus:arn") != bus:
        raise UserError("encrypted event", f"was not encrypted for {bus}.", "Inspect it with `dead-letters show`.")
    return bytes(plain).decode()
