"""Deliver to queues and functions, as EventBridge, EventBridge Scheduler and Lambda do."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import new_uuid
from ministack.services import lambda_svc, sqs

from ds_dashboard_local.engine.permissions import (
    QUEUE_SEND_KEY_ACTIONS,
    Sender,
    queue_key,
    queue_key_context,
    require_key_for_service,
    resource_policy_allows,
    service_request,
)
from ds_dashboard_local.engine.retries import DeliveryFailed


def require_queue_policy(queue_arn: str, sender: Sender) -> None:
    """Check that the queue exists and that its policy, and its key's, let the sender send messages.

    Raises:
        DeliveryFailed: NO_RESOURCE or NO_PERMISSIONS.
    """
    if sqs._queue_by_arn(queue_arn) is None:
        raise DeliveryFailed("NO_RESOURCE", f"queue {queue_arn} does not exist")
    if not sqs.queue_policy_allows(queue_arn, sender.service, sender.source_arn, sender.account):
        raise DeliveryFailed(
            "NO_PERMISSIONS", f"the policy of {queue_arn} does not allow {sender.service} for {sender.source_arn}"
        )
    key = queue_key(queue_arn)
    if key is not None:
        require_key_for_service(key, QUEUE_SEND_KEY_ACTIONS, sender, queue_key_context(queue_arn))


def send_message(
    queue_arn: str, body: str, attributes: dict[str, str] | None = None, parameters: dict[str, Any] | None = None
) -> None:
    """Send a message to a queue of the current account and region, without a check of permissions.

    Args:
        queue_arn: The queue.
        body: The message's body.
        attributes: String attributes of the message.
        parameters: The target's `SqsParameters`.

    Raises:
        DeliveryFailed: NO_RESOURCE if the queue does not exist, SDK_CLIENT_ERROR if the message is too large for it, or
            has characters outside of SQS's set.
    """
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        raise DeliveryFailed("NO_RESOURCE", f"queue {queue_arn} does not exist")
    if any(map(sqs._INVALID_SQS_CHARS_RE.search, (body, *(attributes or {}).values()))):
        raise DeliveryFailed("SDK_CLIENT_ERROR", "the message contains characters outside the allowed set")
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    size = len(body.encode()) + sum(len(n) + len("String") + len(v.encode()) for n, v in (attributes or {}).items())
    limit = int(queue["attributes"].get("MaximumMessageSize", "1048576"))
    if size > limit:
        raise DeliveryFailed("SDK_CLIENT_ERROR", f"the message has {size} bytes, {queue_arn} takes at most {limit}")
    now = time.time()
    message: dict[str, Any] = {
        "id": new_uuid(),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "md5_attrs": sqs._md5_msg_attrs(typed) if typed else None,
        "message_attributes": typed,
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
        "sys": {"SenderId": "AIDAEVENTBRIDGE", "SentTimestamp": str(int(now * 1000))},
    }
    if queue.get("is_fifo"):
        queue["fifo_seq"] = queue.get("fifo_seq", 0) + 1
        message["group_id"] = (parameters or {}).get("MessageGroupId", "")
        message["dedup_id"] = hashlib.sha256(body.encode()).hexdigest()
        message["seq"] = str(queue["fifo_seq"]).zfill(20)
    sqs._ensure_msg_fields(message)
    with sqs._queues_lock:  # as the gap `queue_polling` does for every other access
        queue["messages"].append(message)
    esm_wake.set()


def invoke_function_for(sender: Sender, function_arn: str, event: Any) -> None:
    """Invoke a function asynchronously if its policy lets the sender do so.

    Raises:
        DeliveryFailed: NO_RESOURCE or NO_PERMISSIONS.
    """
    function, configuration, name = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None or configuration is None:
        raise DeliveryFailed("NO_RESOURCE", f"function {function_arn} does not exist")
    request = service_request("lambda:InvokeFunction", function_arn, sender)
    policy = lambda_svc._functions[name]["policy"] if name in lambda_svc._functions else None
    if not resource_policy_allows(policy, request, sender.service):
        raise DeliveryFailed(
            "NO_PERMISSIONS", f"the policy of {function_arn} does not allow {sender.service} for {sender.source_arn}"
        )
    invoke_function(function_arn, event)


def invoke_function(function_arn: str, event: Any) -> None:
    """Invoke a function asynchronously, without a check of permissions.

    The function's retries and destinations apply.

    Raises:
        DeliveryFailed: NO_RESOURCE if the function does not exist.
    """
    function, configuration, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None or configuration is None:
        raise DeliveryFailed("NO_RESOURCE", f"function {function_arn} does not exist")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, configuration), event)
