"""Customer-managed keys as services ask for them: by the key's policy, and for a role by the role's policies too."""

from __future__ import annotations

from typing import Any

from ds_dashboard_local.lambda_role import may
from ds_dashboard_local.sender import DeliveryFailed, Sender, service_question


def resolve(identifier: str, arn_beside: str) -> str:
    """The ARN of a key that is named by id, alias or ARN, in the account and region of another resource."""
    from ministack.core.responses import request_scope
    from ministack.services import kms

    _, _, _, region, account, _ = arn_beside.split(":", 5)
    with request_scope(account, region):
        record = kms._resolve_key(identifier)
    return str(record["Arn"]) if record else identifier


def policy_of(key_arn: str) -> str:
    """The policy of a key; empty, which allows nothing, where the key is missing or disabled."""
    from ministack.core.responses import request_scope
    from ministack.services import kms

    _, _, _, region, account, _ = key_arn.split(":", 5)
    with request_scope(account, region):
        record = kms._resolve_key(key_arn)
    return str(record.get("Policy") or "") if record and record["KeyState"] == "Enabled" else ""


def require_for_service(key_arn: str, actions: tuple[str, ...], sender: Sender, context: dict[str, str]) -> None:
    """Raise DeliveryFailed unless the key's policy lets the sender's service do all the actions in this context."""
    from ministack.core import iam_evaluator

    for action in actions:
        asked = service_question(action, key_arn, sender, context)
        if iam_evaluator.evaluate_resource_policy(policy_of(key_arn), asked, sender.service).decision != "Allow":
            raise DeliveryFailed(
                "NO_PERMISSIONS", f"the policy of {key_arn} does not allow {action} for {sender.service}"
            )


def role_may(config: dict[str, Any], action: str, key_arn: str, context: dict[str, str]) -> bool:
    """Whether a function's role may use the key: by its own policies and by the key's."""
    return may(config, action, key_arn, context, policy_of(key_arn))
