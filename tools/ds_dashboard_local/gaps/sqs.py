"""Gaps of SQS: customer managed keys, batches, and functions that poll a queue."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from typing import Any

from ministack.core.iam_actions import extract_resource_arn
from ministack.services import lambda_svc, sqs

from ds_dashboard_local.engine.authorization import Check, authorize_as, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap, registry, replace, wrap
from ds_dashboard_local.engine.permissions import (
    QUEUE_RECEIVE_KEY_ACTIONS,
    QUEUE_SEND_KEY_ACTIONS,
    function_role_decrypts,
    queue_key,
    queue_key_context,
)

# What a queue has that was created without these attributes.
_DEFAULTS = {"SqsManagedSseEnabled": "true", "KmsDataKeyReusePeriodSeconds": "300", "FifoQueue": "false"}
_MAX_BATCH_BYTES = 1_048_576
_USED_TO_RECEIVE = ("_collect_msgs", "_dlq_sweep", "_expire_retained", "_refresh_counts")


@gap
def encrypted_queues() -> None:
    """Require the customer managed key of a queue.

    AWS: a sender needs kms:GenerateDataKey and kms:Decrypt on the key, a receiver kms:Decrypt: a service by the key's
    policy, a role by its own policies and the key's. A function's mapping polls nothing while its role lacks the key.

    Engine: stores the key's id and evaluates nothing.
    """
    authorize_parts("sqs:SendMessage", _key_checks("sqs:SendMessage", QUEUE_SEND_KEY_ACTIONS))
    authorize_parts("sqs:ReceiveMessage", _key_checks("sqs:ReceiveMessage", QUEUE_RECEIVE_KEY_ACTIONS))
    wrap(lambda_svc, "_sqs_esm_concurrency", _sqs_esm_concurrency)


def _sqs_esm_concurrency(
    original: Any, esm: dict[str, Any], func_rec: dict[str, Any], config: dict[str, Any], queue: Any = None
) -> int:
    # The engine calls this at each poll.
    if not function_role_decrypts(config, esm["EventSourceArn"]):
        return 0
    return int(original(esm, func_rec, config, queue))


def _key_checks(action: str, key_actions: tuple[str, ...]) -> Any:
    def checks(request: Request, account: str, region: str) -> list[Check]:
        queue = extract_resource_arn(
            "sqs", request.method, request.path, request.headers, request.body, dict(request.query), region, account
        )
        try:
            json.loads(request.body)
        except ValueError:
            return []  # the query protocol, which the engine reads itself
        key = queue_key(queue)
        checks = [Check(action, queue)]
        if key is not None:
            checks += [Check(name, key, queue_key_context(queue), service="kms") for name in key_actions]
        return checks

    return checks


@gap
def queue_batches() -> None:
    """Authorize batches on queues as their single messages.

    AWS: SendMessageBatch, DeleteMessageBatch and ChangeMessageVisibilityBatch are not actions of IAM; the action for
    one message allows them.

    Engine: authorizes an action of the call's own name.
    """
    for action in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility"):
        authorize_as(f"sqs:{action}Batch", f"sqs:{action}")


@gap
def queue_creation() -> None:
    """Adopt an existing queue only if all given attributes are equal.

    AWS: CreateQueue returns an existing queue of that name if every given attribute has the queue's value, and fails
    with QueueNameExists otherwise.

    Engine: adopts it also if the queue does not have a given attribute, and does not set it.
    """
    wrap(sqs, "_act_create_queue", _create_queue)
    registry(sqs, "_HANDLERS")["CreateQueue"] = sqs._act_create_queue


def _create_queue(original: Any, data: dict[str, Any], _u: str) -> Any:
    found = sqs._queues.get(sqs._queue_url(data.get("QueueName", "")))
    for name, value in (data.get("Attributes") or {}).items() if found else ():
        if name not in found["attributes"] and str(value) != _DEFAULTS.get(name, ""):
            message = f"A queue already exists with the same name and a different value for attribute {name}"
            raise sqs._Err("QueueNameExists", message)
    return original(data, _u)


@gap
def message_sizes() -> None:
    """Count the attributes of a message for its size.

    AWS: a message's size is that of its body and of its attributes, each with its name, its data type and its value. A
    queue rejects messages over its MaximumMessageSize, and SendMessageBatch more than 1 MiB in total.

    Engine: counts the body only.
    """
    wrap(sqs, "_act_send_message", _send_message)
    wrap(sqs, "_act_send_message_batch", _send_message_batch)
    registry(sqs, "_HANDLERS").update(SendMessage=sqs._act_send_message, SendMessageBatch=sqs._act_send_message_batch)


def _send_message(original: Any, data: dict[str, Any], qurl: str) -> Any:
    queue = sqs._get_q(data.get("QueueUrl", qurl), "sqs:SendMessage")
    limit = int(queue["attributes"].get("MaximumMessageSize", _MAX_BATCH_BYTES))
    if _size(data) > limit:
        reason = f"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
        raise sqs._Err("InvalidParameterValue", reason)
    return original(data, qurl)


def _send_message_batch(original: Any, data: dict[str, Any], qurl: str) -> Any:
    size = sum(map(_size, data.get("Entries") or ()))
    if size > _MAX_BATCH_BYTES:
        reason = f"Batch requests cannot be longer than {_MAX_BATCH_BYTES} bytes. You have sent {size} bytes."
        raise sqs._Err("BatchRequestTooLong", reason)
    return original(data, qurl)


def _size(message: dict[str, Any]) -> int:
    texts = [message.get("MessageBody") or ""]
    binary = 0
    for name, attribute in (message.get("MessageAttributes") or {}).items():
        texts += [name, attribute.get("DataType") or "", attribute.get("StringValue") or ""]
        binary += len(base64.b64decode(attribute.get("BinaryValue") or ""))
    return binary + sum(len(text.encode()) for text in texts)


@gap
def queue_polling() -> None:
    """Let a function receive more than ten messages at once, and lose none.

    AWS: a function receives up to the mapping's BatchSize messages at once (10,000 at most; more than ten need a
    batching window), and a queue loses nothing however many clients use it at the same time.

    Engine: receives at most ten messages. The poller's threads rewrite a queue's list of messages when they delete or
    sweep, while requests and rules append to the old list: such a message is lost.
    """
    # The functions below call each other, so a thread takes the lock more than once.
    replace(sqs, "_queues_lock", threading.RLock())
    for name in _USED_TO_RECEIVE:
        wrap(sqs, name, _with_lock)
    handlers = registry(sqs, "_HANDLERS")
    for operation, action in handlers.items():
        if not asyncio.iscoroutinefunction(action):
            wrap(sqs, action.__name__, _with_lock)
            handlers[operation] = getattr(sqs, action.__name__)
    replace(sqs, "_receive_messages_for_esm", _receive_messages_for_esm)


def _receive_messages_for_esm(queue_url: str, max_number: int) -> Any:
    with sqs._queues_lock:
        queue = sqs._get_q(queue_url)
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        visibility = int(queue["attributes"].get("VisibilityTimeout", "30"))
        return sqs._collect_msgs(queue, int(max_number or 1), visibility)


def _with_lock(original: Any, *arguments: Any, **named: Any) -> Any:
    with sqs._queues_lock:
        return original(*arguments, **named)
