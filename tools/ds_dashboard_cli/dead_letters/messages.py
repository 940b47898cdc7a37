"""A message that did not arrive: what it is, why it lies there, and where it was on its way to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ds_dashboard import dates
from ds_dashboard_cli.dead_letters import envelopes
from ds_dashboard_cli.dead_letters.queues import REJECTED, Message, Queue


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of a queue, read.

    Attributes:
        event: what was to be delivered, as far as it can be read: an event, or the input of a function.
        record: Lambda's record of a failed invocation, where the message is one.
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
        """When it was put there."""
        return datetime.fromtimestamp(self.message.sent_at / 1000, UTC)

    @property
    def subject(self) -> str:
        """What it is, in a few words."""
        if self.encrypted:
            return "an encrypted event"
        if self.record is not None:
            function = str((self.record.get("requestContext") or {}).get("functionArn", "?")).split(":")
            return f"invocation of {function[6] if len(function) > 6 else '?'}"
        if "SCHEDULE_ARN" in self.message.attributes:
            return f"schedule {self.message.attributes['SCHEDULE_ARN'].rsplit('/', 1)[-1]}"
        return envelopes.subject(self.event)

    @property
    def project(self) -> str:
        """`<ProjectName>/<Environment>` of a result, a failure or a run; empty for anything else."""
        detail = self.event.get("detail")
        if not isinstance(detail, dict) or "ProjectName" not in detail:
            return ""
        return f"{detail['ProjectName']}/{detail.get('Environment', '')}"

    @property
    def account(self) -> str:
        """The account that EventBridge says it came from."""
        return str(self.event.get("account", ""))

    def record_for_programs(self, now: datetime) -> dict[str, Any]:
        """The same for programs, the body as it is."""
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


def read(queue: Queue, message: Message) -> QueuedMessage:
    """What a message of a queue is."""
    attributes, content = message.attributes, envelopes.read(message.body)
    if queue.role == REJECTED:
        return QueuedMessage(queue, message, attributes.get("Code", ""), attributes.get("Reason", ""), content)
    if content.get("detail-type") == "Encrypted Events":
        code, reason = attributes.get("ERROR_CODE", ""), attributes.get("ERROR_MESSAGE", "")
        return QueuedMessage(queue, message, code, reason, {}, encrypted=True)
    if "requestPayload" in content and "requestContext" in content:
        payload = content["requestPayload"]
        code, reason = _of_record(content)
        return QueuedMessage(queue, message, code, reason, payload if isinstance(payload, dict) else {}, record=content)
    if "ERROR_CODE" in attributes:
        return QueuedMessage(queue, message, attributes["ERROR_CODE"], attributes.get("ERROR_MESSAGE", ""), content)
    if queue.role == "events-dead-letters":
        function = queue.name.removesuffix("-events-dead-letters") + "-archive"
        reason = f"{function} failed each time it was tried; its log says why"
        return QueuedMessage(queue, message, "Failed", reason, content)
    return QueuedMessage(queue, message, "", "the message does not say why", content)


def _of_record(record: Mapping[str, Any]) -> tuple[str, str]:
    """Why an invocation failed: the function's error where it answered one, else Lambda's reason."""
    condition = str((record.get("requestContext") or {}).get("condition", ""))
    response = record.get("responsePayload")
    if isinstance(response, dict) and response.get("errorType"):
        return str(response["errorType"]), str(response.get("errorMessage", ""))
    return condition, f"the function did not answer ({condition})"
