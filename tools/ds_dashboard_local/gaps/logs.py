"""Gaps of CloudWatch Logs: metrics in log lines, and customer managed keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import cloudwatch, cloudwatch_logs

from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import Sender, require_key_for_service, resolve_key
from ds_dashboard_local.engine.retries import DeliveryFailed

_WRITE_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
)
_READ_ACTIONS = ("kms:Decrypt",)


@gap
def embedded_metrics() -> None:
    """Publish the metrics in log lines (embedded metric format).

    AWS: a log line that is a JSON object with `_aws.CloudWatchMetrics` becomes metrics when it is ingested, and alarms
    on them change state.

    Engine: stores the line.
    """
    wrap(cloudwatch_logs, "_append_log_events", _append_log_events)


def _append_log_events(original: Any, stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
    original(stream, events)
    for event in events:
        for namespace, data in _metrics_in(event["message"]):
            cloudwatch._put_metric_data({}, {"Namespace": namespace, "MetricData": data}, False, True)


def _metrics_in(line: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if '"_aws"' not in line:
        return
    try:
        content = json.loads(line)
        for directive in content["_aws"]["CloudWatchMetrics"]:
            yield directive["Namespace"], list(_metric_data(directive, content))
    except (ValueError, KeyError, TypeError):
        return  # as on AWS, an invalid metric is just a line


def _metric_data(directive: dict[str, Any], content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for names in directive.get("Dimensions") or [[]]:
        dimensions = [{"Name": name, "Value": str(content[name])} for name in names]
        for metric in directive["Metrics"]:
            value = content[metric["Name"]]
            for single in value if isinstance(value, list) else [value]:
                yield {
                    "MetricName": metric["Name"],
                    "Dimensions": dimensions,
                    "Value": float(single),
                    "Unit": metric.get("Unit", "None"),
                }


@gap
def encrypted_logs() -> None:
    """Require the customer managed key of a log group.

    AWS: a log group takes a key only if the key's policy lets CloudWatch Logs use it for that group, and its lines can
    be read only as long as it does. AssociateKmsKey and DisassociateKmsKey change the key at any time.

    Engine: stores the id of the key that a group was created with, evaluates nothing, and has neither operation.
    """
    wrap(cloudwatch_logs, "handle_request", _handle_request)
    wrap(cloudwatch_logs, "_create_log_group", _create_log_group)
    wrap(cloudwatch_logs, "_get_log_events", _read_decrypted)
    wrap(cloudwatch_logs, "_filter_log_events", _read_decrypted)


async def _handle_request(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any
) -> Any:
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation == "AssociateKmsKey":
        data = json.loads(body)
        return _set_key(data, data.get("kmsKeyId"))
    if operation == "DisassociateKmsKey":
        return _set_key(json.loads(body), None)
    return await original(method, path, headers, body, query_params)


def _create_log_group(original: Any, data: dict[str, Any]) -> Any:
    return _key_error(str(data.get("logGroupName")), data.get("kmsKeyId")) or original(data)


def _read_decrypted(original: Any, data: dict[str, Any]) -> Any:
    name = cloudwatch_logs._resolve_log_group_name(data)
    key = (cloudwatch_logs._log_groups.get(name) or {}).get("kmsKeyId")
    try:
        _require_key(name, key, _READ_ACTIONS)
    except DeliveryFailed as failure:
        return error_response_json("AccessDeniedException", f"The log group cannot be decrypted: {failure}", 400)
    return original(data)


def _set_key(data: dict[str, Any], key: str | None) -> Any:
    name = str(data.get("logGroupName"))
    if name not in cloudwatch_logs._log_groups:
        message = f"The specified log group does not exist: {name}"
        return error_response_json("ResourceNotFoundException", message, 400)
    error = _key_error(name, key)
    if error is None:
        cloudwatch_logs._log_groups[name]["kmsKeyId"] = key
    return error or json_response({})


def _key_error(name: str, key: str | None) -> Any:
    try:
        _require_key(name, key, _WRITE_ACTIONS)
    except DeliveryFailed as failure:
        message = f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{name}': {failure}"
        return error_response_json("AccessDeniedException", message, 400)
    return None


def _require_key(name: str, key: str | None, actions: tuple[str, ...]) -> None:
    if not key:
        return
    account, region = get_account_id(), get_region()
    arn = f"arn:aws:logs:{region}:{account}:log-group:{name}"
    sender = Sender(f"logs.{region}.amazonaws.com", arn, account)
    require_key_for_service(resolve_key(key, arn), actions, sender, {"kms:encryptioncontext:aws:logs:arn": arn})
