"""Events that a bus could not decrypt: EventBridge puts them, encrypted, into the bus's own dead-letter queue.

The payload is a message of the AWS Encryption SDK under the bus's KMS key, with the bus's ARN as context.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from ds_dashboard_cli.dead_letters import envelopes
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation


def text_of(hub: Installation, body: str) -> str:
    """The event's JSON. Raises UserError where it cannot be decrypted here."""
    try:
        import aws_encryption_sdk  # type: ignore[import-untyped]
        from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError  # type: ignore[import-untyped]
    except ImportError as error:
        raise UserError(
            "an encrypted event",
            "needs aws-encryption-sdk to be read, which is not installed.",
            "Run: pip install 'ds-dashboard[kms]'",
        ) from error
    detail = envelopes.read(body).get("detail") or {}
    key, bus = str(detail.get("kms-key-arn", "")), str(detail.get("event-bus-arn", ""))
    try:
        payload = base64.b64decode(str(detail.get("encrypted-payload", "")), validate=True)
        provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
            key_ids=[key], botocore_session=hub.botocore_session
        )
        plain, header = aws_encryption_sdk.EncryptionSDKClient().decrypt(source=payload, key_provider=provider)
    except (AWSEncryptionSDKClientError, binascii.Error) as error:
        raise UserError(
            f"key {key}",
            f"does not decrypt an event of {bus or 'a bus'}: {error}",
            f"You need kms:Decrypt on {key}, and the key must be enabled.",
        ) from error
    if header.encryption_context.get("aws:events:event-bus:arn") != bus:
        raise UserError("an encrypted event", f"was not encrypted for {bus}.", "Look at it with `dead-letters show`.")
    return bytes(plain).decode()
