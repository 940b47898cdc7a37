"""The actions and resources that a call is authorized for.

The engine authorizes a call once: the action that it reads from the request, on the resource that it finds in it. Gaps
register what AWS authorizes instead, with `authorize_parts`, `authorize_further`, `authorize_resource` and
`authorize_as`; the gap `authorization` evaluates it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_account_id

from ds_dashboard_local.engine.middleware import Request, current_request


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

_actions: dict[str, str] = {}
_parts: dict[str, Parts] = {}
_further: dict[str, Further] = {}
_resources: dict[str, Resource] = {}


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
    """Authorize every call of a service that the engine does not have on the resource that `resource` returns."""
    _resources[service] = resource


def named_resources(request: Request, action: str, service: str, account: str, region: str) -> list[str]:
    """Return the ARNs that a call names, as far as a gap has registered them."""
    if action in _parts:
        return [check.resource for check in _parts[action](request, account, region)]
    if service in _resources:
        return [_resources[service](request, action.partition(":")[2], account, region)]
    return []


def checks_for(call: str, service: str, region: str, resource_arn: str) -> list[Check]:
    """Return the checks of the current request.

    Args:
        call: The action that the engine reads from the request.
        service: The engine's name of the service.
        region: The region of the request.
        resource_arn: The resource that the engine knows for it.
    """
    action = _actions.get(call, call)
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
