"""Firing a schedule by hand: nobody waits a day to see what `rate(1 day)` does."""

from __future__ import annotations

import time
from typing import Any

from ds_dashboard_local.gaps import schedules


class NotFired(ValueError):
    """There is no such schedule, or it is disabled."""


def fire(name: str, account: str, region: str, group: str | None = None) -> dict[str, Any]:
    """Fire the schedule of EventBridge Scheduler, else the rule with a schedule, of that name.

    Without `group`, the schedule is looked for in all groups.
    """
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge, scheduler

    found_in = {
        each["GroupName"]: each
        for _, each in scheduler._schedules.items_scoped(account, region)
        if each["Name"] == name and group in (None, each["GroupName"])
    }
    if len(found_in) > 1:
        raise NotFired(f"{name!r} is in the groups {', '.join(sorted(found_in))}; say which one is meant")
    schedule = next(iter(found_in.values()), None)
    rule = eventbridge._rules.get_scoped(account, region, eventbridge._rule_key(name, "default"))
    if rule is not None and not rule.get("ScheduleExpression"):
        rule = None
    found = schedule or rule
    if found is None:
        raise NotFired(f"account {account} has no schedule and no scheduled rule {name!r} in {region}")
    if found.get("State") != "ENABLED":
        raise NotFired(f"{found['Arn']} is disabled, it never fires")
    with request_scope(account, region):
        when = schedules.invoke(schedule, time.time()) if schedule else _fire_rule(found, account, region)
    return {"fired": found["Arn"], "scheduled_time": when}


def _fire_rule(rule: dict[str, Any], account: str, region: str) -> str:
    from ministack.core.responses import new_uuid
    from ministack.services import eventbridge

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
