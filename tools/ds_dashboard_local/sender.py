"""Services that deliver on behalf of a rule or a schedule, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class DeliveryFailed(Exception):
    """A delivery that did not come about; `code` is one of the error codes EventBridge puts on dead letters.

    `retried` is true where AWS tries again: not for a missing permission, target or role.
    """

    def __init__(self, code: str, message: str, *, retried: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retried = retried


@dataclass(frozen=True)
class Sender:
    """The service that delivers, and the rule or schedule on whose behalf it does."""

    service: str  # events.amazonaws.com
    source_arn: str
    account: str

    def context(self) -> dict[str, str]:
        """The condition keys that a policy sees of it."""
        return {"aws:sourcearn": self.source_arn, "aws:sourceaccount": self.account}


def trusts(role_arn: str, sender: Sender) -> bool:
    """Whether the role exists in the sender's account and its trust policy lets the sender's service assume it."""
    from ministack.core import iam_evaluator
    from ministack.services import iam

    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or account != sender.account:
        return False
    asked = service_question("sts:AssumeRole", role_arn, sender)
    trust = role["AssumeRolePolicyDocument"]
    return bool(iam_evaluator.evaluate_resource_policy(trust, asked, sender.service).decision == "Allow")


def service_question(action: str, resource: str, sender: Sender, keys: dict[str, str] | None = None) -> Any:
    """What a resource's policy is asked about a service that acts on its own, with `keys` beside the sender's."""
    from ministack.core import iam_evaluator

    return iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context={**sender.context(), **(keys or {})},
    )


def require_role(
    role_arn: str, action: str, resource: str, sender: Sender, context: dict[str, str] | None = None
) -> Any:
    """The evaluation context of the role, once trust and permissions both allow `action` on `resource`.

    Raises DeliveryFailed: FAILED_TO_ASSUME_ROLE for the trust, NO_PERMISSIONS for the role's policies.
    """
    from ministack.core import iam_evaluator
    from ministack.services import iam

    if not trusts(role_arn, sender):
        raise DeliveryFailed(
            "FAILED_TO_ASSUME_ROLE", f"{sender.service} cannot assume {role_arn} for {sender.source_arn}"
        )
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    acting = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{sender.service.split('.')[0]}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context={**sender.context(), **(context or {})},
    )
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account)
    policies = iam_evaluator._gather_role_policies(name, account)
    if iam_evaluator.evaluate(acting, policies, *boundary).decision != "Allow":
        raise DeliveryFailed("NO_PERMISSIONS", f"{role_arn} is not authorized to perform {action} on {resource}")
    return acting
