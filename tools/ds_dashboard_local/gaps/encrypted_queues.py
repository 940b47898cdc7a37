"""Queues under a customer-managed key.

On AWS whoever sends to such a queue needs kms:GenerateDataKey and kms:Decrypt on the key, whoever receives
kms:Decrypt: a service by the key's policy, a role by its own and the key's. EventBridge does not retry where that is
missing.

The engine keeps the key's id and asks nothing.

Registers its checks of API calls with the `authorization` gap; `delivery` asks `require_key` for services, and
`lambda_roles` asks `readable` when a mapping is made.
"""

import json
from pathlib import Path
from typing import Any

from ds_dashboard_local.dispatch import Request
from ds_dashboard_local.gaps.authorization import Check, checks_of

SENDING = ("kms:GenerateDataKey", "kms:Decrypt")
RECEIVING = ("kms:Decrypt",)


def close(engine: Any, state: Path) -> None:
    for operation, actions in (("SendMessage", SENDING), ("ReceiveMessage", RECEIVING)):
        checks_of(f"sqs:{operation}", _checks_for(f"sqs:{operation}", actions))


def key_of(queue_arn: str) -> str | None:
    """The ARN of the customer-managed key a queue is under; None for SSE-SQS and AWS's own key."""
    from ministack.services import kms, sqs

    queue = sqs._queue_by_arn(queue_arn)
    identifier = str((queue or {}).get("attributes", {}).get("KmsMasterKeyId", ""))
    if not identifier or identifier == "alias/aws/sqs":
        return None
    record = kms._resolve_key(identifier)
    return str(record["Arn"]) if record else identifier


def context(queue_arn: str) -> dict[str, str]:
    """What SQS tells the key's policy about a call it makes."""
    region = queue_arn.split(":")[3]
    return {"kms:viaservice": f"sqs.{region}.amazonaws.com", "kms:encryptioncontext:aws:sqs:arn": queue_arn}


def policy_of(key_arn: str) -> str:
    """The policy of a key, empty for one that does not exist."""
    from ministack.services import kms

    found = kms.key_policy_for_arn(key_arn)
    return found[0] if found else ""


def readable(config: dict[str, Any], queue_arn: str) -> bool:
    """Whether a function's role can decrypt what is on the queue."""
    from ds_dashboard_local.lambda_role import may

    key = key_of(queue_arn)
    return key is None or may(config, "kms:Decrypt", key, context(queue_arn), policy_of(key))


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
