"""The evaluation of permissions, and of membership in an organization."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from ds_dashboard_local.engine import organizations
from ds_dashboard_local.engine.authorization import Check, checks_for
from ds_dashboard_local.engine.patching import gap, wrap

# The engine writes the denials of these services in words of their own.
_OWN_DENIALS = {"s3", "ec2", "iot-data"}

_denied: ContextVar[Check | None] = ContextVar("ds_dashboard_local_denied", default=None)


@gap
def authorization() -> None:
    """Authorize each part of a call, and name the denied part.

    AWS: evaluates each part of some calls (every entry of PutEvents, every statement of BatchExecuteStatement), with
    condition keys from the request, and names the denied action and resource.

    Engine: evaluates one action on one resource, which is `*` for services that it does not serve.
    """
    wrap(iam_evaluator, "enforce", _enforce)
    wrap(iam_actions, "access_denied_response", _access_denied_response)


def _enforce(
    original: Any,
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    _denied.set(None)
    for check in checks_for(iam_action, service, region, resource_arn):
        context = {**(service_context or {}), **check.context}
        denial = original(access_key_id, check.action, check.service or service, region, check.resource, context)
        if denial:
            _denied.set(check)
            return denial
    return None


def _access_denied_response(
    original: Any, service: str, action: str, principal_arn: str, request_id: str, **named: Any
) -> Any:
    check = _denied.get()
    if check is None:
        return original(service, action, principal_arn, request_id, **named)
    if "resource_arn" in named:
        named["resource_arn"] = check.resource
    by_identity = not (named.get("error_code") or named.get("message") or named.get("resource_policy_arn"))
    if by_identity and service not in _OWN_DENIALS:
        named["message"] = iam_actions.identity_denial_message(
            check.action, principal_arn, check.resource, named.get("explicit_deny", False)
        )
    return original(service, check.action, principal_arn, request_id, **named)


@gap
def organization_membership() -> None:
    """Let accounts be members of an organization.

    AWS: `aws:PrincipalOrgID` is the id of the organization that the caller's account belongs to.

    Engine: an account that has called Organizations is the management account of its own; there are no members.
    """
    wrap(iam_evaluator, "_principal_org_id", _principal_org_id)


def _principal_org_id(original: Any, account_id: str) -> Any:
    return organizations.of(account_id) or original(account_id)
