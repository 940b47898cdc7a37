"""The execution role, when a function or an event source mapping is made.

AWS refuses a role that Lambda cannot assume, a mapping from a queue that the role may not read, a queue whose
visibility timeout is shorter than the function's, and batches over 10 without a window.

The engine asks only that the role exists.

Replaces `lambda_svc._create_function`, `_update_config` and `_create_esm`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ds_dashboard_local.gaps import encrypted_queues
from ds_dashboard_local.lambda_role import may
from ds_dashboard_local.sender import Sender, trusts

QUEUE_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")


def close(engine: Any, state: Path) -> None:
    from ministack.services import lambda_svc

    create, update, create_mapping = lambda_svc._create_function, lambda_svc._update_config, lambda_svc._create_esm

    def _create_function(data: dict[str, Any]) -> Any:
        return _role_refusal(data, str(data.get("FunctionName"))) or create(data)

    def _update_config(name: str, data: dict[str, Any]) -> Any:
        return _role_refusal(data, name) or update(name, data)

    def _create_esm(data: dict[str, Any]) -> Any:
        return _mapping_refusal(data) or create_mapping(data)

    lambda_svc._create_function = _create_function
    lambda_svc._update_config = _update_config
    lambda_svc._create_esm = _create_esm


def _role_refusal(data: dict[str, Any], name: str) -> Any:
    from ministack.core.responses import get_account_id
    from ministack.services import iam, lambda_svc

    role = data.get("Role")
    # A role that does not exist is refused by the engine.
    if not role or iam._roles.get(role.rsplit("/", 1)[-1]) is None:
        return None
    sender = Sender("lambda.amazonaws.com", lambda_svc._func_arn(name), get_account_id())
    return None if trusts(role, sender) else _refused("The role defined for the function cannot be assumed by Lambda.")


def _mapping_refusal(data: dict[str, Any]) -> Any:
    from ministack.services import lambda_svc, sqs

    source = str(data.get("EventSourceArn", ""))
    _, config, _ = lambda_svc._get_func_record_for_ref(data.get("FunctionName", ""))
    if config is None or ":sqs:" not in source:
        return None
    for action in QUEUE_ACTIONS:
        if not may(config, f"sqs:{action}", source):
            return _refused(f"The provided execution role does not have permissions to call {action} on SQS")
    queue = sqs._queue_by_arn(source)
    if queue is None:
        return _refused(f"Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist. {source}")
    if not encrypted_queues.readable(config, source):
        return _refused(
            "Error occurred while ReceiveMessage. SQS Error Code: KMS.AccessDeniedException. SQS Error Message: "
            "The role is not allowed to perform kms:Decrypt on the key of the queue."
        )
    visible, timeout = int(queue["attributes"].get("VisibilityTimeout", 30)), int(config.get("Timeout", 3))
    if visible < timeout:
        return _refused(f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds")
    if int(data.get("BatchSize", 10)) > 10 and not data.get("MaximumBatchingWindowInSeconds"):
        return _refused(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    return None


def _refused(message: str) -> Any:
    from ministack.core.responses import error_response_json

    return error_response_json("InvalidParameterValueException", message, 400)
