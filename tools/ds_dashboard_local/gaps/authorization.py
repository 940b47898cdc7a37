"""IAM checks that need more of the request than its action and one resource.

AWS evaluates each part of some calls on its own (every entry of PutEvents, every statement of BatchExecuteStatement),
with condition keys taken from the request, and knows which resource each operation of each service acts on.

The engine's `app._dispatch_service_request` calls `iam_evaluator.enforce` once with the action it reads from the
request and the resource that `iam_actions.extract_resource_arn` knows, which is `*` for services it does not serve.

Replaces `ministack.core.iam_evaluator.enforce` and `ministack.core.iam_actions.access_denied_response` (whose message
must name the part that was refused, and, as on AWS, the resource). Other gaps register what they know with `checks_of`,
`further_checks_of`, `resource_of` and `authorized_as`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.middleware import Request, current_request


@dataclass(frozen=True)
class Check:
    """One question to IAM: may the caller do `action` on `resource`, in this context?"""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    service: str | None = None  # whose resource it is, where that is not the service called


Checks = Callable[[Request, str, str], list[Check]]  # (request, account, region)
Resource = Callable[[Request, str, str, str], str]  # (request, operation, account, region)

Further = Callable[[Request, list[Check]], list[Check]]

_OTHER_WORDS = {"s3", "ec2", "iot-data"}

_other_names: dict[str, str] = {}
_checks: dict[str, Checks] = {}
_further: dict[str, Further] = {}
_resources: dict[str, Resource] = {}
_refused: ContextVar[Check | None] = ContextVar("ds_dashboard_local_refused", default=None)


def authorized_as(call: str, action: str) -> None:
    """Ask for `action` where the engine would ask for an action of the call's own name."""
    _other_names[call] = action


def checks_of(action: str, checks: Checks) -> None:
    """Ask the questions of `checks` instead of the engine's single one for `action`."""
    _checks[action] = checks


def further_checks_of(service: str, further: Further) -> None:
    """Ask more for every call of a service; `further` gets the questions that are asked anyway."""
    _further[service] = further


def resource_of(service: str, resource: Resource) -> None:
    """Take the resource from `resource` for every operation of a service the engine does not know."""
    _resources[service] = resource


def resources(request: Request, action: str, service: str, account: str, region: str) -> list[str]:
    """The ARNs that a call names, as far as the gaps know them; none where the engine knows its one resource."""
    if action in _checks:
        return [check.resource for check in _checks[action](request, account, region)]
    if service in _resources:
        return [_resources[service](request, action.partition(":")[2], account, region)]
    return []


def close(engine: Any, state: Path) -> None:
    from ministack.core import iam_actions, iam_evaluator
    from ministack.core.responses import get_account_id

    enforce_one = iam_evaluator.enforce
    denied_response = iam_actions.access_denied_response

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        _refused.set(None)
        request = current_request()
        iam_action = _other_names.get(iam_action, iam_action)
        checks = [Check(iam_action, resource_arn)]
        if request is not None and iam_action in _checks:
            checks = _checks[iam_action](request, get_account_id(), region) or checks
        elif request is not None and (found := resources(request, iam_action, service, get_account_id(), region)):
            checks = [Check(iam_action, one) for one in found]
        if request is not None and service in _further:
            checks = [*checks, *_further[service](request, checks)]
        for check in checks:
            context = {**(service_context or {}), **check.context}
            denied = enforce_one(access_key_id, check.action, check.service or service, region, check.resource, context)
            if denied:
                _refused.set(check)
                return denied
        return None

    def access_denied_response(service: str, action: str, *arguments: Any, **named: Any) -> Any:
        check = _refused.get()
        if check is not None:
            action = check.action
            if "resource_arn" in named:
                named["resource_arn"] = check.resource
        by_identity = not (named.get("error_code") or named.get("message") or named.get("resource_policy_arn"))
        if check is not None and by_identity and service not in _OTHER_WORDS:
            named["message"] = iam_actions.identity_denial_message(
                action, arguments[0], check.resource, named.get("explicit_deny", False)
            )
        return denied_response(service, action, *arguments, **named)

    iam_evaluator.enforce = enforce
    iam_actions.access_denied_response = access_denied_response
