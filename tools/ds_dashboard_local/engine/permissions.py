"""Permissions of services, of the roles they assume, and on the keys they use.

The engine's evaluator decides; this module builds the requests that AWS's services evaluate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import iam, kms, sqs

from ds_dashboard_local.engine.retries import DeliveryFailed

QUEUE_SEND_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
QUEUE_RECEIVE_KEY_ACTIONS = ("kms:Decrypt",)


@dataclass(frozen=True)
class Sender:
    """A service that acts on behalf of a rule, a schedule or another resource.

    Attributes:
        service: The service's principal, such as `events.amazonaws.com`.
        source_arn: The ARN of the rule, schedule group or other resource.
        account: The account of that resource.
    """

    service: str
    source_arn: str
    account: str

    def context(self) -> dict[str, str]:
        """Return the condition keys that a policy sees."""
        return {"aws:sourcearn": self.source_arn, "aws:sourceaccount": self.account}


def service_request(action: str, resource: str, sender: Sender, context: dict[str, str] | None = None) -> Any:
    """Return the evaluation context of a service that acts as itself; `context` adds condition keys."""
    return iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context={**sender.context(), **(context or {})},
    )


def resource_policy_allows(policy: Any, request: Any, service: str | None = None) -> bool:
    """Whether a resource's policy allows the request of an evaluation context."""
    return bool(iam_evaluator.evaluate_resource_policy(policy, request, service).decision == "Allow")


def trusts(role_arn: str, sender: Sender) -> bool:
    """Whether the role exists in the sender's account and its trust policy lets the sender's service assume it."""
    account, name = _account_and_name(role_arn)
    role = iam._roles.get_scoped(account, None, name)
    if role is None or account != sender.account:
        return False
    request = service_request("sts:AssumeRole", role_arn, sender)
    return resource_policy_allows(role["AssumeRolePolicyDocument"], request, sender.service)


def role_request(role_arn: str, session: str, action: str, resource: str, context: dict[str, str] | None = None) -> Any:
    """Return the evaluation context of a session of a role; `context` holds condition keys."""
    account, name = _account_and_name(role_arn)
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context=context or {},
    )


def role_allows(role_arn: str, request: Any, required_policy: str | None = None) -> bool:
    """Whether the role's policies, within its permissions boundary, allow the request.

    Args:
        role_arn: The role.
        request: The evaluation context of a session of that role.
        required_policy: The policy of a resource that must allow the request too, such as a key's.
    """
    account, name = _account_and_name(role_arn)
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account)
    result = iam_evaluator.evaluate(request, iam_evaluator._gather_role_policies(name, account), *boundary)
    if required_policy is not None:
        owner = request.resource_arn.split(":")[4]
        result = iam_evaluator.combine_resource_policy(
            result, request, required_policy, owner, required=True, limits=boundary
        )
    return bool(result.decision == "Allow")


def require_role(
    role_arn: str, action: str, resource: str, sender: Sender, context: dict[str, str] | None = None
) -> Any:
    """Assume a role for the sender and check that it allows `action` on `resource`.

    Returns:
        The evaluation context of the role's session.

    Raises:
        DeliveryFailed: FAILED_TO_ASSUME_ROLE if the trust policy denies it, NO_PERMISSIONS if the role's policies do.
    """
    if not trusts(role_arn, sender):
        raise DeliveryFailed(
            "FAILED_TO_ASSUME_ROLE", f"{sender.service} cannot assume {role_arn} for {sender.source_arn}"
        )
    keys = {**sender.context(), **(context or {})}
    request = role_request(role_arn, sender.service.split(".")[0], action, resource, keys)
    if not role_allows(role_arn, request):
        raise DeliveryFailed("NO_PERMISSIONS", f"{role_arn} is not authorized to perform {action} on {resource}")
    return request


def function_role_allows(
    config: dict[str, Any],
    action: str,
    resource: str,
    context: dict[str, str] | None = None,
    required_policy: str | None = None,
) -> bool:
    """Whether a function's execution role allows `action` on `resource`; see `role_allows`."""
    role_arn = str(config.get("Role", ""))
    request = role_request(role_arn, str(config.get("FunctionName")), action, resource, context)
    return role_allows(role_arn, request, required_policy)


def _account_and_name(role_arn: str) -> tuple[str, str]:
    return role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]


def resolve_key(identifier: str, beside_arn: str) -> str:
    """Return the ARN of a key given by id, alias or ARN, in the account and region of another resource."""
    _, _, _, region, account, _ = beside_arn.split(":", 5)
    with request_scope(account, region):
        record = kms._resolve_key(identifier)
    return str(record["Arn"]) if record else identifier


def require_key_for_service(key_arn: str, actions: tuple[str, ...], sender: Sender, context: dict[str, str]) -> None:
    """Check that the key's policy allows the sender's service all of the actions.

    Raises:
        DeliveryFailed: NO_PERMISSIONS, also if the key is missing or disabled.
    """
    for action in actions:
        request = service_request(action, key_arn, sender, context)
        if not resource_policy_allows(_key_policy(key_arn), request, sender.service):
            raise DeliveryFailed(
                "NO_PERMISSIONS", f"the policy of {key_arn} does not allow {action} for {sender.service}"
            )


def function_role_allows_key(config: dict[str, Any], action: str, key_arn: str, context: dict[str, str]) -> bool:
    """Whether a function's execution role may use the key: by its own policies and by the key's."""
    return function_role_allows(config, action, key_arn, context, _key_policy(key_arn))


def _key_policy(key_arn: str) -> str:
    """The policy of a key; empty, which allows nothing, if the key is missing or disabled."""
    _, _, _, region, account, _ = key_arn.split(":", 5)
    with request_scope(account, region):
        record = kms._resolve_key(key_arn)
    return str(record.get("Policy") or "") if record and record["KeyState"] == "Enabled" else ""


def queue_key(queue_arn: str) -> str | None:
    """Return the ARN of the customer managed key of a queue; None for SSE-SQS and the key that AWS manages."""
    queue = sqs._queue_by_arn(queue_arn)
    identifier = str((queue or {}).get("attributes", {}).get("KmsMasterKeyId", ""))
    return None if not identifier or identifier == "alias/aws/sqs" else resolve_key(identifier, queue_arn)


def queue_key_context(queue_arn: str) -> dict[str, str]:
    """Return the condition keys of a call that SQS makes to KMS."""
    region = queue_arn.split(":")[3]
    return {"kms:viaservice": f"sqs.{region}.amazonaws.com", "kms:encryptioncontext:aws:sqs:arn": queue_arn}


def function_role_decrypts(config: dict[str, Any], queue_arn: str) -> bool:
    """Whether a function's execution role may decrypt the messages of a queue."""
    key = queue_key(queue_arn)
    return key is None or function_role_allows_key(config, "kms:Decrypt", key, queue_key_context(queue_arn))
