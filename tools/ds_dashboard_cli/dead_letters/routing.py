"""The destination of a redrive: the queue, bus or function that a message was sent to in the first place.

The code of a metric can write to its spoke's dead-letter queue. Therefore, a redrive takes only the event from a
message: queues, functions and buses are those of the installation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard.client.errors import error_code
from ds_dashboard.identity import EVENTS_QUEUE, SPOKE_DEAD_LETTER_QUEUES
from ds_dashboard.text import json_line
from ds_dashboard_cli.dead_letters.messages import QueuedMessage, decrypt, is_refresh, parse_object
from ds_dashboard_cli.dead_letters.queues import Queue

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation


class CannotRedrive(Exception):
    """A message cannot be redriven; the error's text says why. The message stays in its queue."""


@dataclass(frozen=True, slots=True)
class Route:
    """A destination, and the call that sends the message there."""

    destination: str
    send: Callable[[], None]


def route_for(installation: Installation, queued: QueuedMessage, events: Queue | None) -> Route:
    """Find the route of a message.

    Args:
        installation: the installation that the message's queue belongs to.
        queued: the message.
        events: the archive's queue; None in an account without a hub.

    Raises:
        CannotRedrive: the message has no valid destination.
        UserError: the event cannot be decrypted.
    """
    if queued.encrypted:
        return _route_for_decrypted(installation, queued, decrypt(installation, queued.message.body), events)
    names, role = installation.names, queued.queue.role
    if role in ("rejected", "events-dead-letters", "rule-dead-letters"):
        return _to_archive(installation, queued.message.body, events)
    if role == "to-spokes-dead-letters":
        return _to_bus(installation, queued.event, queued.message.attributes.get("TARGET_ARN", ""))
    if role == "to-hubs-dead-letters":
        return _to_bus(installation, queued.event, names.bus("spoke"))
    functions = ("refresh", "watch") if role == "function-dead-letters" else ("extract",)
    return _to_function(installation, queued, {names.function(one) for one in functions})


def _route_for_decrypted(installation: Installation, queued: QueuedMessage, text: str, events: Queue | None) -> Route:
    """Find the route of an event that never reached the rules of its bus."""
    event, names = parse_object(text), installation.names
    if queued.queue.role in SPOKE_DEAD_LETTER_QUEUES:
        if is_refresh(event):
            return _invocation(installation, names.function("extract"), text)
        return _to_bus(installation, event, names.bus("spoke"))
    if is_refresh(event) and event.get("account") == installation.account:
        return _to_bus(installation, event, names.bus("hub"))
    return _to_archive(installation, text, events)


def _to_archive(installation: Installation, body: str, events: Queue | None) -> Route:
    """Send an event unchanged: the archive checks the account that EventBridge wrote into it."""
    if events is None:
        raise CannotRedrive(f"queue {installation.names.queue(EVENTS_QUEUE)} does not exist")

    def send() -> None:
        from botocore.exceptions import ClientError

        try:
            installation.client("sqs").send_message(QueueUrl=events.url, MessageBody=body)
        except ClientError as error:
            if "InvalidParameterValue" not in error_code(error):
                raise
            raise CannotRedrive(
                f"it has {len(body.encode()):,} bytes, and {events.name} does not take it "
                f"({error.response['Error'].get('Message')}): see queue_max_message_size of modules/hub"
            ) from error

    return Route(events.name, send)


def _to_bus(installation: Installation, event: Mapping[str, Any], bus: str) -> Route:
    """Put an event with its original time; EventBridge assigns a new ID and the caller's account."""
    if not isinstance(event.get("detail"), dict):
        raise CannotRedrive("the message is not an event")
    if not bus or (bus.startswith("arn:") and ":event-bus/" not in bus):
        raise CannotRedrive(f"its destination {bus or '(none)'} is not an event bus")
    region = bus.split(":")[3] if bus.startswith("arn:") else None
    entry: dict[str, Any] = {
        "Source": str(event.get("source", "")),
        "DetailType": str(event.get("detail-type", "")),
        "Detail": json_line(event["detail"]),
        "Resources": [str(one) for one in event.get("resources") or ()],
        "EventBusName": bus,
    }
    time = _parse_time(event.get("time"))
    if time is not None:
        entry["Time"] = time

    def put() -> None:
        answer = installation.client("events", region).put_events(Entries=[entry])["Entries"][0]
        if "EventId" not in answer:
            raise CannotRedrive(f"{bus} did not accept it: {answer.get('ErrorCode')}: {answer.get('ErrorMessage')}")

    return Route(bus, put)


def _to_function(installation: Installation, queued: QueuedMessage, allowed: set[str]) -> Route:
    if queued.record is not None:
        arn = str((queued.record.get("requestContext") or {}).get("functionArn", ""))
        payload = queued.record["requestPayload"]
        text = json_line(payload) if isinstance(payload, dict) else json.dumps(payload)
    else:
        arn, text = queued.message.attributes.get("TARGET_ARN", ""), queued.message.body
    parts = arn.split(":")
    function = parts[6] if len(parts) > 6 and parts[4] == installation.account else ""
    if function not in allowed:
        raise CannotRedrive(f"its destination {arn or '(none)'} is none of {', '.join(sorted(allowed))}")
    return _invocation(installation, function, text)


def _invocation(installation: Installation, function: str, text: str) -> Route:
    def invoke() -> None:
        installation.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=text.encode())

    return Route(function, invoke)


def _parse_time(text: Any) -> datetime | None:
    try:
        return dates.parse(text)
    except (dates.InvalidDate, TypeError):
        return None
