"""Authorization of calls that need more than one action on one resource.

The engine authorizes a call once, with the action that it reads from the request and the resource that it knows for it.
Other gaps register what AWS authorizes instead, with `authorize_parts`, `authorize_further`, `authorize_resource` and
`authorize_as`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id

from ds_dashboard_local.engine import organizations
from ds_dashboard_local.engine.middleware import Request, current_request
from ds_dashboard_local.engine.patching import gap, wrap


@dataclass(frozen=True)
class Check:
    """An action on a resource that the caller must be allowed.

    Attributes:
        action: Such as `dynamodb:PartiQLInsert`.
        resource: An ARN, or `*`.
        context: Condition keys of this check.
        service: The service of the resource, if it is not the one that is called.
    """

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    service: str | None = None


Parts = Callable[[Request, str, str], list[Check]]  # (request, account, region)
Further = Callable[[Request, list[Check]], list[Check]]  # (request, checks so far)
Resource = Callable[[Request, str, str, str], str]  # (request, operation, account, region)

# The engine writes the denials of these services in words of their own.
_OWN_DENIALS = {"s3", "ec2", "iot-data"}

_actions: dict[str, str] = {}
_parts: dict[str, Parts] = {}
_further: dict[str, Further] = {}
_resources: dict[str, Resource] = {}
_denied: ContextVar[Check | None] = ContextVar("ds_dashboard_local_denied", default=None)


def authorize_as(call: str, action: str) -> None:
    """Authorize a call as `action`, where the engine takes the call's own name for an action."""
    _actions[call] = action


def authorize_parts(action: str, parts: Parts) -> None:
    """Authorize `action` by the checks that `parts` returns, or as the engine does if it returns none."""
    _parts[action] = parts


def authorize_further(service: str, further: Further) -> None:
    """Authorize every call of a service by additional checks."""
    _further[service] = further


def authorize_resource(service: str, resource: Resource) -> None:
    """Authorize every call of a service that the engine does not know on the resource that `resource` returns."""
    _resources[service] = resource


def named_resources(request: Request, action: str, service: str, account: str, region: str) -> list[str]:
    """Return the ARNs that a call names, as far as gaps know them; empty if the engine knows its one resource."""
    if action in _parts:
        return [check.resource for check in _parts[action](request, account, region)]
    if service in _resources:
        return [_resources[service](request, action.partition(":")[2], account, region)]
    return []


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
    for check in _checks(_actions.get(iam_action, iam_action), service, region, resource_arn):
        context = {**(service_context or {}), **check.context}
        denial = original(access_key_id, check.action, check.service or service, region, check.resource, context)
        if denial:
            _denied.set(check)
            return denial
    return None


def _checks(action: str, service: str, region: str, resource_arn: str) -> list[Check]:
    checks = [Check(action, resource_arn)]
    request = current_request()
    if request is None:
        return checks
    if action in _parts:
        checks = _parts[action](request, get_account_id(), region) or checks
    elif found := named_resources(request, action, service, get_account_id(), region):
        checks = [Check(action, one) for one in found]
    if service in _further:
        checks = [*checks, *_further[service](request, checks)]
    return checks


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
