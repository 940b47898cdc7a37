"""The connection: who is registered, who may come in, and the rules that send to the other side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ds_dashboard_cli.doctor import links, policies, rules
from ds_dashboard_cli.doctor.links import EVENTS
from ds_dashboard_cli.doctor.walk import Walk
from ds_dashboard_cli.hub.registry import account_of

_ACCOUNT = re.compile(r"\d{12}")
_BUS_ARN = re.compile(r"arn:[a-z0-9-]+:events:[a-z0-9-]+:\d{12}:event-bus/[A-Za-z0-9._/-]+")


@dataclass(frozen=True, slots=True)
class Side:
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


def check(walk: Walk, side: Side, registered: Mapping[str, str]) -> None:
    """All of one side's connection: parameters, bus policy, rules, targets, role, dead letters."""
    valid = _check_parameters(walk, side, registered)
    _check_policy(walk, side, valid)
    if registered:
        queue = f"to-{side.others}-dead-letters"
        some_rule = walk.rule_arn(side.bus, f"{walk.hub.name}-to-x")
        links.check_queue(walk, queue, "connection", some_rule)
        links.check_letters(walk, queue)
    _check_rules(walk, side, valid)


def _check_parameters(walk: Walk, side: Side, registered: Mapping[str, str]) -> dict[str, str]:
    if not registered:
        walk.report.warn(
            f"parameters below {side.path}",
            f"there are none: this account knows no {side.others}"
            + (", unless they are at another --monitors-path." if side.others == "hubs" else "."),
            walk.cures.aws(
                *("ssm", "put-parameter", "--type", "String", "--name", f"{side.path}/NAME", "--value", "ACCOUNT")
            ),
        )
    valid = {}
    for name, value in registered.items():
        parameter = f"{side.path}/{name}"
        good = bool(_ACCOUNT.fullmatch(value) or _BUS_ARN.fullmatch(value))
        put = ("ssm", "put-parameter", "--type", "String", "--overwrite", "--name", parameter, "--value", "ACCOUNT")
        walk.report.check(
            good,
            f"parameter {parameter}",
            f"holds {value[:80]!r}, which is neither an account id nor a bus ARN.",
            walk.cures.aws(*put),
        )
        if not side.name_form.fullmatch(name):
            walk.report.broken(
                f"parameter {parameter}",
                "has a name that the connection passes over.",
                walk.cures.aws("ssm", "delete-parameter", "--name", parameter),
            )
        elif good:
            valid[name] = value
    return valid


def _check_policy(walk: Walk, side: Side, registered: Mapping[str, str]) -> None:
    name = f"{walk.hub.name}-{side.bus}"
    with walk.report.looking_at(f"policy of event bus {name}"):
        policy = policies.parsed((walk.account.bus(name) or {}).get("Policy"))
        for account in sorted({account_of(value) for value in registered.values()}):
            walk.report.check(
                policies.allows(
                    [policy],
                    "events:PutEvents",
                    walk.bus_arn(side.bus),
                    principal=("AWS", account),
                    # Whether an account is in the organization that is named, only the organization knows.
                    context={"aws:PrincipalOrgID": policies.ANY},
                ),
                f"policy of event bus {name}",
                f"does not let account {account} put events: what it sends ends in its own dead-letter queue.",
                walk.cures.apply("connection"),
            )


def _check_rules(walk: Walk, side: Side, registered: Mapping[str, str]) -> None:
    bus = f"{walk.hub.name}-{side.bus}"
    with walk.report.looking_at(f"rules of event bus {bus}"):
        rules = {
            name: rule for name, rule in walk.account.rules(bus).items() if name.startswith(f"{walk.hub.name}-to-")
        }
        targets = {name: walk.account.targets(bus, name) for name in rules}
        for name, value in registered.items():
            fitting = [rule for rule in rules if any(_is(target["Arn"], value, walk) for target in targets[rule])]
            if not walk.report.check(
                bool(fitting),
                f"forwarding to {value}",
                f"no rule on {bus} sends to it, though {side.path}/{name} asks for it: it is on hold, or "
                "modules/connection has not been applied since.",
                walk.cures.apply("connection"),
            ):
                continue
            for rule in fitting:
                target = next(target for target in targets[rule] if _is(target["Arn"], value, walk))
                _check_rule(walk, side, rules[rule], target)
        for rule in rules:
            if not any(_is(target["Arn"], value, walk) for target in targets[rule] for value in registered.values()):
                walk.report.warn(
                    f"rule {rule}",
                    f"sends to {', '.join(target['Arn'] for target in targets[rule]) or 'nothing'}, which no parameter "
                    f"below {side.path} names.",
                    walk.cures.apply("connection"),
                )


def _is(arn: str, value: str, walk: Walk) -> bool:
    """Whether a target is the bus that a parameter's value stands for; an id stands for one of this region."""
    if value.startswith("arn:"):
        return arn == value
    parts = arn.split(":")
    return len(parts) == 6 and (parts[2], parts[3], parts[4]) == ("events", walk.account.region, value)


def _check_rule(walk: Walk, side: Side, rule: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    bus, thing = f"{walk.hub.name}-{side.bus}", f"rule {rule['Name']}"
    rules.check_enabled(walk, rule, bus)
    rules.check_pattern(walk, rule, side.passed, side.stopped, "connection")
    walk.report.check(
        target.get("DeadLetterConfig", {}).get("Arn") == walk.queue_arn(f"to-{side.others}-dead-letters"),
        thing,
        f"has no dead-letter queue {walk.hub.name}-to-{side.others}-dead-letters: what cannot be delivered is lost.",
        walk.cures.apply("connection"),
    )
    if "RoleArn" not in target:
        walk.report.broken(thing, "has no role: EventBridge may not send.", walk.cures.apply("connection"))
        return
    trust = {"aws:SourceArn": rule["Arn"], "aws:SourceAccount": walk.account.id}
    links.check_role(walk, target["RoleArn"], EVENTS, trust, [("events:PutEvents", target["Arn"])], "connection")


def listed(walk: Walk, path: str) -> Mapping[str, str] | None:
    """The parameters below a path, by their names below it; None where the caller may not read them."""
    found: dict[str, str] | None = None
    with walk.report.looking_at(f"parameters below {path}"):
        pages: Sequence[Any] = (
            walk.hub.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        )
        found = {one["Name"].removeprefix(f"{path}/"): one["Value"] for page in pages for one in page["Parameters"]}
    return found
