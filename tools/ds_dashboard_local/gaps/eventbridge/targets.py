"""Event buses as targets of rules, also those of other accounts and regions."""

from __future__ import annotations

from typing import Any

from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import error_response_json, get_account_id, get_region, request_scope
from ministack.services import eventbridge

from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import Sender, require_role, resource_policy_allows
from ds_dashboard_local.engine.retries import DeliveryFailed
from ds_dashboard_local.gaps.eventbridge.buses import bus_policy
from ds_dashboard_local.gaps.eventbridge.encryption import require_bus_key
from ds_dashboard_local.settings import PARTITION

_MAX_TARGETS = 5


@gap
def put_targets() -> None:
    """Refuse targets that cannot work.

    AWS: rejects the event bus of another account or region as a target until that bus's policy allows the caller's
    account, an input transformer on such a target, a sixth target on a rule, and an ARN of another partition.

    Engine: requires a role on such a target, and nothing else.
    """
    wrap(eventbridge, "_put_targets", _put_targets)


def _put_targets(original: Any, data: dict[str, Any]) -> Any:
    key = eventbridge._rule_key(data.get("Rule"), data.get("EventBusName") or "default")
    targets = data.get("Targets", [])
    rule = eventbridge._rules.get(key)
    if rule is None:
        return original(data)
    for target in targets:
        if error := _target_error(target, rule):
            return error
    identifiers = {t["Id"] for t in eventbridge._targets.get(key) or []} | {t["Id"] for t in targets}
    if len(identifiers) > _MAX_TARGETS:
        return error_response_json(
            "LimitExceededException", "The requested resource exceeds the maximum number allowed.", 400
        )
    return original(data)


def _target_error(target: dict[str, Any], rule: dict[str, Any]) -> Any:
    arn = str(target.get("Arn", ""))
    if arn.startswith("arn:") and arn.split(":")[1] != PARTITION:
        message = f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        return error_response_json("ValidationException", message, 400)
    if ":event-bus/" not in arn or not target.get("RoleArn"):
        return None
    _, _, _, region, account, _ = arn.split(":", 5)
    if (account, region) == (get_account_id(), get_region()):
        return None
    if target.get("InputTransformer"):
        message = f"InputTransformer is not supported for the target {arn}."
        return error_response_json("ValidationException", message, 400)
    if not _foreign_bus_allows(arn, rule["Arn"], target["RoleArn"]):
        message = f"The policy of {arn} does not permit account {get_account_id()} to perform events:PutEvents"
        return error_response_json("AccessDeniedException", message, 400)
    return None


def _foreign_bus_allows(bus_arn: str, rule_arn: str, role_arn: str) -> bool:
    found = bus_policy(bus_arn)
    if found is None or found[0] is None:
        return False
    _, _, _, region, account, _ = rule_arn.split(":", 5)
    request = EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action="events:PutEvents",
        resource_arn=bus_arn,
        region=region,
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": account},
    )
    statements = [_without_event_conditions(statement) for statement in found[0]["Statement"]]
    return resource_policy_allows({"Statement": statements}, request)


def _without_event_conditions(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement without conditions on events, as there is no event yet."""
    conditions = {
        operator: {key: value for key, value in keys.items() if not key.lower().startswith("events:")}
        for operator, keys in (statement.get("Condition") or {}).items()
    }
    return {**statement, "Condition": conditions}


def forward(
    event: dict[str, Any], bus_arn: str, role: str | None, sender: Sender, rule: dict[str, Any], detail: str | None
) -> None:
    """Forward an event to a bus that is the target of a rule.

    Args:
        event: The engine's event; it keeps its id, time, account, region, source and resources.
        bus_arn: The target.
        role: The target's role: its trust, its policies and the bus's policy must all allow the event.
        sender: EventBridge, for the rule.
        rule: The engine's rule.
        detail: The text that replaces the event's detail, if the target has an input.

    Raises:
        DeliveryFailed: With EventBridge's error code; THIRD_ACCOUNT_HOP_DETECTED or THIRD_REGION_HOP_DETECTED if the
            event came from another account or region: an event is forwarded once.
    """
    _, _, _, region, account, resource = bus_arn.split(":", 5)
    here = (sender.account, sender.source_arn.split(":")[3])
    if (account, region) != here:
        if event["Account"] != sender.account:
            raise DeliveryFailed(
                "THIRD_ACCOUNT_HOP_DETECTED",
                f"the event came from {event['Account']} and is not forwarded to {account}",
            )
        if event["Region"] != here[1]:
            raise DeliveryFailed(
                "THIRD_REGION_HOP_DETECTED", f"the event came from {event['Region']} and is not forwarded to {region}"
            )
    _require_permission(event, bus_arn, role, sender)
    key = eventbridge._rule_key(rule["Name"], rule.get("EventBusName", "default"))
    path = [*(event.get("_DispatchPath") or []), key] if (account, region) == here else []
    forwarded = {**event, "EventBusName": resource.removeprefix("event-bus/"), "_DispatchPath": path}
    if detail is not None:
        forwarded["Detail"] = detail
    with request_scope(account, region):
        eventbridge._dispatch_event(forwarded)
        eventbridge._archive_event({k: v for k, v in forwarded.items() if k != "_DispatchPath"})


def _require_permission(event: dict[str, Any], bus_arn: str, role: str | None, sender: Sender) -> None:
    found = bus_policy(bus_arn)
    account = bus_arn.split(":")[4]
    if role is None:
        if account != sender.account:
            raise DeliveryFailed("NO_PERMISSIONS", f"the target {bus_arn} has no role")
    else:
        context = {"events:source": event["Source"], "events:detail-type": event["DetailType"]}
        request = require_role(role, "events:PutEvents", bus_arn, sender, context)
        if account != sender.account and not resource_policy_allows(found[0] if found else None, request):
            raise DeliveryFailed(
                "NO_PERMISSIONS", f"the policy of {bus_arn} does not allow events:PutEvents for {role}"
            )
    if found is None:
        raise DeliveryFailed("NO_RESOURCE", f"event bus {bus_arn} does not exist")
    with request_scope(account, bus_arn.split(":")[3]):
        require_bus_key(bus_arn)
