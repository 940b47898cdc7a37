"""How `ds-dashboard refresh --wait` tells who has answered, and who has not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard_cli.errors import TIMED_OUT, UserError
from ds_dashboard_cli.output.notes import note
from ds_dashboard_cli.output.text import age, counted

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation
    from ds_dashboard_cli.hub.refreshing import Waiting


def state(waiting: Waiting) -> str:
    """How far it is, in a line."""
    total, silent = len(waiting.answers), waiting.silent
    answered = f"{total - len(silent)} of {counted(total, 'spoke')} answered"
    if silent:
        others = f" and {len(silent) - 5} more" if len(silent) > 5 else ""
        return f"{answered}; waiting for {', '.join(silent[:5])}{others}"
    return (
        f"{answered}; values of {', '.join(waiting.incomplete[:5])} are under way" if waiting.incomplete else answered
    )


def report(waiting: Waiting) -> None:
    """Say which metrics failed in this refresh."""
    for project, answer in waiting.answers.items():
        for failure in answer.failures:
            note(f"{project}: {failure.metric} failed: {failure.type}: {failure.message}")


def record(waiting: Waiting) -> dict[str, Any]:
    """Who has answered, for programs."""
    return {
        "Expected": list(waiting.answers),
        "Answered": [project for project, answer in waiting.answers.items() if answer.run is not None],
        "Missing": waiting.silent,
        "Incomplete": waiting.incomplete,
        "Failures": [
            {"Project": project, **failure.record()}
            for project, answer in waiting.answers.items()
            for failure in answer.failures
        ],
    }


def timed_out(
    hub: Installation,
    waiting: Waiting,
    refresh_id: str,
    registered: Mapping[str, str] | None,
    timeout: timedelta,
) -> UserError:
    """The error of a wait that ended too early: who is missing, and since when."""
    missing = [
        f"{project} ({_last_seen(hub, project, registered, dates.now())}) has not answered"
        for project in waiting.silent
    ]
    late = [
        f"{project} has answered, and {waiting.answers[project].arrived} of {waiting.answers[project].emitted} of its "
        "values and failures have arrived"
        for project in waiting.incomplete
    ]
    return UserError(
        f"refresh {refresh_id}",
        f"not all is there after {timeout.total_seconds():.0f} s.",
        "Answers that come later are kept all the same. Where none comes: ds-dashboard spokes, rejected, dead-letters, "
        "and doctor say more.",
        problems=(*missing, *late),
        code=TIMED_OUT,
    )


def _last_seen(hub: Installation, project: str, registered: Mapping[str, str] | None, now: datetime) -> str:
    from ds_dashboard_cli.hub.registry import account_of
    from ds_dashboard_cli.hub.spokes import instant

    found = hub.client("dynamodb").get_item(
        TableName=hub.table("spokes"), Key={"Project": {"S": project.replace("/", "#")}}
    )
    seen = instant(found.get("Item", {}).get("LastSeen", {}).get("S"))
    account = f"account {account_of(registered[project])}, " if registered else ""
    return account + ("never seen" if seen is None else f"last seen {age(now - seen)} ago")
