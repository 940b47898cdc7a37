"""Event buses under a customer-managed key.

On AWS EventBridge asks the key's policy, with the bus's ARN as encryption context, before an event is on such a bus:
kms:GenerateDataKey and kms:Decrypt, and kms:DescribeKey when the bus is made. A rule of another bus that may not use
the key has a dead letter; what was put onto the bus itself goes, encrypted, to the bus's own dead-letter queue, and is
lost without one. An encrypted event is a message of the AWS Encryption SDK in an event of type `Encrypted Events`.

The engine keeps the key's id and the queue's ARN, and asks nothing.

Wraps `eventbridge._create_event_bus`, `_update_event_bus`, `_dispatch_event` and `_archive_event`; the
`event_bus_targets` gap asks `require_key`. What the key refuses is encrypted with a data key that was made while the
key permitted it, as services keep theirs for a while.
"""

from __future__ import annotations

import base64
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ds_dashboard_local import customer_keys
from ds_dashboard_local.encrypted_events import DataKey, encrypted, new_data_key
from ds_dashboard_local.engine.delivery import put_on_queue, require_queue_policy
from ds_dashboard_local.gaps import event_numbers
from ds_dashboard_local.sender import DeliveryFailed, Sender
from ds_dashboard_local.service_metrics import count_of_events

USING = ("kms:GenerateDataKey", "kms:Decrypt")
SERVICE = "events.amazonaws.com"

logger = logging.getLogger("ds_dashboard_local")

_data_keys: dict[tuple[str, str], DataKey] = {}  # of a bus and its key


def close(engine: Any, state: Path) -> None:
    from ministack.services import eventbridge

    create, update = eventbridge._create_event_bus, eventbridge._update_event_bus
    dispatch, archive = eventbridge._dispatch_event, eventbridge._archive_event

    def _create_event_bus(data: dict[str, Any]) -> Any:
        return _refusal(data) or create(data)

    def _update_event_bus(data: dict[str, Any]) -> Any:
        return _refusal(data) or update(data)

    def _dispatch_event(event: dict[str, Any], view: Any = None) -> None:
        bus = eventbridge._event_buses.get(event.get("EventBusName", "default")) or {}
        try:
            _require(bus)
        except DeliveryFailed as failure:
            _dead_letter(event, view or eventbridge._pattern_event_view(event), bus, failure)
        else:
            dispatch(event, view)

    def _archive_event(event: dict[str, Any], view: Any = None) -> None:
        try:
            _require(eventbridge._event_buses.get(event.get("EventBusName", "default")) or {})
        except DeliveryFailed:
            return
        archive(event, view)

    eventbridge._create_event_bus = _create_event_bus
    eventbridge._update_event_bus = _update_event_bus
    eventbridge._dispatch_event = _dispatch_event
    eventbridge._archive_event = _archive_event


def require_key(bus_arn: str) -> None:
    """Raise DeliveryFailed unless EventBridge may use the key that the bus of the current account is under."""
    from ministack.services import eventbridge

    _require(eventbridge._event_buses.get(bus_arn.partition(":event-bus/")[2]) or {})


def _require(bus: dict[str, Any]) -> None:
    if not bus.get("KmsKeyIdentifier"):
        return
    arn = bus["Arn"]
    key = customer_keys.resolve(bus["KmsKeyIdentifier"], arn)
    customer_keys.require_for_service(key, USING, _sender(arn), {"kms:encryptioncontext:aws:events:event-bus:arn": arn})
    if (arn, key) not in _data_keys:
        _data_keys[arn, key] = new_data_key(key, arn)


def _sender(bus_arn: str) -> Sender:
    return Sender(SERVICE, bus_arn, bus_arn.split(":")[4])


def _refusal(data: dict[str, Any]) -> Any:
    from ministack.core.responses import error_response_json, get_account_id, get_region

    if not data.get("KmsKeyIdentifier"):
        return None
    arn = f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{data.get('Name')}"
    key = customer_keys.resolve(data["KmsKeyIdentifier"], arn)
    try:
        customer_keys.require_for_service(key, ("kms:DescribeKey",), _sender(arn), {})
    except DeliveryFailed as failure:
        return error_response_json("ValidationException", f"Parameter KmsKeyIdentifier is not valid: {failure}", 400)
    return None


def _dead_letter(event: dict[str, Any], view: Any, bus: dict[str, Any], failure: DeliveryFailed) -> None:
    arn = bus["Arn"]
    logger.warning("event %s is not on %s: %s", event["EventId"], arn, failure)
    queue = (bus.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    key = customer_keys.resolve(bus["KmsKeyIdentifier"], arn)
    data_key = _data_keys.get((arn, key)) or new_data_key(key, arn)
    payload = encrypted(event_numbers.text_of(event, view), data_key, arn)
    letter = _envelope(arn, {"kms-key-arn": key, "encrypted-payload": base64.b64encode(payload).decode()})
    dimensions = {"EventBusName": bus["Name"]}
    try:
        require_queue_policy(queue, _sender(arn))
        put_on_queue(queue, letter, {"ERROR_CODE": failure.code, "ERROR_MESSAGE": str(failure)})
    except DeliveryFailed as lost:
        logger.warning("dead letter of %s is lost: %s: %s", arn, lost.code, lost)
        count_of_events("InvocationsFailedToBeSentToDlq", dimensions)
    else:
        count_of_events("InvocationsSentToDlq", dimensions)


def _envelope(bus_arn: str, detail: dict[str, str]) -> str:
    from ministack.core.responses import new_uuid

    _, _, _, region, account, _ = bus_arn.split(":", 5)
    described = {
        "version": "0",
        "id": new_uuid(),
        "detail-type": "Encrypted Events",
        "source": "aws.events",
        "account": account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [],
        "detail": {"event-bus-arn": bus_arn, **detail},
    }
    return json.dumps(described)
