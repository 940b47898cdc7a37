"""Event buses: their policies, their deletion, and how many rules they have."""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid
from ministack.services import eventbridge

from ds_dashboard_local.engine.patching import gap, registry, replace, wrap

_MAX_POLICY_LENGTH = 10_240
_MAX_RULES = 300
_MAX_RULES_IN = {"af-south-1": 100, "eu-south-1": 100}


@gap
def event_bus_policy() -> None:
    """Store and evaluate the resource policy of an event bus.

    AWS: PutPermission takes a statement in parts or a whole document (`Policy`, which Terraform's
    `aws_cloudwatch_event_bus_policy` sends), stores account ids as root ARNs, and rejects an unknown bus and a policy
    over 10,240 characters. The policy is evaluated for every caller that puts events on the bus.

    Engine: ignores `Policy`, keeps a bare account id, accepts any bus name, and evaluates no bus policy.
    """
    eventbridge.bus_policy_for_arn = bus_policy
    registry(iam_evaluator, "_RESOURCE_POLICY_LOOKUPS")["events"] = ("eventbridge", "bus_policy_for_arn")
    replace(eventbridge, "_put_permission", _put_permission)
    replace(eventbridge, "_remove_permission", _remove_permission)


def bus_policy(bus_arn: str) -> tuple[dict[str, Any] | None, str] | None:
    """Return the policy and the account of a bus, or None if the ARN names no existing bus."""
    try:
        spec = parse_arn(bus_arn)
    except ArnParseError:
        return None
    if spec.service != "events" or not spec.resource.startswith("event-bus/"):
        return None
    name = spec.resource.removeprefix("event-bus/")
    if not eventbridge._event_buses.contains_scoped(spec.account_id, spec.region, name):
        return None
    return eventbridge._event_bus_policies.get_scoped(spec.account_id, spec.region, name), spec.account_id


def _put_permission(data: dict[str, Any]) -> Any:
    bus = data.get("EventBusName") or "default"
    if bus not in eventbridge._event_buses:
        return error_response_json("ResourceNotFoundException", f"Event bus {bus} does not exist.", 400)
    if data.get("Policy"):
        try:
            policy = json.loads(data["Policy"])
            statements = policy["Statement"]
        except (ValueError, KeyError, TypeError):
            return error_response_json("ValidationException", "Provided policy is not valid JSON.", 400)
        if isinstance(statements, dict):
            policy["Statement"] = statements = [statements]
    else:
        policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
        statement = _statement(data, bus)
        statements = [s for s in policy["Statement"] if s.get("Sid") != statement["Sid"]] + [statement]
    policy = {**policy, "Statement": [_with_root_arns(statement) for statement in statements]}
    if len(json.dumps(policy, separators=(",", ":"))) > _MAX_POLICY_LENGTH:
        return error_response_json(
            "PolicyLengthExceededException", f"The policy is longer than {_MAX_POLICY_LENGTH} characters.", 400
        )
    eventbridge._event_bus_policies[bus] = policy
    return json_response({})


def _statement(data: dict[str, Any], bus: str) -> dict[str, Any]:
    """The statement that the parts of a PutPermission request describe."""
    principal = data.get("Principal", "*")
    statement = {
        "Sid": data.get("StatementId") or new_uuid(),
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"AWS": principal},
        "Action": data.get("Action", "events:PutEvents"),
        "Resource": f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}",
    }
    if condition := data.get("Condition"):
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement


def _with_root_arns(statement: dict[str, Any]) -> dict[str, Any]:
    principal = statement.get("Principal")
    if not isinstance(principal, dict) or "AWS" not in principal:
        return statement
    names = principal["AWS"]
    renamed = [_root_arn(name) for name in names] if isinstance(names, list) else _root_arn(names)
    if isinstance(renamed, list) and len(renamed) == 1:
        renamed = renamed[0]
    return {**statement, "Principal": {**principal, "AWS": renamed}}


def _root_arn(principal: str) -> str:
    return f"arn:aws:iam::{principal}:root" if re.fullmatch(r"\d{12}", principal) else principal


def _remove_permission(data: dict[str, Any]) -> Any:
    bus = data.get("EventBusName") or "default"
    if bus not in eventbridge._event_buses:
        return error_response_json("ResourceNotFoundException", f"Event bus {bus} does not exist.", 400)
    policy = eventbridge._event_bus_policies.get(bus)
    if data.get("RemoveAllPermissions"):
        eventbridge._event_bus_policies.pop(bus, None)
        return json_response({})
    sid = data.get("StatementId")
    kept = [s for s in (policy or {}).get("Statement", []) if s.get("Sid") != sid]
    if policy is None or len(kept) == len(policy["Statement"]):
        return error_response_json("ResourceNotFoundException", f"Statement with id {sid} does not exist.", 400)
    if kept:
        eventbridge._event_bus_policies[bus] = {**policy, "Statement": kept}
    else:
        eventbridge._event_bus_policies.pop(bus, None)
    return json_response({})


@gap
def event_bus_deletion() -> None:
    """Refuse to delete a bus that has rules, and a rule that has targets.

    AWS: rejects the deletion of a bus that has rules, and of a rule that has targets, with ValidationException.
    Deleting what does not exist succeeds.

    Engine: deletes a bus with its rules, and a rule with its targets.
    """
    wrap(eventbridge, "_delete_event_bus", _delete_event_bus)
    wrap(eventbridge, "_delete_rule", _delete_rule)


def _delete_event_bus(original: Any, data: dict[str, Any]) -> Any:
    name = data.get("Name")
    if any(rule["EventBusName"] == name for rule in eventbridge._rules.values()):
        return error_response_json("ValidationException", "EventBus can't be deleted since it has rules.", 400)
    # The engine keeps the policy, and a new bus of the same name would inherit it.
    eventbridge._event_bus_policies.pop(name, None)
    return original(data)


def _delete_rule(original: Any, data: dict[str, Any]) -> Any:
    key = eventbridge._rule_key(data.get("Name"), data.get("EventBusName") or "default")
    if eventbridge._targets.get(key):
        return error_response_json("ValidationException", "Rule can't be deleted since it has targets.", 400)
    return original(data)


@gap
def rule_quota() -> None:
    """Limit a bus to 300 rules, and to 100 in af-south-1 and eu-south-1.

    AWS: rejects the 301st rule (in af-south-1 and eu-south-1, the 101st), unless the quota is raised.

    Engine: accepts any number.
    """
    wrap(eventbridge, "_put_rule", _put_rule)


def _put_rule(original: Any, data: dict[str, Any]) -> Any:
    bus = data.get("EventBusName") or "default"
    if eventbridge._rule_key(data.get("Name"), bus) not in eventbridge._rules:
        on_bus = sum(rule["EventBusName"] == bus for rule in eventbridge._rules.values())
        if on_bus >= _MAX_RULES_IN.get(get_region(), _MAX_RULES):
            return error_response_json(
                "LimitExceededException", "The requested resource exceeds the maximum number allowed.", 400
            )
    return original(data)


@gap
def bus_descriptions() -> None:
    """List an event bus without description without that field.

    AWS: ListEventBuses leaves out what a bus does not have, and the default bus has no description. Terraform's data
    source then has null.

    Engine: lists an empty description.
    """
    wrap(eventbridge, "_list_event_buses", _list_event_buses)


def _list_event_buses(original: Any, data: dict[str, Any]) -> Any:
    _, _, body = original(data)
    buses = json.loads(body)["EventBuses"]
    return json_response({"EventBuses": [{key: value for key, value in bus.items() if value != ""} for bus in buses]})
