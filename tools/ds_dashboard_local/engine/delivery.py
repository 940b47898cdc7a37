"""Where events are delivered to, whichever service asks for it."""

from __future__ import annotations

from typing import Any

from ds_dashboard_local.gaps import encrypted_queues
from ds_dashboard_local.sender import DeliveryFailed, Sender, service_question


def require_queue_policy(queue_arn: str, sender: Sender) -> None:
    """Raise DeliveryFailed unless the queue exists and its policy lets the sender put messages on it."""
    from ministack.services import sqs

    if sqs._queue_by_arn(queue_arn) is None:
        raise DeliveryFailed("NO_RESOURCE", f"queue {queue_arn} does not exist")
    if not sqs.queue_policy_allows(queue_arn, sender.service, sender.source_arn, sender.account):
        raise DeliveryFailed(
            "NO_PERMISSIONS", f"the policy of {queue_arn} does not allow {sender.service} for {sender.source_arn}"
        )
    encrypted_queues.require_key(queue_arn, sender)


def put_on_queue(
    queue_arn: str, body: str, attributes: dict[str, str] | None = None, parameters: dict[str, Any] | None = None
) -> None:
    """Put a message on a queue of the current account and region, within the queue's size limit."""
    import hashlib
    import time

    from ministack.core.concurrency import esm_wake
    from ministack.core.responses import new_uuid
    from ministack.services import sqs

    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        raise DeliveryFailed("NO_RESOURCE", f"queue {queue_arn} does not exist")
    described = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    size = len(body.encode()) + sum(len(n) + len("String") + len(v.encode()) for n, v in (attributes or {}).items())
    limit = int(queue["attributes"].get("MaximumMessageSize", "1048576"))
    if size > limit:
        raise DeliveryFailed("SDK_CLIENT_ERROR", f"the message has {size} bytes, {queue_arn} takes {limit}")
    now = time.time()
    message: dict[str, Any] = {
        "id": new_uuid(),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "md5_attrs": sqs._md5_msg_attrs(described) if described else None,
        "message_attributes": described,
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
    with sqs._queues_lock:  # see the `queue_polling` gap
        queue["messages"].append(message)
    esm_wake.set()


def invoke_function(function_arn: str, event: Any, sender: Sender) -> None:
    """Accept an asynchronous invocation, once the function exists and its policy lets the sender invoke it."""
    from ministack.core import iam_evaluator
    from ministack.services import lambda_svc

    function, configuration, name = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None or configuration is None:
        raise DeliveryFailed("NO_RESOURCE", f"function {function_arn} does not exist")
    asked = service_question("lambda:InvokeFunction", function_arn, sender)
    policy = lambda_svc._functions[name]["policy"] if name in lambda_svc._functions else None
    if iam_evaluator.evaluate_resource_policy(policy, asked, sender.service).decision != "Allow":
        raise DeliveryFailed(
            "NO_PERMISSIONS", f"the policy of {function_arn} does not allow {sender.service} for {sender.source_arn}"
        )
    start_function(function_arn, event)


def start_function(function_arn: str, event: Any) -> None:
    """Invoke asynchronously without a question, with the function's retries and destination."""
    from ministack.services import lambda_svc

    function, configuration, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None or configuration is None:
        raise DeliveryFailed("NO_RESOURCE", f"function {function_arn} does not exist")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, configuration), event)
