"""The connection: who is registered, who may come in, and the rules that send to the other side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ds_dashboard.client.settings import registered_account
from ds_dashboard_cli.doctor import policies, resources, rules
from ds_dashboard_cli.doctor.context import Context
from ds_dashboard_cli.doctor.resources import EVENTS

_ACCOUNT = re.compile(r"\d{12}")
_BUS_ARN = re.compile(r"arn:[a-z0-9-]+:events:[a-z0-9-]+:\d{12}:event-bus/[A-Za-z0-9._/-]+")


@dataclass(frozen=True, slots=True)
class Peering:
    """One side of the connection as its own account has it.

    Attributes:
        bus: `hub` or `spoke`, whose bus it is.
        others: `spokes` or `hubs`, the other side.
        path: where the others are registered, without a slash at its end.
        name_form: what a parameter's name has to be below the path.
        passed: events that the forwarding rules have to take, with what they are.
        stopped: events that they must not take.
    """

    bus: str
    others: str
    path: str
    name_form: re.Pattern[str]
    passed: Mapping[str, Mapping[str, Any]]
    stopped: Mapping[str, Mapping[str, Any]]


def check(context: Context, side: Peering, registered: Mapping[str, str]) -> None:
    """All of one side's connection: parameters, bus policy, rules, targets, role, dead letters."""
    valid = _check_parameters(context, side, registered)
    _check_policy(context, side, valid)
    if registered:
        queue = f"to-{side.others}-dead-letters"
        some_rule = context.rule_arn(side.bus, f"{context.hub.name}-to-x")
        resources.check_queue(context, queue, "connection", some_rule)
        resources.check_letters(context, queue)
    _check_rules(context, side, valid)


def _check_parameters(context: Context, side: Peering, registered: Mapping[str, str]) -> dict[str, str]:
    if not registered:
        context.report.warn(
            f"parameters below {side.path}",
            f"there are none: this account knows no {side.others}"
            + (", unless they are at another --monitors-path." if side.others == "hubs" else "."),
            context.remedies.aws(
                *("ssm", "put-parameter", "--type", "String", "--name", f"{side.path}/NAME", "--value", "ACCOUNT")
            ),
        )
    valid = {}
    for name, value in registered.items():
        parameter = f"{side.path}/{name}"
        good = bool(_ACCOUNT.fullmatch(value) or _BUS_ARN.fullmatch(value))
        put = ("ssm", "put-parameter", "--type", "String", "--overwrite", "--name", parameter, "--value", "ACCOUNT")
        context.report.check(
            good,
            f"parameter {parameter}",
            f"holds {value[:80]!r}, which is neither an account id nor a bus ARN.",
            context.remedies.aws(*put),
        )
        if not side.name_form.fullmatch(name):
            context.report.broken(
                f"parameter {parameter}",
                "has a name that the connection passes over.",
                context.remedies.aws("ssm", "delete-parameter", "--name", parameter),
            )
        elif good:
            valid[name] = value
    return valid


def _check_policy(context: Context, side: Peering, registered: Mapping[str, str]) -> None:
    name = f"{context.hub.name}-{side.bus}"
    with context.report.looking_at(f"policy of event bus {name}"):
        policy = policies.parsed((context.account.bus(name) or {}).get("Policy"))
        for account in sorted({registered_account(value) for value in registered.values()}):
            context.report.check(
                policies.allows(
                    [policy],
                    "events:PutEvents",
                    context.bus_arn(side.bus),
                    principal=("AWS", account),
                    # Whether an account is in the organization that is named, only the organization knows.
                    request_context={"aws:PrincipalOrgID": policies.ANY},
                ),
                f"policy of event bus {name}",
                f"does not let account {account} put events: what it sends ends in its own dead-letter queue.",
                context.remedies.apply("connection"),
            )


def _check_rules(context: Context, side: Peering, registered: Mapping[str, str]) -> None:
    bus = f"{context.hub.name}-{side.bus}"
    with context.report.looking_at(f"rules of event bus {bus}"):
        rules = {
            name: rule
            for name, rule in context.account.rules(bus).items()
            if name.startswith(f"{context.hub.name}-to-")
        }
        targets = {name: context.account.targets(bus, name) for name in rules}
        for name, value in registered.items():
            fitting = [rule for rule in rules if any(_is(target["Arn"], value, context) for target in targets[rule])]
            if not context.report.check(
                bool(fitting),
                f"forwarding to {value}",
                f"no rule on {bus} sends to it, though {side.path}/{name} asks for it: it is on hold, or "
                "modules/connection has not been applied since.",
                context.remedies.apply("connection"),
            ):
                continue
            for rule in fitting:
                target = next(target for target in targets[rule] if _is(target["Arn"], value, context))
                _check_rule(context, side, rules[rule], target)
        for rule in rules:
            if not any(_is(target["Arn"], value, context) for target in targets[rule] for value in registered.values()):
                context.report.warn(
                    f"rule {rule}",
                    f"sends to {', '.join(target['Arn'] for target in targets[rule]) or 'nothing'}, which no parameter "
                    f"below {side.path} names.",
                    context.remedies.apply("connection"),
                )


def _is(arn: str, value: str, context: Context) -> bool:
    """Whether a target is the bus that a parameter's value stands for; an id stands for one of this region."""
    if value.startswith("arn:"):
        return arn == value
    parts = arn.split(":")
    return len(parts) == 6 and (parts[2], parts[3], parts[4]) == ("events", context.account.region, value)


def _check_rule(context: Context, side: Peering, rule: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    bus, thing = f"{context.hub.name}-{side.bus}", f"rule {rule['Name']}"
    rules.check_enabled(context, rule, bus)
    rules.check_pattern(context, rule, side.passed, side.stopped, "connection")
    context.report.check(
        target.get("DeadLetterConfig", {}).get("Arn") == context.queue_arn(f"to-{side.others}-dead-letters"),
        thing,
        f"has no dead-letter queue {context.hub.name}-to-{side.others}-dead-letters: what cannot be delivered is lost.",
        context.remedies.apply("connection"),
    )
    if "RoleArn" not in target:
        context.report.broken(thing, "has no role: EventBridge may not send.", context.remedies.apply("connection"))
        return
    trust = {"aws:SourceArn": rule["Arn"], "aws:SourceAccount": context.account.id}
    resources.check_role(context, target["RoleArn"], EVENTS, trust, [("events:PutEvents", target["Arn"])], "connection")


def listed(context: Context, path: str) -> Mapping[str, str] | None:
    """The parameters below a path, by their names below it; None where the caller may not read them."""
    found: dict[str, str] | None = None
    with context.report.looking_at(f"parameters below {path}"):
        pages: Sequence[Any] = (
            context.hub.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        )
        found = {one["Name"].removeprefix(f"{path}/"): one["Value"] for page in pages for one in page["Parameters"]}
    return found
