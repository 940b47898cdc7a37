"""Checks of EventBridge rules: their state, their target, and their pattern, which sample events test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ds_dashboard.event import SOURCE, Kind
from ds_dashboard_cli.doctor.context import Context

Event = Mapping[str, Any]


def sample_event(context: Context, kind: Kind, account: str | None = None) -> dict[str, Any]:
    """Build an event of a spoke to test a rule's pattern with; `account` defaults to the account that is checked."""
    return _sample(context, kind, {"ProjectName": "P"} if kind == Kind.RUN else {"MetricName": "M"}, account)


def sample_refresh(context: Context, account: str | None = None) -> dict[str, Any]:
    """Build a refresh to test a rule's pattern with; `account` defaults to the account that is checked."""
    return _sample(context, Kind.RESULT, {}, account)


def _sample(context: Context, detail_type: str, detail: Mapping[str, Any], account: str | None) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "source": SOURCE,
        "detail-type": detail_type,
        "account": account or context.account.id,
        "region": context.account.region,
        "time": "2026-01-01T00:00:00Z",
        "resources": [],
        "detail": detail,
    }


def check(
    context: Context,
    side: str,
    role: str,
    target_arn: str,
    dead_letters: str,
    must_match: Mapping[str, Event],
    must_not_match: Mapping[str, Event],
    consequence: str,
) -> Mapping[str, Any] | None:
    """Check the rule that feeds the archive's queue or the extraction, and its target.

    Args:
        context: the context of the check.
        side: whose bus the rule is on, `hub` or `spoke`; also the module that creates the rule.
        role: the rule's role.
        target_arn: the queue or function that the rule must send to.
        dead_letters: the role of the target's dead-letter queue.
        must_match: events that the pattern must match, by their description.
        must_not_match: events that the pattern must not match, by their description.
        consequence: what happens without the rule, as a clause.

    Returns:
        The rule, or None if it does not exist.
    """
    bus, name = context.names.bus(side), context.names.rule(role)
    report, remedy = context.report, context.remedies.apply(side)
    rule = context.account.rules(bus).get(name)
    if rule is None:
        report.broken(f"rule {name}", f"does not exist on {bus}: {consequence}.", remedy)
        return None
    check_enabled(context, rule, bus)
    check_pattern(context, rule, must_match, must_not_match, side)
    targets = context.account.targets(bus, name)
    target = next((one for one in targets if one["Arn"] == target_arn), None)
    warn_of_targets(context, rule, [one for one in targets if one is not target], bus)
    destination = target_arn.rsplit(":", 1)[-1]
    if not report.check(
        target is not None, f"rule {name}", f"does not have the target {destination}: {consequence}.", remedy
    ):
        return rule
    assert target is not None
    changes = [key for key in ("Input", "InputPath", "InputTransformer") if target.get(key)]
    report.check(
        not changes,
        f"rule {name}",
        f"transforms events ({', '.join(changes)}): the target rejects or misinterprets them.",
        remedy,
    )
    check_target_dead_letters(context, rule, target, dead_letters, side)
    return rule


def warn_of_targets(context: Context, rule: Mapping[str, Any], added: Sequence[Mapping[str, Any]], bus: str) -> None:
    """Warn of targets of a rule that no module has added."""
    for target in added:
        context.report.warn(
            f"rule {rule['Name']}",
            f"also sends to {target['Arn']}, which is not of the modules. No plan shows it.",
            context.remedies.aws(
                *("events", "remove-targets", "--rule", rule["Name"], "--event-bus-name", bus, "--ids", target["Id"])
            ),
        )


def check_enabled(context: Context, rule: Mapping[str, Any], bus: str) -> None:
    """Check that a rule is enabled."""
    context.report.check(
        rule.get("State", "ENABLED").startswith("ENABLED"),
        f"rule {rule['Name']}",
        f"on {bus} is disabled: it forwards nothing.",
        context.remedies.aws("events", "enable-rule", "--name", rule["Name"], "--event-bus-name", bus),
    )


def check_pattern(
    context: Context,
    rule: Mapping[str, Any],
    must_match: Mapping[str, Event],
    must_not_match: Mapping[str, Event],
    module: str,
) -> None:
    """Check a rule's pattern with events that it must match, and events that it must not match."""
    pattern = str(rule.get("EventPattern", "{}"))
    for events, expected, verb in ((must_match, True, "does not match"), (must_not_match, False, "matches")):
        wrong = [what for what, event in events.items() if context.account.matches(pattern, event) != expected]
        context.report.check(
            not wrong,
            f"rule {rule['Name']}",
            f"{verb} {', '.join(wrong)}: its pattern was changed.",
            context.remedies.apply(module),
        )


def check_target_dead_letters(
    context: Context, rule: Mapping[str, Any], target: Mapping[str, Any], role: str, module: str
) -> None:
    """Check that a rule's target has its dead-letter queue."""
    context.report.check(
        target.get("DeadLetterConfig", {}).get("Arn") == context.queue_arn(role),
        f"rule {rule['Name']}",
        f"does not have the dead-letter queue {context.names.queue(role)}: events that cannot be delivered are lost.",
        context.remedies.apply(module),
    )
