"""Checks of the connection: registered parameters, bus policies, and the rules that forward to the peers' buses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ds_dashboard.identity import ENCRYPTED, Registered, registration_fault
from ds_dashboard.shell import ACCOUNT_ID
from ds_dashboard_cli.doctor import policies, resources, roles, rules
from ds_dashboard_cli.doctor.account import Need
from ds_dashboard_cli.doctor.context import Context
from ds_dashboard_cli.doctor.resources import EVENTS
from ds_dashboard_cli.doctor.rules import Event

# The characters that Parameter Store accepts in names.
_PARAMETER_PATTERN = "[A-Za-z0-9_./-]+"


@dataclass(frozen=True, slots=True)
class Peering:
    """What one side of the connection needs.

    Attributes:
        side: `hub` or `spoke`, the side that is checked.
        peers: `spokes` or `hubs`, the other side.
        path: the SSM path of the registered peers, without a trailing slash.
        name_pattern: the pattern of a parameter's name below the path.
        must_match: events that the forwarding rules must match, by their description.
        must_not_match: events that they must not match, by their description.
    """

    side: str
    peers: str
    path: str
    name_pattern: str
    must_match: Mapping[str, Event]
    must_not_match: Mapping[str, Event]

    @property
    def dead_letters(self) -> str:
        """The role of the queue for events that cannot be delivered to a peer."""
        return f"to-{self.peers}-dead-letters"


def read_registered(context: Context, path: str) -> Mapping[str, str] | None:
    """Read the parameters below a path, by their names below it; None if the caller may not read them."""
    found: dict[str, str] | None = None
    with context.report.checking(f"parameters below {path}"):
        pages: Sequence[Any] = (
            context.installation.client("ssm")
            .get_paginator("get_parameters_by_path")
            .paginate(Path=path, Recursive=True)
        )
        found = {
            one["Name"].removeprefix(f"{path}/"): Registered.text_of(one)
            for page in pages
            for one in page["Parameters"]
        }
    return found


def check(context: Context, peering: Peering, registered: Mapping[str, str]) -> None:
    """Check one side of the connection: parameters, bus policy, rules, targets, role and dead letters."""
    valid = _check_parameters(context, peering, registered)
    _check_bus_policy(context, peering, valid)
    if registered:
        some_rule = context.rule_arn(peering.side, f"{context.names.forwarding_rule_prefix}x")
        resources.check_queue(context, peering.dead_letters, "connection", some_rule)
        resources.check_empty(context, peering.dead_letters)
    _check_rules(context, peering, valid)


def _check_parameters(context: Context, peering: Peering, registered: Mapping[str, str]) -> dict[str, str]:
    """Check names and values of the parameters, and return the valid ones."""
    aws = context.remedies.aws
    if not registered:
        context.report.warn(
            f"parameters below {peering.path}",
            f"not found: no {peering.peers} are registered in this account"
            + (", or they are registered at another --monitors-path." if peering.peers == "hubs" else "."),
            aws("ssm", "put-parameter", "--type", "String", "--name", f"{peering.path}/NAME", "--value", ACCOUNT_ID),
        )
    valid = {}
    for name, value in registered.items():
        parameter = f"{peering.path}/{name}"
        # A command has nothing in it that AWS would not accept as a name.
        quoted = parameter if re.fullmatch(_PARAMETER_PATTERN, parameter) else f"{peering.path}/NAME"
        fault, named = registration_fault(value), ("--name", quoted)
        # AWS refuses to change a type: what is overwritten keeps its own.
        remedy = aws("ssm", "put-parameter", "--overwrite", *named, "--value", ACCOUNT_ID)
        if value == ENCRYPTED:
            put = aws("ssm", "put-parameter", "--type", "String", *named, "--value", ACCOUNT_ID)
            remedy = f"{aws('ssm', 'delete-parameter', *named)} && {put}"
        is_valid = context.report.check(fault is None, f"parameter {parameter}", f"{fault}.", remedy)
        if name.count("/") > peering.name_pattern.count("/"):
            context.report.broken(
                f"parameter {parameter}",
                f"is too far below {peering.path}, so modules/connection does not plan. It is misnamed, or belongs "
                "to an installation whose path is below this one: give that installation another path.",
                aws("ssm", "get-parameter", "--name", quoted),
            )
        elif not re.fullmatch(peering.name_pattern, name):
            context.report.broken(
                f"parameter {parameter}",
                "has a name that is not valid, so modules/connection does not plan.",
                aws("ssm", "delete-parameter", "--name", quoted),
            )
        elif is_valid:
            valid[name] = value
    return valid


def _check_bus_policy(context: Context, peering: Peering, registered: Mapping[str, str]) -> None:
    name = context.names.bus(peering.side)
    with context.report.checking(f"policy of event bus {name}"):
        policy = policies.parse((context.account.bus(name) or {}).get("Policy"))
        remove = ("events", "remove-permission", "--event-bus-name", name, "--statement-id")
        resources.check_statements(
            context,
            f"policy of event bus {name}",
            policy,
            peering.peers.capitalize(),
            lambda sid: context.remedies.aws(*remove, sid),
        )
        for account in sorted({Registered.parse(value).account for value in registered.values()}):
            context.report.check(
                policies.allows(
                    [policy],
                    "events:PutEvents",
                    context.bus_arn(peering.side),
                    principal=("AWS", account),
                    # Only the organization knows its accounts.
                    request_context={"aws:PrincipalOrgID": policies.ANY},
                ),
                f"policy of event bus {name}",
                f"does not allow account {account} to put events: they become dead letters in that account.",
                context.remedies.apply("connection"),
            )


def _check_rules(context: Context, peering: Peering, registered: Mapping[str, str]) -> None:
    bus, prefix = context.names.bus(peering.side), context.names.forwarding_rule_prefix
    remedy = context.remedies.apply("connection")
    with context.report.checking(f"rules of event bus {bus}"):
        existing = {name: rule for name, rule in context.account.rules(bus).items() if name.startswith(prefix)}
        targets = {name: context.account.targets(bus, name) for name in existing}
        for name, value in registered.items():
            forwarding = [
                (existing[rule], target)
                for rule in existing
                for target in targets[rule]
                if _is(context, target["Arn"], value)
            ]
            if context.report.check(
                bool(forwarding),
                f"forwarding to {value}",
                f"no rule on {bus} sends to it although {peering.path}/{name} registers it: it is on hold, or "
                "modules/connection has not been applied since.",
                remedy,
            ):
                for rule, target in forwarding:
                    _check_rule(context, peering, rule, target)
        for name in existing:
            arns = [target["Arn"] for target in targets[name]]
            # The rule of a connection that is on hold or was removed, or one with a target that was added by hand.
            unregistered = [
                target
                for target in targets[name]
                if not any(_is(context, target["Arn"], value) for value in registered.values())
            ]
            if len(unregistered) < len(arns):
                rules.warn_of_targets(context, existing[name], unregistered, bus)
            else:
                context.report.warn(
                    f"rule {name}",
                    f"sends to {', '.join(arns) or 'nothing'}, which no parameter below {peering.path} registers.",
                    remedy,
                )


def _is(context: Context, arn: str, value: str) -> bool:
    """Return whether a target is the bus that a parameter registers; an account ID means this region."""
    registered = Registered.parse(value)
    if registered.bus_arn is not None:
        return arn == registered.bus_arn
    parts = arn.split(":")
    return len(parts) == 6 and (parts[2], parts[3], parts[4]) == ("events", context.account.region, registered.account)


def _check_rule(context: Context, peering: Peering, rule: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    rules.check_enabled(context, rule, context.names.bus(peering.side))
    rules.check_pattern(context, rule, peering.must_match, peering.must_not_match, "connection")
    rules.check_target_dead_letters(context, rule, target, peering.dead_letters, "connection")
    if "RoleArn" not in target:
        context.report.broken(
            f"rule {rule['Name']}",
            "has no role, so EventBridge cannot send to the target.",
            context.remedies.apply("connection"),
        )
        return
    trust = {"aws:SourceArn": rule["Arn"], "aws:SourceAccount": context.account.id}
    needs = [Need("events:PutEvents", target["Arn"])]
    roles.check(context, target["RoleArn"], EVENTS, trust, needs, "connection")
