"""Events that a bus could not use its key for, and their decryption.

EventBridge encrypts such an event with the AWS Encryption SDK under the bus's key, and sends it as the payload of an
event of type `Encrypted Events` to the dead-letter queue of the bus.

Anybody who may put events on a bus can choose their type and their content. So that nobody can choose what is decrypted
and redriven, nothing that the message says about itself is used: it counts as encrypted only in the dead-letter queue
of a bus, which only this bus can send to, and the bus and its key are those that AWS describes for the installation.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ds_dashboard.client.errors import MissingDependency
from ds_dashboard_cli.dead_letters.messages import CannotRedrive

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_CONTEXT = "aws:events:event-bus:arn"
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


class BusKey:
    """The key of the installation's bus, which decrypts the events of that bus."""

    def __init__(self, installation: Installation, side: str) -> None:
        self._installation, self._name = installation, installation.names.bus(side)

    @cached_property
    def _bus(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._installation.client("events").describe_event_bus(Name=self._name)
        return found

    @cached_property
    def _key(self) -> str:
        """The ARN of the bus's key; empty if the bus has none."""
        key = str(self._bus.get("KmsKeyIdentifier") or "")
        if key and not _KEY_ARN.fullmatch(key):
            # Somebody has set an alias or an ID by hand.
            key = str(self._installation.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"])
        return key

    def decrypt(self, event: Mapping[str, Any]) -> str:
        """Decrypt an event of type `Encrypted Events` of this bus, and return the JSON of the event that was put on it.

        Raises:
            CannotRedrive: the event is of another bus, or was not encrypted under the key that the bus has now.
            MissingDependency: the AWS Encryption SDK is not installed.
            botocore.exceptions.ClientError: the bus or its key cannot be described.
        """
        sdk = _import_sdk()
        detail = event.get("detail")
        named: Mapping[str, Any] = detail if isinstance(detail, dict) else {}
        if named.get("event-bus-arn") != self._bus["Arn"]:
            raise CannotRedrive(f"it is of {str(named.get('event-bus-arn'))[:256]}, not of {self._bus['Arn']}")
        if not self._key:
            raise CannotRedrive(f"{self._name} has no customer managed key now; set kms_key_arn to the previous key")
        try:
            payload = base64.b64decode(str(named.get("encrypted-payload", "")), validate=True)
            provider = sdk.StrictAwsKmsMasterKeyProvider(
                key_ids=[self._key], botocore_session=self._installation.botocore_session
            )
            plain, header = sdk.EncryptionSDKClient().decrypt(source=payload, key_provider=provider)
        except (sdk.exceptions.AWSEncryptionSDKClientError, binascii.Error) as error:
            hint = f"you need kms:Decrypt on {self._key}, which must be enabled"
            if named.get("kms-key-arn") != self._key:
                hint = f"it names {str(named.get('kms-key-arn'))[:256]}; only the present key of the bus is used"
            raise CannotRedrive(f"{self._key} does not decrypt it ({error}): {hint}") from error
        if header.encryption_context.get(_CONTEXT) != self._bus["Arn"]:
            raise CannotRedrive(f"its content was not encrypted for {self._bus['Arn']}")
        return bytes(plain).decode()


def _import_sdk() -> Any:
    try:
        import aws_encryption_sdk  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependency("encrypted event", "aws-encryption-sdk", "kms") from error
    # It logs the stack trace of errors that it also raises, which Python prints if the logger has no handler.
    logger = logging.getLogger("aws_encryption_sdk")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return aws_encryption_sdk
