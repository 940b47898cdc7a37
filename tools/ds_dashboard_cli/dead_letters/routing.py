"""The destination of a redrive: the queue, bus or function that a message was sent to in the first place.

The code of a metric can write to its spoke's dead-letter queue. Therefore, a redrive takes only the event from a
message: queues, functions and buses are those of the installation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard.client.errors import error_code
from ds_dashboard.identity import EVENTS_QUEUE, REJECTED_QUEUE, SIDES
from ds_dashboard.text import json_line
from ds_dashboard_cli.dead_letters import queues
from ds_dashboard_cli.dead_letters.encryption import BusKey
from ds_dashboard_cli.dead_letters.messages import (
    BUS_QUEUES,
    CannotRedrive,
    QueuedMessage,
    is_encrypted,
    is_refresh,
    parse_object,
)
from ds_dashboard_cli.dead_letters.queues import Queue

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation


@dataclass(frozen=True, slots=True)
class Route:
    """A destination, and the call that sends the message there."""

    destination: str
    send: Callable[[], None]


class Router:
    """Finds the routes of the messages of an installation. Its queues, buses and keys are looked up once."""

    def __init__(self, installation: Installation) -> None:
        self._installation, self._names = installation, installation.names
        self._keys = {side: BusKey(installation, side) for side in SIDES}

    def route_for(self, queued: QueuedMessage) -> Route:
        """Find the route of a message.

        Raises:
            CannotRedrive: the message has no valid destination, or cannot be decrypted.
            MissingDependency: the event is encrypted, and the AWS Encryption SDK is not installed.
            botocore.exceptions.ClientError: AWS denied to describe the installation.
        """
        role = queued.queue.role
        if role in BUS_QUEUES:
            return self._route_for_encrypted(queued)
        if role != REJECTED_QUEUE and is_encrypted(queued.event):
            # EventBridge also sends what it could not decrypt for a target to the target's queue. A message there can
            # come from others, and its plain text would be believed like an event of EventBridge.
            raise CannotRedrive(
                f"encrypted events are decrypted in {' and '.join(BUS_QUEUES)} only; replay the events of that time, "
                "or request new values"
            )
        if role in (REJECTED_QUEUE, "events-dead-letters", "rule-dead-letters"):
            return self._to_archive(queued.message.body)
        if role == "to-spokes-dead-letters":
            return self._to_bus(queued.event, queued.message.attributes.get("TARGET_ARN", ""))
        if role == "to-hubs-dead-letters":
            return self._to_bus(queued.event, self._names.bus("spoke"))
        functions = ("refresh", "watch", "report") if role == "function-dead-letters" else ("extract",)
        return self._to_function(queued, {self._names.function(one) for one in functions})

    def _route_for_encrypted(self, queued: QueuedMessage) -> Route:
        """Find the route of an event that never reached the rules of its bus."""
        if not queued.encrypted:
            raise CannotRedrive("it is not an encrypted event, and its queue is for nothing else")
        side = BUS_QUEUES[queued.queue.role]
        text = self._keys[side].decrypt(parse_object(queued.message.body))
        event = parse_object(text)
        if side == "spoke":
            if is_refresh(event):
                return self._invocation(self._names.function("extract"), text)
            return self._to_bus(event, self._names.bus("spoke"))
        if is_refresh(event) and event.get("account") == self._installation.account:
            return self._to_bus(event, self._names.bus("hub"))
        return self._to_archive(text)

    @cached_property
    def _events(self) -> Queue | None:
        """The archive's queue. A spoke's account has none, and its operators may not look for one."""
        return next(iter(queues.find_existing(self._installation, [EVENTS_QUEUE])), None)

    def _to_archive(self, body: str) -> Route:
        """Send an event unchanged: the archive checks the account that EventBridge wrote into it."""
        events = self._events
        if events is None:
            raise CannotRedrive(f"queue {self._names.queue(EVENTS_QUEUE)} does not exist")

        def send() -> None:
            from botocore.exceptions import ClientError

            try:
                self._installation.client("sqs").send_message(QueueUrl=events.url, MessageBody=body)
            except ClientError as error:
                if "InvalidParameterValue" not in error_code(error):
                    raise
                raise CannotRedrive(
                    f"it has {len(body.encode()):,} bytes, and {events.name} does not take it "
                    f"({error.response['Error'].get('Message')}): see queue_max_message_size of modules/hub"
                ) from error

        return Route(events.name, send)

    def _to_bus(self, event: Mapping[str, Any], bus: str) -> Route:
        """Put an event with its original time; EventBridge assigns a new ID and the caller's account.

        That account must be the one that the event has now. Otherwise, whoever may put events on this installation's
        bus could have them sent as the installation's own.
        """
        if not isinstance(event.get("detail"), dict):
            raise CannotRedrive("the message is not an event")
        own = self._installation.account
        if event.get("account") != own:
            raise CannotRedrive(f"account {event.get('account')} sent it, and it would become an event of {own}")
        parts = bus.split(":")
        if not bus or (parts[0] == "arn" and (len(parts) != 6 or not parts[5].startswith("event-bus/"))):
            raise CannotRedrive(f"its destination {bus or '(none)'} is not an event bus")
        resources = event.get("resources")
        entry: dict[str, Any] = {
            "Source": str(event.get("source", "")),
            "DetailType": str(event.get("detail-type", "")),
            "Detail": json_line(event["detail"]),
            "Resources": [str(one) for one in resources] if isinstance(resources, list) else [],
            "EventBusName": bus,
        }
        time = _parse_time(event.get("time"))
        if time is not None:
            entry["Time"] = time

        def put() -> None:
            events = self._installation.client("events", parts[3] if len(parts) == 6 else None)
            answer = events.put_events(Entries=[entry])["Entries"][0]
            if "EventId" not in answer:
                raise CannotRedrive(f"{bus} did not accept it: {answer.get('ErrorCode')}: {answer.get('ErrorMessage')}")

        return Route(bus, put)

    def _to_function(self, queued: QueuedMessage, allowed: set[str]) -> Route:
        text, arn = queued.message.body, queued.function_arn
        if queued.record is not None:
            payload = queued.record["requestPayload"]
            text = json_line(payload) if isinstance(payload, dict) else json.dumps(payload)
        parts = arn.split(":")
        function = parts[6] if len(parts) > 6 and parts[4] == self._installation.account else ""
        if function not in allowed:
            raise CannotRedrive(f"its destination {arn or '(none)'} is none of {', '.join(sorted(allowed))}")
        return self._invocation(function, text)

    def _invocation(self, function: str, text: str) -> Route:
        def invoke() -> None:
            self._installation.client("lambda").invoke(
                FunctionName=function, InvocationType="Event", Payload=text.encode()
            )

        return Route(function, invoke)


def _parse_time(text: Any) -> datetime | None:
    try:
        return dates.parse(text)
    except (dates.InvalidDate, TypeError):
        return None
