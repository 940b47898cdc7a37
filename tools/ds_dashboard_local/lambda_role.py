"""What a function's execution role permits Lambda itself to do for the function."""

from __future__ import annotations

from typing import Any


def may(
    config: dict[str, Any],
    action: str,
    resource: str,
    keys: dict[str, str] | None = None,
    required_policy: str | None = None,
) -> bool:
    """Whether the policies of the function's role, within its boundary, allow `action` on `resource`.

    `keys` are condition keys; `required_policy` is a resource's policy that must allow it as well (a key's).
    """
    from ministack.core import iam_evaluator
    from ministack.services import iam

    role_arn = str(config.get("Role", ""))
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{config.get('FunctionName')}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        service_context=keys or {},
    )
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account), *boundary)
    if required_policy is not None:
        result = iam_evaluator.combine_resource_policy(
            result, context, required_policy, resource.split(":")[4], required=True, limits=boundary
        )
    return bool(result.decision == "Allow")
