"""The control API: what tests and commands request of the local cloud itself, in addition to AWS's own calls.

GET  /_ds_dashboard_local/status         -> process id, port, state folder, organizations
POST /_ds_dashboard_local/organizations  {"organization": "o-...", "accounts": ["111111111111"]}
POST /_ds_dashboard_local/schedules/fire {"name": ..., "account": ..., "region": ..., "group": ... or null}
POST /_ds_dashboard_local/attributes     {ARN: {"CreationTime": ..., ...}} -> {"changed": number}
POST /_ds_dashboard_local/costs          {"account": ..., "costs": [{"date": ..., "service": ..., "amount": ...}]}
POST /_ds_dashboard_local/faults/inject  the fields of `faults.fault.Fault` -> the fault, with `id`, `hits` and `over`
GET  /_ds_dashboard_local/faults/list    -> {"faults": [...]}
POST /_ds_dashboard_local/faults/lift    {"id": ... or null} -> {"faults": the lifted ones}
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import eventbridge, scheduler

from ds_dashboard_local import settings
from ds_dashboard_local.engine import organizations
from ds_dashboard_local.engine.middleware import CallNext, Middleware, Request, Response
from ds_dashboard_local.faults import active
from ds_dashboard_local.faults.fault import Fault
from ds_dashboard_local.gaps.moto import cost_explorer
from ds_dashboard_local.gaps.scheduler import invoke
from ds_dashboard_local.server import past


def control_middleware(state: Path, port: int) -> Middleware:
    """Return the middleware that answers control calls."""

    async def middleware(request: Request, call_next: CallNext) -> Response:
        if not request.path.startswith(settings.CONTROL_PREFIX):
            return await call_next(request)
        try:
            return _answer(200, _call(request, state, port))
        except (ValueError, KeyError, TypeError) as error:
            return _answer(400, {"error": f"{error} is missing" if isinstance(error, KeyError) else str(error)})

    return middleware


def _call(request: Request, state: Path, port: int) -> dict[str, Any]:
    name = request.path.removeprefix(settings.CONTROL_PREFIX)
    if name == "status":
        return {"pid": os.getpid(), "port": port, "state": str(state), "organizations": organizations.members()}
    arguments = json.loads(request.body or b"{}")
    if name == "organizations":
        organizations.check(arguments["organization"], arguments["accounts"])
        organizations.set_members(arguments["organization"], arguments["accounts"])
        return {}
    if name == "schedules/fire":
        return _fire(arguments["name"], arguments["account"], arguments["region"], arguments.get("group"))
    if name == "attributes":
        return {"changed": past.set_attributes(arguments)}
    if name == "costs":
        cost_explorer.add_costs(arguments["account"], arguments["costs"])
        return {}
    if name == "faults/inject":
        return active.inject(Fault.parse(arguments)).description()
    if name == "faults/list":
        return {"faults": active.all_faults()}
    if name == "faults/lift":
        return {"faults": active.lift(arguments.get("id"))}
    raise ValueError(f"there is no control call {name!r}")


def _answer(status: int, content: dict[str, Any]) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


def _fire(name: str, account: str, region: str, group: str | None) -> dict[str, Any]:
    """Fire a schedule of EventBridge Scheduler or, if there is none of that name, a rule with a schedule expression.

    Args:
        name: The name of the schedule or rule.
        account: Its account.
        region: Its region.
        group: The schedule's group; None searches all groups.

    Returns:
        {"fired": ARN, "scheduled_time": ...}

    Raises:
        ValueError: There is no such schedule, more than one, or it is disabled.
    """
    schedules = {
        each["GroupName"]: each
        for _, each in scheduler._schedules.items_scoped(account, region)
        if each["Name"] == name and group in (None, each["GroupName"])
    }
    if len(schedules) > 1:
        raise ValueError(f"{name!r} is in the groups {', '.join(sorted(schedules))}; name one with --group")
    schedule = next(iter(schedules.values()), None)
    rule = eventbridge._rules.get_scoped(account, region, eventbridge._rule_key(name, "default"))
    if rule is not None and not rule.get("ScheduleExpression"):
        rule = None
    found = schedule or rule
    if found is None:
        raise ValueError(f"account {account} has no schedule and no scheduled rule {name!r} in {region}")
    if found.get("State") != "ENABLED":
        raise ValueError(f"{found['Arn']} is disabled and never fires")
    with request_scope(account, region):
        scheduled_time = invoke(schedule, time.time()) if schedule else _fire_rule(found, account, region)
    return {"fired": found["Arn"], "scheduled_time": scheduled_time}


def _fire_rule(rule: dict[str, Any], account: str, region: str) -> str:
    event = {
        "EventId": new_uuid(),
        "Source": "aws.events",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": "default",
        "Time": int(time.time()),
        "Resources": [rule["Arn"]],
        "Account": account,
        "Region": region,
    }
    view = eventbridge._pattern_event_view(event)
    for target in eventbridge._targets.get(eventbridge._rule_key(rule["Name"], "default")) or []:
        eventbridge._invoke_target(target, event, rule, view)
    return str(view.envelope()["time"])
