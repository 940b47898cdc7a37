"""Checks of roles: who can assume them, what they allow, and what was added to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ds_dashboard_cli.doctor.account import Need, Role, RolePolicy
from ds_dashboard_cli.doctor.context import Context

# The inline policies of the modules, by the end of the role's name.
_POLICY_NAMES = {"extract": {"metrics", "runtime"}, "to-spokes": {"forward"}, "to-hubs": {"forward"}}


def check(
    context: Context,
    arn: str,
    service: str,
    trust: Mapping[str, str],
    needs: Sequence[Need],
    module: str,
    missing_remedy: str | None = None,
) -> Role | None:
    """Check that a role exists, that a service can assume it, and that it allows what it needs to.

    Args:
        context: the context of the check.
        arn: the role's ARN.
        service: the service that assumes the role.
        trust: the condition keys with which the service assumes the role.
        needs: what it must allow.
        module: the module that creates the role.
        missing_remedy: the fix if the role does not exist; None to apply the module.

    Returns:
        The role; None if it does not exist or the caller may not read it.
    """
    with context.report.checking(f"role {arn}"):
        role = context.account.role(arn)
        thing, remedy = f"role {arn.rsplit('/', 1)[-1]}", context.remedies.apply(module)
        if role is None:
            context.report.broken(thing, "does not exist.", missing_remedy or remedy)
            return None
        context.report.check(
            role.trusts(service, trust),
            f"trust of {thing}",
            f"{service} may not assume it{f' for {next(iter(trust.values()))}' if trust else ''}.",
            remedy,
        )
        denied: dict[str, list[str]] = {}
        for need in needs:
            if policy := role.denied_by(need):
                denied.setdefault(policy.name, []).append(str(need))
                continue
            blocked = role.boundary_blocks(need)
            context.report.check(
                role.allows(need),
                thing,
                f"does not allow {need}"
                + (f": its permissions boundary {role.boundary_arn} blocks it." if blocked else "."),
                f"Allow it in {role.boundary_arn}." if blocked else remedy,
            )
        _check_policies(context, role, denied, remedy)
        return role
    return None


def _check_policies(context: Context, role: Role, denied: Mapping[str, Sequence[str]], remedy: str) -> None:
    """Report policies that deny what the role needs, and policies that no module has given it."""
    thing = f"role {role.name}"
    own = next((names for end, names in _POLICY_NAMES.items() if role.name.endswith(f"-{end}")), None)
    for policy in role.policies:
        # The other roles have one policy, which is named after the end of the role's name.
        is_own = policy.arn is None and (policy.name in own if own else role.name.endswith(f"-{policy.name}"))
        fix = remedy if is_own else _removal(context, role, policy)
        if policy.name in denied:
            context.report.broken(
                thing, f"{policy.description} explicitly denies {', '.join(denied[policy.name])}.", fix
            )
        elif not is_own:
            context.report.warn(
                thing, f"has the {policy.description}, which is not of the modules. No plan shows it.", fix
            )


def _removal(context: Context, role: Role, policy: RolePolicy) -> str:
    words = ("iam", "delete-role-policy", "--role-name", role.name, "--policy-name", policy.name)
    if policy.arn is not None:
        words = ("iam", "detach-role-policy", "--role-name", role.name, "--policy-arn", policy.arn)
    return context.remedies.aws(*words)
