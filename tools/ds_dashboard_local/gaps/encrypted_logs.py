"""Log groups under a customer-managed key.

On AWS a log group takes a key only if the key's policy lets CloudWatch Logs use it for that group, and its lines can be
read only as long as it does. A group is put under a key, and taken from it, at any time.

The engine keeps the id that a group was made with, asks nothing, and knows neither AssociateKmsKey nor
DisassociateKmsKey.

Wraps `cloudwatch_logs.handle_request`, `_create_log_group`, `_get_log_events` and `_filter_log_events`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ds_dashboard_local import customer_keys
from ds_dashboard_local.sender import DeliveryFailed, Sender

WRITING = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
)
READING = ("kms:Decrypt",)

Action = Callable[[dict[str, Any]], Any]


def close(engine: Any, state: Path) -> None:
    from ministack.services import cloudwatch_logs

    handle, create = cloudwatch_logs.handle_request, cloudwatch_logs._create_log_group
    changes: dict[str, Action] = {"AssociateKmsKey": _associate, "DisassociateKmsKey": _disassociate}

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        change = changes.get(headers.get("x-amz-target", "").rpartition(".")[2])
        return change(json.loads(body)) if change else await handle(method, path, headers, body, query)

    def _create_log_group(data: dict[str, Any]) -> Any:
        return _refusal(str(data.get("logGroupName")), data.get("kmsKeyId")) or create(data)

    cloudwatch_logs.handle_request = handle_request
    cloudwatch_logs._create_log_group = _create_log_group
    for name in ("_get_log_events", "_filter_log_events"):
        setattr(cloudwatch_logs, name, _readable(getattr(cloudwatch_logs, name)))


def _readable(read: Action) -> Action:
    def call(data: dict[str, Any]) -> Any:
        from ministack.core.responses import error_response_json
        from ministack.services import cloudwatch_logs

        name = cloudwatch_logs._resolve_log_group_name(data)
        key = (cloudwatch_logs._log_groups.get(name) or {}).get("kmsKeyId")
        try:
            _require(name, key, READING)
        except DeliveryFailed as failure:
            return error_response_json("AccessDeniedException", f"The log group cannot be decrypted: {failure}", 400)
        return read(data)

    return call


def _associate(data: dict[str, Any]) -> Any:
    return _set_key(data, data.get("kmsKeyId"))


def _disassociate(data: dict[str, Any]) -> Any:
    return _set_key(data, None)


def _set_key(data: dict[str, Any], key: str | None) -> Any:
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import cloudwatch_logs

    name = str(data.get("logGroupName"))
    if name not in cloudwatch_logs._log_groups:
        message = f"The specified log group does not exist: {name}"
        return error_response_json("ResourceNotFoundException", message, 400)
    refusal = _refusal(name, key)
    if refusal is None:
        cloudwatch_logs._log_groups[name]["kmsKeyId"] = key
    return refusal or json_response({})


def _refusal(name: str, key: str | None) -> Any:
    from ministack.core.responses import error_response_json

    try:
        _require(name, key, WRITING)
    except DeliveryFailed as failure:
        message = f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{name}': {failure}"
        return error_response_json("AccessDeniedException", message, 400)
    return None


def _require(name: str, key: str | None, actions: tuple[str, ...]) -> None:
    from ministack.core.responses import get_account_id, get_region

    if not key:
        return
    account, region = get_account_id(), get_region()
    arn = f"arn:aws:logs:{region}:{account}:log-group:{name}"
    sender = Sender(f"logs.{region}.amazonaws.com", arn, account)
    context = {"kms:encryptioncontext:aws:logs:arn": arn}
    customer_keys.require_for_service(customer_keys.resolve(key, arn), actions, sender, context)
