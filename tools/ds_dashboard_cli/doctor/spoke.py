"""A spoke's side: from the refresh that arrives to the values that are sent to the hubs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ds_dashboard import dates
from ds_dashboard_cli.doctor import connection, functions, policies, resources, rules
from ds_dashboard_cli.doctor.connection import Peering
from ds_dashboard_cli.doctor.context import Context
from ds_dashboard_cli.doctor.resources import EVENTS
from ds_dashboard_cli.doctor.rules import sample

_RESULT, _FAILURE, _RUN = "metric_extractor", "metric_extractor_failure", "metric_extractor_run"
_METRIC = {"MetricName": "M"}
_LOOK_BACK = timedelta(days=2)


def check(context: Context, monitors_path: str) -> None:
    """Every link of the spoke."""
    there = resources.check_bus(context, "spoke", "spoke-bus-dead-letters")
    rule = context.rule_arn("spoke", f"{context.hub.name}-extract")
    for role, sender in (("spoke-dead-letters", rule), ("spoke-bus-dead-letters", context.bus_arn("spoke"))):
        resources.check_queue(context, role, "spoke", sender)
        resources.check_letters(context, role)
    if there:
        _check_extraction_rule(context)
    _check_function(context)
    hubs = connection.listed(context, monitors_path)
    if there and hubs is not None:
        connection.check(context, _side(context, monitors_path), hubs)
    _check_last_run(context)


def _check_extraction_rule(context: Context) -> None:
    bus, name = f"{context.hub.name}-spoke", f"{context.hub.name}-extract"
    with context.report.looking_at(f"rule {name}"):
        rule = context.account.rules(bus).get(name)
        if rule is None:
            context.report.broken(
                f"rule {name}", f"is not on {bus}: no refresh is answered.", context.remedies.apply("spoke")
            )
            return
        rules.check_enabled(context, rule, bus)
        refreshes = {"refreshes": sample(context, _RESULT, {}, "0" * 12)}
        rules.check_pattern(context, rule, refreshes, {"results": sample(context, _RESULT, _METRIC)}, "spoke")
        function = context.function_arn("extract")
        target = next((one for one in context.account.targets(bus, name) if one["Arn"] == function), None)
        if context.report.check(
            target is not None,
            f"rule {name}",
            f"does not invoke {context.hub.name}-extract: no refresh is answered.",
            context.remedies.apply("spoke"),
        ):
            rules.check_whole(context, rule, target or {}, "spoke")
            context.report.check(
                (target or {}).get("DeadLetterConfig", {}).get("Arn") == context.queue_arn("spoke-dead-letters"),
                f"rule {name}",
                f"has no dead-letter queue {context.hub.name}-spoke-dead-letters: refreshes that fail are lost.",
                context.remedies.apply("spoke"),
            )
        context.report.check(
            policies.allows(
                [context.account.function_policy(f"{context.hub.name}-extract")],
                "lambda:InvokeFunction",
                function,
                principal=("Service", EVENTS),
                request_context={"aws:SourceArn": rule["Arn"], "aws:SourceAccount": context.account.id},
            ),
            f"policy of function {context.hub.name}-extract",
            f"does not let {EVENTS} invoke it for the rule {name}: no refresh is answered.",
            context.remedies.apply("spoke"),
        )


def _check_function(context: Context) -> None:
    name = f"{context.hub.name}-extract"
    needs = [
        ("events:PutEvents", context.bus_arn("spoke")),
        ("sqs:SendMessage", context.queue_arn("spoke-dead-letters")),
    ]
    environment = {"DS_DASHBOARD_EVENT_BUS": f"{context.hub.name}-spoke"}
    function = functions.check(context, "extract", needs, "spoke", environment)
    if function is None:
        return
    functions.check_failure_destination(context, "extract", "spoke-dead-letters", "spoke")
    scheduled = function.get("Environment", {}).get("Variables", {}).get("DS_DASHBOARD_SCHEDULE")
    target = context.function_arn("extract")
    found = resources.check_schedule(context, f"{context.hub.name}-spoke", name, target, "spoke-dead-letters", "spoke")
    if scheduled and not found:
        context.report.broken(
            f"schedule {name}", f"does not exist, and should fire by {scheduled}.", context.remedies.apply("spoke")
        )


def _side(context: Context, path: str) -> Peering:
    return Peering(
        bus="spoke",
        others="hubs",
        path=path,
        name_form=re.compile(r"[A-Za-z0-9_.-]{1,64}"),
        passed={
            "results": sample(context, _RESULT, _METRIC),
            "failures": sample(context, _FAILURE, _METRIC),
            "run events": sample(context, _RUN, {"ProjectName": "P"}),
        },
        stopped={
            "refreshes": sample(context, _RESULT, {}),
            "results of other accounts": sample(context, _RESULT, _METRIC, "0" * 12),
        },
    )


def _check_last_run(context: Context) -> None:
    """What the function's log says of its last run; the hub's tables are another account's."""
    group = f"/aws/lambda/{context.hub.name}-extract"
    with context.report.looking_at(f"log group {group}"):
        if context.account.log_group(group) is None:
            return
        run = _last_run(context, group)
        thing = f"extraction of {context.hub.name}-extract"
        if run is None:
            context.report.warn(
                thing,
                f"has not run for {_LOOK_BACK.days} days, as its log says.",
                f"ds-dashboard refresh --name {context.hub.name} --wait    # with a profile of the hub's account",
            )
        elif int(run.get("Failed", 0)):
            context.report.warn(
                thing,
                f"has sent {run.get('Emitted')} values in its last run, and {run['Failed']} metrics failed.",
                context.remedies.aws("logs", "tail", group, "--since", "1d", "--filter-pattern", "metric_failed"),
            )
        else:
            context.report.good(thing)


def _last_run(context: Context, group: str) -> Mapping[str, Any] | None:
    start = int((dates.now() - _LOOK_BACK).timestamp() * 1000)
    pages = context.hub.client("logs").get_paginator("filter_log_events")
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
