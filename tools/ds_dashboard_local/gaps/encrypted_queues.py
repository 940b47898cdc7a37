"""Queues under a customer-managed key.

On AWS whoever sends to such a queue needs kms:GenerateDataKey and kms:Decrypt on the key, whoever receives
kms:Decrypt: a service by the key's policy, a role by its own and the key's. EventBridge does not retry where that is
missing.

The engine keeps the key's id and asks nothing.

Registers its checks of API calls with the `authorization` gap, and wraps `lambda_svc._sqs_esm_concurrency`, which each
poll of a mapping asks: without the key there is none. `delivery` asks `require_key` for services, `lambda_roles` asks
`readable` when a mapping is made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ds_dashboard_local import customer_keys
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps.authorization import Check, checks_of
from ds_dashboard_local.sender import Sender

SENDING = ("kms:GenerateDataKey", "kms:Decrypt")
RECEIVING = ("kms:Decrypt",)


def close(engine: Any, state: Path) -> None:
    from ministack.services import lambda_svc

    for operation, actions in (("SendMessage", SENDING), ("ReceiveMessage", RECEIVING)):
        checks_of(f"sqs:{operation}", _checks_for(f"sqs:{operation}", actions))
    concurrency = lambda_svc._sqs_esm_concurrency

    def _sqs_esm_concurrency(
        esm: dict[str, Any], func_rec: dict[str, Any], config: dict[str, Any], queue: Any = None
    ) -> int:
        return concurrency(esm, func_rec, config, queue) if readable(config, esm["EventSourceArn"]) else 0

    lambda_svc._sqs_esm_concurrency = _sqs_esm_concurrency


def key_of(queue_arn: str) -> str | None:
    """The ARN of the customer-managed key a queue is under; None for SSE-SQS and AWS's own key."""
    from ministack.services import sqs

    queue = sqs._queue_by_arn(queue_arn)
    identifier = str((queue or {}).get("attributes", {}).get("KmsMasterKeyId", ""))
    return None if not identifier or identifier == "alias/aws/sqs" else customer_keys.resolve(identifier, queue_arn)


def context(queue_arn: str) -> dict[str, str]:
    """What SQS tells the key's policy about a call it makes."""
    region = queue_arn.split(":")[3]
    return {"kms:viaservice": f"sqs.{region}.amazonaws.com", "kms:encryptioncontext:aws:sqs:arn": queue_arn}


def require_key(queue_arn: str, sender: Sender) -> None:
    """Raise DeliveryFailed unless the sender's service may use the key that the queue is under."""
    key = key_of(queue_arn)
    if key is not None:
        customer_keys.require_for_service(key, SENDING, sender, context(queue_arn))


def readable(config: dict[str, Any], queue_arn: str) -> bool:
    """Whether a function's role can decrypt what is on the queue."""
    key = key_of(queue_arn)
    return key is None or customer_keys.role_may(config, "kms:Decrypt", key, context(queue_arn))


def _checks_for(action: str, key_actions: tuple[str, ...]) -> Any:
    def checks(request: Request, account: str, region: str) -> list[Check]:
        from ministack.core.iam_actions import extract_resource_arn

        queue = extract_resource_arn(
            "sqs", request.method, request.path, request.headers, request.body, dict(request.query), region, account
        )
        try:
            json.loads(request.body)
        except ValueError:
            return []  # the query protocol, which the engine reads itself
        key = key_of(queue)
        asked = [Check(action, queue)]
        if key is not None:
            asked += [Check(name, key, context(queue), service="kms") for name in key_actions]
        return asked

    return checks
