"""What a rule of EventBridge takes, tried with events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ds_dashboard_cli.doctor.context import Context


def check_enabled(context: Context, rule: Mapping[str, Any], bus: str) -> None:
    """A rule is switched on."""
    context.report.check(
        rule.get("State", "ENABLED").startswith("ENABLED"),
        f"rule {rule['Name']}",
        f"on {bus} is disabled: what it takes goes nowhere.",
        context.remedies.aws("events", "enable-rule", "--name", rule["Name"], "--event-bus-name", bus),
    )


def check_pattern(
    context: Context,
    rule: Mapping[str, Any],
    passed: Mapping[str, Mapping[str, Any]],
    stopped: Mapping[str, Mapping[str, Any]],
    module: str,
) -> None:
    """A rule takes what it has to take, and nothing else."""
    pattern = str(rule.get("EventPattern", "{}"))
    for events, wanted, told in ((passed, True, "does not take"), (stopped, False, "takes")):
        wrong = [what for what, event in events.items() if context.account.matches(pattern, event) != wanted]
        context.report.check(
            not wrong,
            f"rule {rule['Name']}",
            f"{told} {', '.join(wrong)}: its pattern was changed.",
            context.remedies.apply(module),
        )


def check_whole(context: Context, rule: Mapping[str, Any], target: Mapping[str, Any], module: str) -> None:
    """A target gets events as they are."""
    changes = [key for key in ("Input", "InputPath", "InputTransformer") if target.get(key)]
    context.report.check(
        not changes,
        f"rule {rule['Name']}",
        f"sends something else than the event ({', '.join(changes)}): it is refused, or means something else.",
        context.remedies.apply(module),
    )


def sample(
    context: Context, kind: str, detail: Mapping[str, Any], account: str | None = None, **more: str
) -> dict[str, Any]:
    """An event, to try a pattern on."""
    return {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "source": "metric_extractor",
        "detail-type": kind,
        "account": account or context.account.id,
        "region": context.account.region,
        "time": "2026-01-01T00:00:00Z",
        "resources": [],
        "detail": detail,
        **more,
    }
