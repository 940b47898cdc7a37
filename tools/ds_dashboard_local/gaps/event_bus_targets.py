"""Event buses as targets of rules, also those of other accounts and regions.

On AWS a rule forwards to a bus of another account or region with the target's role: the role's trust, its policies and
the other bus's policy must all permit it. The event keeps its id, time, account, region, source and resources. It is
forwarded once: the rules of the receiving bus do not send it on to a third account or region
(THIRD_ACCOUNT_HOP_DETECTED, THIRD_REGION_HOP_DETECTED).

The engine drops events for a bus of another account or region, and asks no role for one of its own.

Takes the place of `eventbridge._dispatch_to_event_bus` (called from the `target_delivery` gap).
"""

from __future__ import annotations

from typing import Any

from ds_dashboard_local.gaps import encrypted_buses, event_bus_policy
from ds_dashboard_local.sender import DeliveryFailed, Sender, require_role


def forward(
    event: dict[str, Any], bus_arn: str, role: str | None, sender: Sender, rule: dict[str, Any], detail: str | None
) -> None:
    """Put the event on the bus; raises DeliveryFailed with EventBridge's error code."""
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge

    _, _, _, region, account, resource = bus_arn.split(":", 5)
    here = (sender.account, sender.source_arn.split(":")[3])
    if (account, region) != here:
        if event["Account"] != sender.account:
            raise DeliveryFailed(
                "THIRD_ACCOUNT_HOP_DETECTED", f"the event came from {event['Account']} and is not sent on to {account}"
            )
        if event["Region"] != here[1]:
            raise DeliveryFailed(
                "THIRD_REGION_HOP_DETECTED", f"the event came from {event['Region']} and is not sent on to {region}"
            )
    _require_permission(event, bus_arn, role, sender)
    name = resource.removeprefix("event-bus/")
    key = eventbridge._rule_key(rule["Name"], rule.get("EventBusName", "default"))
    path = [*(event.get("_DispatchPath") or []), key]
    forwarded = {**event, "EventBusName": name, "_DispatchPath": path if (account, region) == here else []}
    if detail is not None:
        forwarded["Detail"] = detail
    with request_scope(account, region):
        eventbridge._dispatch_event(forwarded)
        eventbridge._archive_event({k: v for k, v in forwarded.items() if k != "_DispatchPath"})


def _require_permission(event: dict[str, Any], bus_arn: str, role: str | None, sender: Sender) -> None:
    from ministack.core import iam_evaluator
    from ministack.core.responses import request_scope

    found = event_bus_policy.policy_of(bus_arn)
    account = bus_arn.split(":")[4]
    if role is None:
        if account != sender.account:
            raise DeliveryFailed("NO_PERMISSIONS", f"the target {bus_arn} has no role")
    else:
        context = {"events:source": event["Source"], "events:detail-type": event["DetailType"]}
        acting = require_role(role, "events:PutEvents", bus_arn, sender, context)
        if account != sender.account:
            policy = found[0] if found else None
            if iam_evaluator.evaluate_resource_policy(policy, acting).decision != "Allow":
                raise DeliveryFailed(
                    "NO_PERMISSIONS", f"the policy of {bus_arn} does not allow events:PutEvents for {role}"
                )
    if found is None:
        raise DeliveryFailed("NO_RESOURCE", f"event bus {bus_arn} does not exist")
    with request_scope(account, bus_arn.split(":")[3]):
        encrypted_buses.require_key(bus_arn)
