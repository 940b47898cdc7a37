"""Events as EventBridge encrypts them: messages of the AWS Encryption SDK under a data key of a KMS key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DataKey:
    """A data key, and the same under the KMS key."""

    key_arn: str
    plain: bytes
    encrypted: bytes


def context_of(bus_arn: str) -> dict[str, str]:
    """The encryption context of everything on a bus."""
    return {"aws:events:event-bus:arn": bus_arn}


def new_data_key(key_arn: str, bus_arn: str) -> DataKey:
    """A data key for a bus, whatever the key's policy and state."""
    from ministack.core.responses import request_scope
    from ministack.services import kms

    _, _, _, region, account, _ = key_arn.split(":", 5)
    with request_scope(account, region):
        record, plain, sealed = kms._generate_data_key_common(
            {"KeyId": key_arn, "EncryptionContext": context_of(bus_arn)}
        )
    if record is None:
        raise ValueError(f"{key_arn} makes no data key")
    return DataKey(key_arn, plain, sealed)


def encrypted(text: str, data_key: DataKey, bus_arn: str) -> bytes:
    """The message, which the SDK of every language decrypts."""
    import aws_encryption_sdk  # type: ignore[import-untyped]
    from aws_encryption_sdk import Algorithm

    message, _ = aws_encryption_sdk.EncryptionSDKClient().encrypt(
        source=text.encode(),
        key_provider=_master_key(data_key),
        algorithm=Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
        encryption_context=context_of(bus_arn),
    )
    return bytes(message)


def _master_key(data_key: DataKey) -> Any:
    from aws_encryption_sdk.key_providers.base import MasterKey, MasterKeyConfig  # type: ignore[import-untyped]
    from aws_encryption_sdk.structures import DataKey as SdkDataKey  # type: ignore[import-untyped]
    from aws_encryption_sdk.structures import MasterKeyInfo

    class _Config(MasterKeyConfig):  # type: ignore[misc]
        provider_id = "aws-kms"

    class _Prepared(MasterKey):  # type: ignore[misc]
        """Hands out one data key that was made before; it decrypts nothing."""

        provider_id = "aws-kms"
        _config_class = _Config

        def _generate_data_key(self, algorithm: Any, encryption_context: Any) -> Any:
            info = MasterKeyInfo(provider_id="aws-kms", key_info=data_key.key_arn)
            return SdkDataKey(info, data_key.plain, data_key.encrypted)

        def _encrypt_data_key(self, data_key: Any, algorithm: Any, encryption_context: Any) -> Any:
            raise NotImplementedError

        def _decrypt_data_key(self, encrypted_data_key: Any, algorithm: Any, encryption_context: Any) -> Any:
            raise NotImplementedError

    return _Prepared(key_id=data_key.key_arn)
