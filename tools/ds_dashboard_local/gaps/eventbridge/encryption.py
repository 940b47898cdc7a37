"""Event buses under a customer managed key, and events as EventBridge encrypts them."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aws_encryption_sdk  # type: ignore[import-untyped]
from aws_encryption_sdk.key_providers.base import MasterKey, MasterKeyConfig  # type: ignore[import-untyped]
from aws_encryption_sdk.structures import DataKey as SdkDataKey  # type: ignore[import-untyped]
from aws_encryption_sdk.structures import MasterKeyInfo
from ministack.core.responses import error_response_json, get_account_id, get_region, new_uuid, request_scope
from ministack.services import eventbridge, kms

from ds_dashboard_local.engine.delivery import require_queue_policy, send_message
from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import Sender, require_key_for_service, resolve_key
from ds_dashboard_local.engine.retries import DeliveryFailed
from ds_dashboard_local.gaps.cloudwatch.metrics import count_deliveries
from ds_dashboard_local.gaps.eventbridge.put_events import event_text

_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
_PROVIDER = "aws-kms"

logger = logging.getLogger("ds_dashboard_local")


@dataclass(frozen=True)
class _DataKey:
    """A data key, in plain text and encrypted under the KMS key."""

    key_arn: str
    plain: bytes
    encrypted: bytes


_data_keys: dict[tuple[str, str], _DataKey] = {}  # by the ARNs of a bus and its key


@gap
def encrypted_buses() -> None:
    """Evaluate the key policy of a bus, and encrypt what the key denies.

    AWS: EventBridge needs kms:GenerateDataKey and kms:Decrypt, with the bus's ARN as encryption context, before an
    event is on such a bus, and kms:DescribeKey to create the bus. A rule of another bus that may not use the key sends
    the event to its dead-letter queue. An event that was put on the bus itself goes, encrypted by the AWS Encryption
    SDK in an event of type `Encrypted Events`, to the bus's own dead-letter queue, and is lost without one.

    Engine: stores the key's id and the queue's ARN, and evaluates nothing.
    """
    wrap(eventbridge, "_create_event_bus", _with_usable_key)
    wrap(eventbridge, "_update_event_bus", _with_usable_key)
    wrap(eventbridge, "_dispatch_event", _dispatch_event)
    wrap(eventbridge, "_archive_event", _archive_event)


def _with_usable_key(original: Any, data: dict[str, Any]) -> Any:
    if data.get("KmsKeyIdentifier"):
        arn = f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{data.get('Name')}"
        key = resolve_key(data["KmsKeyIdentifier"], arn)
        try:
            require_key_for_service(key, ("kms:DescribeKey",), _sender(arn), {})
        except DeliveryFailed as failure:
            message = f"Parameter KmsKeyIdentifier is not valid: {failure}"
            return error_response_json("ValidationException", message, 400)
    return original(data)


def _dispatch_event(original: Any, event: dict[str, Any], view: Any = None) -> None:
    bus = eventbridge._event_buses.get(event.get("EventBusName", "default")) or {}
    try:
        _require_key(bus)
    except DeliveryFailed as failure:
        _send_dead_letter(event, view or eventbridge._pattern_event_view(event), bus, failure)
    else:
        original(event, view)


def _archive_event(original: Any, event: dict[str, Any], view: Any = None) -> None:
    try:
        _require_key(eventbridge._event_buses.get(event.get("EventBusName", "default")) or {})
    except DeliveryFailed:
        return
    original(event, view)


def require_bus_key(bus_arn: str) -> None:
    """Check that EventBridge may use the key of a bus of the current account, if the bus has one.

    Raises:
        DeliveryFailed: NO_PERMISSIONS.
    """
    _require_key(eventbridge._event_buses.get(bus_arn.partition(":event-bus/")[2]) or {})


def _require_key(bus: dict[str, Any]) -> None:
    if not bus.get("KmsKeyIdentifier"):
        return
    arn = bus["Arn"]
    key = resolve_key(bus["KmsKeyIdentifier"], arn)
    require_key_for_service(key, _KEY_ACTIONS, _sender(arn), {"kms:encryptioncontext:aws:events:event-bus:arn": arn})
    # As services cache theirs: what the key denies later is encrypted with a data key that it permitted.
    if (arn, key) not in _data_keys:
        _data_keys[arn, key] = _generate_data_key(key, arn)


def _sender(bus_arn: str) -> Sender:
    return Sender("events.amazonaws.com", bus_arn, bus_arn.split(":")[4])


def _send_dead_letter(event: dict[str, Any], view: Any, bus: dict[str, Any], failure: DeliveryFailed) -> None:
    arn = bus["Arn"]
    logger.warning("event %s is not on %s: %s", event["EventId"], arn, failure)
    queue = (bus.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    key = resolve_key(bus["KmsKeyIdentifier"], arn)
    data_key = _data_keys.get((arn, key)) or _generate_data_key(key, arn)
    payload = base64.b64encode(_encrypt(event_text(event, view), data_key, arn)).decode()
    body = _encrypted_event(arn, {"kms-key-arn": key, "encrypted-payload": payload})
    dimensions = {"EventBusName": bus["Name"]}
    try:
        require_queue_policy(queue, _sender(arn))
        send_message(queue, body, {"ERROR_CODE": failure.code, "ERROR_MESSAGE": str(failure)})
    except DeliveryFailed as lost:
        logger.warning("dead letter of %s is lost: %s: %s", arn, lost.code, lost)
        count_deliveries("InvocationsFailedToBeSentToDlq", dimensions)
    else:
        count_deliveries("InvocationsSentToDlq", dimensions)


def _encrypted_event(bus_arn: str, detail: dict[str, str]) -> str:
    _, _, _, region, account, _ = bus_arn.split(":", 5)
    event = {
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
    return json.dumps(event)


def _encryption_context(bus_arn: str) -> dict[str, str]:
    return {"aws:events:event-bus:arn": bus_arn}


def _generate_data_key(key_arn: str, bus_arn: str) -> _DataKey:
    """Generate a data key for a bus, whatever the key's policy and state."""
    _, _, _, region, account, _ = key_arn.split(":", 5)
    with request_scope(account, region):
        record, plain, encrypted = kms._generate_data_key_common(
            {"KeyId": key_arn, "EncryptionContext": _encryption_context(bus_arn)}
        )
    if record is None:
        raise ValueError(f"{key_arn} does not generate data keys")
    return _DataKey(key_arn, plain, encrypted)


def _encrypt(text: str, data_key: _DataKey, bus_arn: str) -> bytes:
    """Encrypt a text into a message that the AWS Encryption SDK of every language decrypts."""
    message, _ = aws_encryption_sdk.EncryptionSDKClient().encrypt(
        source=text.encode(),
        key_provider=_prepared(data_key),
        algorithm=aws_encryption_sdk.Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
        encryption_context=_encryption_context(bus_arn),
    )
    return bytes(message)


def _prepared(data_key: _DataKey) -> _PreparedKey:
    key = _PreparedKey(key_id=data_key.key_arn)
    key.data_key = data_key
    return key


class _PreparedKeyConfig(MasterKeyConfig):  # type: ignore[misc]
    provider_id = _PROVIDER


class _PreparedKey(MasterKey):  # type: ignore[misc]
    """A master key of the SDK that returns one existing data key, and decrypts nothing."""

    provider_id = _PROVIDER
    _config_class = _PreparedKeyConfig
    data_key: _DataKey

    def _generate_data_key(self, algorithm: Any, encryption_context: Any) -> Any:
        info = MasterKeyInfo(provider_id=_PROVIDER, key_info=self.data_key.key_arn)
        return SdkDataKey(info, self.data_key.plain, self.data_key.encrypted)

    def _encrypt_data_key(self, data_key: Any, algorithm: Any, encryption_context: Any) -> Any:
        raise NotImplementedError

    def _decrypt_data_key(self, encrypted_data_key: Any, algorithm: Any, encryption_context: Any) -> Any:
        raise NotImplementedError
