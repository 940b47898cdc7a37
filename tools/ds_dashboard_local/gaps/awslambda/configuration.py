"""Configuration of functions and event source mappings: execution role, environment, and its key."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import iam, lambda_svc, sqs

from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import (
    Sender,
    function_role_allows,
    function_role_allows_key,
    function_role_decrypts,
    resolve_key,
    trusts,
)

_QUEUE_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_MAX_ENVIRONMENT_BYTES = 4096
_KEY_ERROR = "KMSAccessDeniedException"


@gap
def lambda_roles() -> None:
    """Refuse a role that cannot work, and a mapping that its role cannot serve.

    AWS: rejects a role that Lambda cannot assume, a mapping from a queue that the role may not read or decrypt, a queue
    whose visibility timeout is shorter than the function's timeout, and batches over 10 without a window.

    Engine: requires only that the role exists.
    """
    wrap(lambda_svc, "_create_function", _create_function_with_role)
    wrap(lambda_svc, "_update_config", _update_config_with_role)
    wrap(lambda_svc, "_create_esm", _create_esm)


def _create_function_with_role(original: Any, data: dict[str, Any]) -> Any:
    return _role_error(data, str(data.get("FunctionName"))) or original(data)


def _update_config_with_role(original: Any, name: str, data: dict[str, Any]) -> Any:
    return _role_error(data, name) or original(name, data)


def _create_esm(original: Any, data: dict[str, Any]) -> Any:
    return _mapping_error(data) or original(data)


def _role_error(data: dict[str, Any], name: str) -> Any:
    role = data.get("Role")
    # The engine rejects a role that does not exist.
    if not role or iam._roles.get(role.rsplit("/", 1)[-1]) is None:
        return None
    sender = Sender("lambda.amazonaws.com", lambda_svc._func_arn(name), get_account_id())
    return None if trusts(role, sender) else _invalid("The role defined for the function cannot be assumed by Lambda.")


def _mapping_error(data: dict[str, Any]) -> Any:
    source = str(data.get("EventSourceArn", ""))
    _, config, _ = lambda_svc._get_func_record_for_ref(data.get("FunctionName", ""))
    if config is None or ":sqs:" not in source:
        return None
    for action in _QUEUE_ACTIONS:
        if not function_role_allows(config, f"sqs:{action}", source):
            return _invalid(f"The provided execution role does not have permissions to call {action} on SQS")
    queue = sqs._queue_by_arn(source)
    if queue is None:
        return _invalid(f"Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist. {source}")
    if not function_role_decrypts(config, source):
        return _invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: KMS.AccessDeniedException. SQS Error Message: "
            "The role is not allowed to perform kms:Decrypt on the key of the queue."
        )
    visible, timeout = int(queue["attributes"].get("VisibilityTimeout", 30)), int(config.get("Timeout", 3))
    if visible < timeout:
        return _invalid(f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds")
    if int(data.get("BatchSize", 10)) > 10 and not data.get("MaximumBatchingWindowInSeconds"):
        return _invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    return None


@gap
def lambda_duplicates() -> None:
    """Refuse a second mapping from a queue to a function, and have no policy without a statement.

    AWS: rejects a second event source mapping with the same source and function. GetPolicy of a function without a
    statement is a ResourceNotFoundException.

    Engine: creates another mapping, and returns a policy without statements.
    """
    wrap(lambda_svc, "_create_esm", _create_new_esm)
    wrap(lambda_svc, "_get_policy", _get_existing_policy)


def _create_new_esm(original: Any, data: dict[str, Any]) -> Any:
    source = data.get("EventSourceArn")
    _, config, _ = lambda_svc._get_func_record_for_ref(data.get("FunctionName", ""))
    for mapping in list(lambda_svc._esms.values()) if source and config else ():
        if mapping["EventSourceArn"] == source and mapping["FunctionArn"] == config["FunctionArn"]:
            message = (
                f'The event source arn (" {source} ") and function (" {config["FunctionName"]} ") provided mapping '
                f"already exists. Please update or delete the existing mapping with UUID {mapping['UUID']}"
            )
            return error_response_json("ResourceConflictException", message, 409)
    return original(data)


def _get_existing_policy(original: Any, *arguments: Any, **named: Any) -> Any:
    answer = original(*arguments, **named)
    if answer[0] == 200 and not json.loads(json.loads(answer[2])["Policy"])["Statement"]:
        return error_response_json("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return answer


@gap
def lambda_environment_limit() -> None:
    """Limit a function's environment to 4 KB.

    AWS: accepts 4 KB of environment variables, names and values together.

    Engine: accepts any size.
    """
    wrap(lambda_svc, "_create_function", _create_function_within_limit)
    wrap(lambda_svc, "_update_config", _update_config_within_limit)


def _create_function_within_limit(original: Any, data: dict[str, Any]) -> Any:
    return _environment_error(data) or original(data)


def _update_config_within_limit(original: Any, name: str, data: dict[str, Any]) -> Any:
    return _environment_error(data) or original(name, data)


def _environment_error(data: dict[str, Any]) -> Any:
    variables = (data.get("Environment") or {}).get("Variables") or {}
    size = sum(len(name.encode()) + len(str(value).encode()) for name, value in variables.items())
    if size <= _MAX_ENVIRONMENT_BYTES:
        return None
    return _invalid(
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f"exceeded the 4KB limit. String measured: {json.dumps(variables, separators=(',', ':'))}"
    )


def _invalid(message: str) -> Any:
    return error_response_json("InvalidParameterValueException", message, 400)


@gap
def encrypted_functions() -> None:
    """Require the customer managed key of a function's environment.

    AWS: a function whose role may not decrypt its environment variables does not start. A synchronous invocation gets
    KMSAccessDeniedException, an asynchronous one is retried and goes to its destination, and messages stay on their
    queue.

    Engine: stores the key's id and evaluates nothing.
    """
    wrap(lambda_svc, "_execute_function_dispatch", _execute_decrypted)
    wrap(lambda_svc, "_invoke", _invoke)


def _execute_decrypted(
    original: Any, func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
) -> Any:
    return _key_error(config) or original(func, config, event, request_id, started)


async def _invoke(original: Any, *arguments: Any, **named: Any) -> Any:
    status, headers, body = await original(*arguments, **named)
    if (headers or {}).get("X-Amz-Function-Error") == _KEY_ERROR:
        error = {"Type": "User", "Message": json.loads(body)["errorMessage"]}
        return 502, {"Content-Type": "application/json", "x-amzn-errortype": _KEY_ERROR}, json.dumps(error).encode()
    return status, headers, body


def _key_error(config: dict[str, Any]) -> dict[str, Any] | None:
    identifier, arn = config.get("KMSKeyArn"), str(config.get("FunctionArn", ""))
    if not identifier or not (config.get("Environment") or {}).get("Variables"):
        return None
    key = resolve_key(identifier, arn)
    context = {
        "kms:viaservice": f"lambda.{arn.split(':')[3]}.amazonaws.com",
        "kms:encryptioncontext:aws:lambda:functionarn": arn,
    }
    return None if function_role_allows_key(config, "kms:Decrypt", key, context) else key_denied(config, key)


def key_denied(config: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the result of an invocation whose role may not decrypt the environment variables."""
    message = (
        "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the "
        f"function's KMS key settings. KMS Exception: AccessDeniedException KMS Message: {config.get('Role')} is not "
        f"authorized to perform: kms:Decrypt on resource: {key}"
    )
    return {"body": {"errorMessage": message, "errorType": _KEY_ERROR}, "error": True, "function_error": _KEY_ERROR}
