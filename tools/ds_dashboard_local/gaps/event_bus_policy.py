"""The resource policy of an event bus.

On AWS, PutPermission takes either a statement in parts or a whole document (`Policy`, which is what Terraform's
`aws_cloudwatch_event_bus_policy` sends), stores account ids as root ARNs, refuses a bus that does not exist and a
policy over 10,240 characters; and the policy is evaluated for whoever puts events on the bus.

The engine ignores `Policy`, keeps a bare account id, accepts any bus name, and evaluates no bus policy.

Replaces `eventbridge._put_permission` and `_remove_permission`, and adds the `events` entry to
`iam_evaluator._RESOURCE_POLICY_LOOKUPS`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

MAXIMUM_POLICY_LENGTH = 10_240


def policy_of(bus_arn: str) -> tuple[dict[str, Any] | None, str] | None:
    """The policy and the owner's account of a bus, None where the ARN names no bus that exists."""
    from ministack.core.arn import ArnParseError, parse_arn
    from ministack.services import eventbridge

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


def close(engine: Any, state: Path) -> None:
    from ministack.core import iam_evaluator
    from ministack.services import eventbridge

    eventbridge.bus_policy_for_arn = policy_of
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")
    eventbridge._put_permission = _put_permission
    eventbridge._remove_permission = _remove_permission


def _put_permission(data: dict[str, Any]) -> Any:
    from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid
    from ministack.services import eventbridge

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
        sid = data.get("StatementId") or new_uuid()
        principal = data.get("Principal", "*")
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": principal if principal == "*" else {"AWS": principal},
            "Action": data.get("Action", "events:PutEvents"),
            "Resource": f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}",
        }
        if condition := data.get("Condition"):
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
        statements = [s for s in policy["Statement"] if s.get("Sid") != sid] + [statement]
    policy = {**policy, "Statement": [_with_root_arns(statement) for statement in statements]}
    if len(json.dumps(policy, separators=(",", ":"))) > MAXIMUM_POLICY_LENGTH:
        return error_response_json(
            "PolicyLengthExceededException", f"The policy is longer than {MAXIMUM_POLICY_LENGTH} characters.", 400
        )
    eventbridge._event_bus_policies[bus] = policy
    return json_response({})


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
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import eventbridge

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
