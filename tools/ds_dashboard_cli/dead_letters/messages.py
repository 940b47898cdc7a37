"""What a queued message contains: the undelivered event, and why it was not delivered or processed.

A queue contains plain events, records in which Lambda wraps the input of a failed invocation, and events that a bus
could not decrypt. Which of these a message can be depends on the queue, because only the queue says who sent it.
Nothing that a message contains raises an error: one message must not keep the others from being listed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ds_dashboard import dates
from ds_dashboard.event import Kind
from ds_dashboard.identity import REJECTED_QUEUE, Names
from ds_dashboard.text import Literal
from ds_dashboard_cli.dead_letters.queues import Message, Queue

# The queues that functions send records of failed invocations to.
FUNCTION_QUEUES = ("function-dead-letters", "spoke-dead-letters")
# The dead-letter queue of each side's bus, which only the bus can send to.
BUS_QUEUES = {"bus-dead-letters": "hub", "spoke-bus-dead-letters": "spoke"}


class CannotRedrive(Exception):
    """A message cannot be redriven; the error's text says why. The message stays in its queue."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of a queue, parsed.

    Attributes:
        code: why the message is in the queue, in one word; empty if unknown.
        reason: the same in a sentence.
        event: the undelivered event or the function's input, as far as it can be parsed.
        record: Lambda's record of a failed invocation, if the message is one.
        encrypted: whether the event is encrypted under the key of a bus. Then it is known only after its decryption.
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
            arn = self.function_arn
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
        return f"{_text(detail['ProjectName'])}/{_text(detail.get('Environment', ''))}"

    @property
    def account(self) -> str:
        """The account that EventBridge recorded as the event's sender."""
        return _text(self.event.get("account", ""))

    @property
    def function_arn(self) -> str:
        """The ARN of the function whose invocation failed; empty if the message does not say it."""
        if self.record is None:
            return self.message.attributes.get("TARGET_ARN", "")
        return _text(_member(self.record, "requestContext").get("functionArn", ""))

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
            "EventId": _text(self.event.get("id", "")),
            "Attributes": dict(self.message.attributes),
            "Body": self.message.body,
        }


def parse_message(queue: Queue, message: Message) -> QueuedMessage:
    """Parse a message; its form depends on the service that sent it to the queue."""
    attributes, content = message.attributes, parse_object(message.body)
    if queue.role == REJECTED_QUEUE:
        return QueuedMessage(queue, message, attributes.get("Code", ""), attributes.get("Reason", ""), content)
    if queue.role in BUS_QUEUES and is_encrypted(content):
        code, reason = attributes.get("ERROR_CODE", ""), attributes.get("ERROR_MESSAGE", "")
        return QueuedMessage(queue, message, code, reason, {}, encrypted=True)
    if queue.role in FUNCTION_QUEUES and "requestPayload" in content and "requestContext" in content:
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
    condition = _text(_member(record, "requestContext").get("condition", ""))
    response = _member(record, "responsePayload")
    if response.get("errorType"):
        return _text(response["errorType"]), _text(response.get("errorMessage", ""))
    return condition, f"the function did not respond ({condition})"


def parse_object(text: str) -> dict[str, Any]:
    """Parse a JSON object and keep the spelling of its numbers; any other text gives an empty object."""
    try:
        value = json.loads(text, parse_float=Literal, parse_int=Literal, parse_constant=Literal)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _member(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a member that should be an object, or an empty one."""
    member = value.get(key)
    return member if isinstance(member, dict) else {}


def _text(value: Any) -> str:
    """Return a value that should be a text; a question mark if it is anything else."""
    return value if isinstance(value, str) else "?"


def is_encrypted(event: Mapping[str, Any]) -> bool:
    """Return whether an event has the form in which EventBridge sends encrypted ones."""
    return (event.get("source"), event.get("detail-type")) == ("aws.events", "Encrypted Events")


def is_refresh(event: Mapping[str, Any]) -> bool:
    """Return whether an event is a refresh; a result contains the name of a metric."""
    detail = event.get("detail")
    return event.get("detail-type") == Kind.RESULT and not (isinstance(detail, dict) and "MetricName" in detail)


def _event_subject(event: Mapping[str, Any]) -> str:
    detail = event.get("detail")
    if not isinstance(detail, dict):
        return "not an event"
    project = f"{_text(detail.get('ProjectName'))}/{_text(detail.get('Environment'))}"
    if is_refresh(event):
        return f"refresh {_text(detail.get('RefreshId', event.get('id')))}"
    if event.get("detail-type") == Kind.RUN:
        return f"run of {project}"
    if "MetricName" in detail:
        failed = "" if event.get("detail-type") == Kind.RESULT else "failure of "
        return f"{failed}{_text(detail['MetricName'])} of {project}"
    return f"{_text(event.get('detail-type', 'event'))} of {_text(event.get('source'))}"
