"""Checks of a spoke: from the refresh that arrives to the results that are forwarded to the hubs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ds_dashboard import dates
from ds_dashboard.event import Kind
from ds_dashboard.identity import WORD_PATTERN
from ds_dashboard.text import format_age, pluralize
from ds_dashboard_cli.doctor import connection, neighbours, policies, resources, rules
from ds_dashboard_cli.doctor.account import Need
from ds_dashboard_cli.doctor.connection import Peering
from ds_dashboard_cli.doctor.context import Context
from ds_dashboard_cli.doctor.resources import EVENTS
from ds_dashboard_cli.doctor.rules import sample_event, sample_refresh

_LOOK_BACK = timedelta(days=2)


def check(context: Context, monitors_path: str) -> None:
    """Check every link of the spoke.

    Args:
        context: the context of the checks.
        monitors_path: the SSM path of the registered hubs, without a trailing slash.
    """
    bus_exists = resources.check_bus(context, "spoke", "spoke-bus-dead-letters")
    rule_arn = context.rule_arn("spoke", context.names.rule("extract"))
    for role, sender_arn in (("spoke-dead-letters", rule_arn), ("spoke-bus-dead-letters", context.bus_arn("spoke"))):
        resources.check_queue(context, role, "spoke", sender_arn)
        resources.check_empty(context, role)
    if bus_exists:
        _check_extraction_rule(context)
    _check_function(context)
    neighbours.check(context, "spoke", monitors_path)
    hubs = connection.read_registered(context, monitors_path)
    if bus_exists and hubs is not None:
        connection.check(context, _peering(context, monitors_path), hubs)
    _check_last_run(context)


def _check_extraction_rule(context: Context) -> None:
    name, function = context.names.rule("extract"), context.names.function("extract")
    with context.report.checking(f"rule {name}"):
        rule = rules.check(
            context,
            "spoke",
            "extract",
            context.function_arn("extract"),
            "spoke-dead-letters",
            must_match={"refreshes": sample_refresh(context, "0" * 12)},
            must_not_match={"results": sample_event(context, Kind.RESULT)},
            consequence="the spoke responds to no refresh",
        )
        if rule is None:
            return
        context.report.check(
            policies.allows(
                [context.account.function_policy(function)],
                "lambda:InvokeFunction",
                context.function_arn("extract"),
                principal=("Service", EVENTS),
                request_context={"aws:SourceArn": rule["Arn"], "aws:SourceAccount": context.account.id},
            ),
            f"policy of function {function}",
            f"does not allow {EVENTS} to invoke it for the rule {name}: the spoke responds to no refresh.",
            context.remedies.apply("spoke"),
        )


def _check_function(context: Context) -> None:
    needs = [
        Need("events:PutEvents", context.bus_arn("spoke")),
        Need("sqs:SendMessage", context.queue_arn("spoke-dead-letters")),
    ]
    environment = {"DS_DASHBOARD_EVENT_BUS": context.names.bus("spoke")}
    function = resources.check_function(context, "extract", needs, "spoke", environment)
    if function is None:
        return
    resources.check_failure_destination(context, "extract", "spoke-dead-letters", "spoke")
    expression = function.get("Environment", {}).get("Variables", {}).get("DS_DASHBOARD_SCHEDULE")
    exists = resources.check_schedule(context, "spoke", "extract", "spoke-dead-letters")
    if expression and not exists:
        context.report.broken(
            f"schedule {context.names.function('extract')}",
            f"does not exist, although the function's schedule is {expression}.",
            context.remedies.apply("spoke"),
        )


def _peering(context: Context, path: str) -> Peering:
    return Peering(
        side="spoke",
        peers="hubs",
        path=path,
        name_pattern=WORD_PATTERN,
        must_match={
            "results": sample_event(context, Kind.RESULT),
            "failures": sample_event(context, Kind.FAILURE),
            "run events": sample_event(context, Kind.RUN),
        },
        must_not_match={
            "refreshes": sample_refresh(context),
            "results of other accounts": sample_event(context, Kind.RESULT, "0" * 12),
        },
    )


def _check_last_run(context: Context) -> None:
    # The function's log, since the tables with the spoke's runs are in the hub's account.
    group, thing = context.names.log_group("extract"), f"extraction of {context.names.function('extract')}"
    with context.report.checking(f"log group {group}"):
        found = context.account.log_group(group)
        if found is None:
            return
        run = _read_last_run(context, group)
        if run is None:
            context.report.warn(
                thing,
                _not_run(found),
                context.remedies.elsewhere("refresh", "--wait", whose="the account of the hub"),
            )
        elif run["Failed"]:
            values, metrics = pluralize(run["Emitted"], "value"), pluralize(run["Failed"], "metric")
            context.report.warn(
                thing,
                f"emitted {values} in its last run; {metrics} failed.",
                context.remedies.aws("logs", "tail", group, "--since", "1d", "--filter-pattern", "metric_failed"),
            )
        else:
            context.report.good(thing)


def _not_run(log_group: Mapping[str, Any]) -> str:
    """Describe that the log has no run. A function cannot have run before its log group existed."""
    age = dates.now() - datetime.fromtimestamp(int(log_group.get("creationTime", 0)) / 1000, UTC)
    if age < _LOOK_BACK:
        return f"has not run since its log group was created {format_age(age)} ago."
    return f"has not run in the last {_LOOK_BACK.days} days, according to its log."


def _read_last_run(context: Context, group: str) -> Mapping[str, int] | None:
    """Read the counts `Emitted` and `Failed` of the newest run; None if there is none."""
    start = int((dates.now() - _LOOK_BACK).timestamp() * 1000)
    pages = context.installation.client("logs").get_paginator("filter_log_events")
    last: Mapping[str, int] | None = None
    for page in pages.paginate(logGroupName=group, startTime=start, filterPattern=f'"{Kind.RUN}"'):
        for event in page["events"]:
            try:
                line = json.loads(event["message"])
            except ValueError:
                continue
            if isinstance(line, dict) and line.get("event") == Kind.RUN:
                # The code of a metric can write lines of this form, too.
                counts = {name: line.get(name) for name in ("Emitted", "Failed")}
                last = {name: count if isinstance(count, int) else 0 for name, count in counts.items()}
    return last
