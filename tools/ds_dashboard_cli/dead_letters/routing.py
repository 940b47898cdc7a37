"""The way back: each letter goes to where it was on its way, and to nowhere that the letter alone names.

Code of metrics may write to a spoke's dead-letter queue. So of what stands in a message only the event is believed;
queues, functions and buses are those of the installation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard.client.text import json_line
from ds_dashboard_cli.dead_letters import encrypted, envelopes
from ds_dashboard_cli.dead_letters.messages import QueuedMessage
from ds_dashboard_cli.dead_letters.queues import EVENTS, Queue

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_SPOKE = ("spoke-dead-letters", "spoke-bus-dead-letters", "to-hubs-dead-letters")


class NotRedriven(Exception):
    """A letter that cannot be sent again; the message says why. It stays where it is."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a letter goes, in words, and how."""

    to: str
    send: Callable[[], None]


def route_for(hub: Installation, letter: QueuedMessage, events: Queue | None) -> Route:
    """The way of a letter.

    Args:
        events: the archive's queue, in a hub's account.

    Raises:
        NotRedriven: there is none.
    """
    if letter.encrypted:
        return _of_event(hub, letter, encrypted.text_of(hub, letter.message.body), events)
    role = letter.queue.role
    if role in ("rejected", "events-dead-letters", "rule-dead-letters"):
        return _to_queue(hub, letter.message.body, events)
    if role == "to-spokes-dead-letters":
        return _to_bus(hub, letter.event, letter.message.attributes.get("TARGET_ARN", ""))
    if role == "to-hubs-dead-letters":
        return _to_bus(hub, letter.event, f"{hub.name}-spoke")
    return _to_function(hub, letter)


def _of_event(hub: Installation, letter: QueuedMessage, text: str, events: Queue | None) -> Route:
    """The way of an event that never was on its bus."""
    event = envelopes.read(text)
    if letter.queue.role in _SPOKE:
        if envelopes.is_refresh(event):
            return _invocation(hub, f"{hub.name}-extract", text)
        return _to_bus(hub, event, f"{hub.name}-spoke")
    if envelopes.is_refresh(event) and event.get("account") == hub.account:
        return _to_bus(hub, event, f"{hub.name}-hub")
    return _to_queue(hub, text, events)


def _to_queue(hub: Installation, body: str, events: Queue | None) -> Route:
    """Verbatim: the account that EventBridge has put into the event is what the archive judges it by."""
    if events is None:
        raise NotRedriven(f"there is no queue {hub.name}-{EVENTS} to send it to")
    return Route(events.name, lambda: hub.client("sqs").send_message(QueueUrl=events.url, MessageBody=body))


def _to_bus(hub: Installation, event: Mapping[str, Any], bus: str) -> Route:
    """By PutEvents, with the time it had; EventBridge gives it a new id and this account."""
    if not isinstance(event.get("detail"), dict):
        raise NotRedriven("it is no event")
    if (bus.startswith("arn:") and ":event-bus/" not in bus) or not bus:
        raise NotRedriven(f"{bus or 'nothing'} is no event bus to send it to")
    region = bus.split(":")[3] if bus.startswith("arn:") else None
    entry: dict[str, Any] = {
        "Source": str(event.get("source", "")),
        "DetailType": str(event.get("detail-type", "")),
        "Detail": json_line(event["detail"]),
        "Resources": [str(one) for one in event.get("resources") or ()],
        "EventBusName": bus,
    }
    time = _time(event.get("time"))
    if time is not None:
        entry["Time"] = time

    def put() -> None:
        answer = hub.client("events", region).put_events(Entries=[entry])["Entries"][0]
        if "EventId" not in answer:
            raise NotRedriven(f"{bus} refused it: {answer.get('ErrorCode')}: {answer.get('ErrorMessage')}")

    return Route(bus, put)


def _to_function(hub: Installation, letter: QueuedMessage) -> Route:
    """To the function that was to get it, as asynchronously as before."""
    if letter.queue.role == "function-dead-letters":
        allowed = {f"{hub.name}-{role}" for role in ("refresh", "watch")}
    else:
        allowed = {f"{hub.name}-extract"}
    if letter.record is not None:
        arn = str((letter.record.get("requestContext") or {}).get("functionArn", ""))
        payload = letter.record["requestPayload"]
        text = json_line(payload) if isinstance(payload, dict) else json.dumps(payload)
    else:
        arn, text = letter.message.attributes.get("TARGET_ARN", ""), letter.message.body
    parts = arn.split(":")
    function = parts[6] if len(parts) > 6 and parts[4] == hub.account else ""
    if function not in allowed:
        raise NotRedriven(f"it names {arn or 'no function'}, which is none of {', '.join(sorted(allowed))}")
    return _invocation(hub, function, text)


def _invocation(hub: Installation, function: str, text: str) -> Route:
    def invoke() -> None:
        hub.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=text.encode())

    return Route(function, invoke)


def _time(text: Any) -> datetime | None:
    try:
        return dates.parse(text)
    except (dates.InvalidDate, TypeError):
        return None
