"""A spoke's side: from the refresh that arrives to the values that are sent to the hubs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ds_dashboard import dates
from ds_dashboard_cli.doctor import forwarding, functions, links, policies, rules
from ds_dashboard_cli.doctor.forwarding import Side
from ds_dashboard_cli.doctor.links import EVENTS
from ds_dashboard_cli.doctor.rules import sample
from ds_dashboard_cli.doctor.walk import Walk

_RESULT, _FAILURE, _RUN = "metric_extractor", "metric_extractor_failure", "metric_extractor_run"
_METRIC = {"MetricName": "M"}
_LOOK_BACK = timedelta(days=2)


def walk_along(walk: Walk, monitors_path: str) -> None:
    """Every link of the spoke."""
    there = links.check_bus(walk, "spoke", "spoke-bus-dead-letters")
    rule = walk.rule_arn("spoke", f"{walk.hub.name}-extract")
    for role, sender in (("spoke-dead-letters", rule), ("spoke-bus-dead-letters", walk.bus_arn("spoke"))):
        links.check_queue(walk, role, "spoke", sender)
        links.check_letters(walk, role)
    if there:
        _check_extraction_rule(walk)
    _check_function(walk)
    hubs = forwarding.listed(walk, monitors_path)
    if there and hubs is not None:
        forwarding.check(walk, _side(walk, monitors_path), hubs)
    _check_last_run(walk)


def _check_extraction_rule(walk: Walk) -> None:
    bus, name = f"{walk.hub.name}-spoke", f"{walk.hub.name}-extract"
    with walk.report.looking_at(f"rule {name}"):
        rule = walk.account.rules(bus).get(name)
        if rule is None:
            walk.report.broken(f"rule {name}", f"is not on {bus}: no refresh is answered.", walk.cures.apply("spoke"))
            return
        rules.check_enabled(walk, rule, bus)
        refreshes = {"refreshes": sample(walk, _RESULT, {}, "0" * 12)}
        rules.check_pattern(walk, rule, refreshes, {"results": sample(walk, _RESULT, _METRIC)}, "spoke")
        function = walk.function_arn("extract")
        target = next((one for one in walk.account.targets(bus, name) if one["Arn"] == function), None)
        if walk.report.check(
            target is not None,
            f"rule {name}",
            f"does not invoke {walk.hub.name}-extract: no refresh is answered.",
            walk.cures.apply("spoke"),
        ):
            rules.check_whole(walk, rule, target or {}, "spoke")
            walk.report.check(
                (target or {}).get("DeadLetterConfig", {}).get("Arn") == walk.queue_arn("spoke-dead-letters"),
                f"rule {name}",
                f"has no dead-letter queue {walk.hub.name}-spoke-dead-letters: refreshes that fail are lost.",
                walk.cures.apply("spoke"),
            )
        walk.report.check(
            policies.allows(
                [walk.account.function_policy(f"{walk.hub.name}-extract")],
                "lambda:InvokeFunction",
                function,
                principal=("Service", EVENTS),
                context={"aws:SourceArn": rule["Arn"], "aws:SourceAccount": walk.account.id},
            ),
            f"policy of function {walk.hub.name}-extract",
            f"does not let {EVENTS} invoke it for the rule {name}: no refresh is answered.",
            walk.cures.apply("spoke"),
        )


def _check_function(walk: Walk) -> None:
    name = f"{walk.hub.name}-extract"
    needs = [("events:PutEvents", walk.bus_arn("spoke")), ("sqs:SendMessage", walk.queue_arn("spoke-dead-letters"))]
    environment = {"DS_DASHBOARD_EVENT_BUS": f"{walk.hub.name}-spoke"}
    function = functions.check(walk, "extract", needs, "spoke", environment)
    if function is None:
        return
    functions.check_failure_destination(walk, "extract", "spoke-dead-letters", "spoke")
    scheduled = function.get("Environment", {}).get("Variables", {}).get("DS_DASHBOARD_SCHEDULE")
    target = walk.function_arn("extract")
    found = links.check_schedule(walk, f"{walk.hub.name}-spoke", name, target, "spoke-dead-letters", "spoke")
    if scheduled and not found:
        walk.report.broken(
            f"schedule {name}", f"does not exist, and should fire by {scheduled}.", walk.cures.apply("spoke")
        )


def _side(walk: Walk, path: str) -> Side:
    return Side(
        bus="spoke",
        others="hubs",
        path=path,
        name_form=re.compile(r"[A-Za-z0-9_.-]{1,64}"),
        passed={
            "results": sample(walk, _RESULT, _METRIC),
            "failures": sample(walk, _FAILURE, _METRIC),
            "run events": sample(walk, _RUN, {"ProjectName": "P"}),
        },
        stopped={
            "refreshes": sample(walk, _RESULT, {}),
            "results of other accounts": sample(walk, _RESULT, _METRIC, "0" * 12),
        },
    )


def _check_last_run(walk: Walk) -> None:
    """What the function's log says of its last run; the hub's tables are another account's."""
    group = f"/aws/lambda/{walk.hub.name}-extract"
    with walk.report.looking_at(f"log group {group}"):
        if walk.account.log_group(group) is None:
            return
        run = _last_run(walk, group)
        thing = f"extraction of {walk.hub.name}-extract"
        if run is None:
            walk.report.warn(
                thing,
                f"has not run for {_LOOK_BACK.days} days, as its log says.",
                f"ds-dashboard refresh --name {walk.hub.name} --wait    # with a profile of the hub's account",
            )
        elif int(run.get("Failed", 0)):
            walk.report.warn(
                thing,
                f"has sent {run.get('Emitted')} values in its last run, and {run['Failed']} metrics failed.",
                walk.cures.aws("logs", "tail", group, "--since", "1d", "--filter-pattern", "metric_failed"),
            )
        else:
            walk.report.good(thing)


def _last_run(walk: Walk, group: str) -> Mapping[str, Any] | None:
    start = int((dates.now() - _LOOK_BACK).timestamp() * 1000)
    pages = walk.hub.client("logs").get_paginator("filter_log_events")
    last: Mapping[str, Any] | None = None
    for page in pages.paginate(logGroupName=group, startTime=start, filterPattern=f'"{_RUN}"'):
        for event in page["events"]:
            try:
                line = json.loads(event["message"])
            except ValueError:
                continue
            if isinstance(line, dict) and line.get("event") == _RUN:
                last = line
    return last
