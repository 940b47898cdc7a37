"""`ds-dashboard spokes`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.text import format_age, format_time, format_value, pluralize, visible
from ds_dashboard_cli.options import Duration, environment_option, hub_options, json_option, project_option
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, write_json
from ds_dashboard_cli.output.tables import Column, Mark, Row

if TYPE_CHECKING:
    from ds_dashboard.client import Failure, Hub, Spoke

_EPILOG = """\b
Examples:
  ds-dashboard spokes
  ds-dashboard spokes --failures                   which metrics fail, and why
  ds-dashboard spokes --project Project1 --json
  ds-dashboard spokes --silent-after 12h --json | jq -r 'select(.Silent) | .Project'
"""

_COLUMNS = (
    Column("SPOKE", folds=True),
    Column("ACCOUNT"),
    Column("REGION"),
    Column("LAST SEEN"),
    Column("STATE"),
    Column("METRICS", right=True),
    Column("SENT", right=True),
    Column("FAILED", right=True),
    Column("VERSION"),
)
_FAILURE_COLUMNS = (
    Column("SPOKE"),
    Column("METRIC"),
    Column("LAST FAILED"),
    Column("ERROR"),
    Column("REASON", folds=True),
)


_RUN = (
    *("LastRefreshId", "StartedAt", "FinishedAt", "Emitted", "Failed", "Metrics", "ScheduleExpression"),
    *("PackageVersion", "BotoVersion"),
)


@click.command("spokes", epilog=_EPILOG)
@project_option
@environment_option
@click.option("--failures", is_flag=True, help="Show the metrics that fail, and why, instead of the spokes.")
@click.option(
    "--silent-after",
    type=Duration("h"),
    metavar="DURATION",
    help="The age from which a spoke counts as silent: 26h, 2d.  [default: the hub's silent_after]",
)
@json_option
@hub_options
def spokes_command(
    hub: Hub,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    failures: bool,
    silent_after: timedelta | None,
    as_json: bool,
) -> None:
    """Show who reports to the hub: last seen, how many metrics and failures, version, who is silent.

    A spoke is silent if it is registered, and for longer than the hub's silent_after none of its extractions has ended
    and none of its values has arrived. This is what the hub's own watch function counts as silent. A spoke that never
    reported is shown too.
    """
    spokes = hub.spokes(projects=projects, environments=environments, silent_after=silent_after)
    now = dates.now()
    if as_json:
        for spoke in spokes:
            write_json(_record(spoke, now))
        return
    if failures:
        if not tables.print_table(
            _FAILURE_COLUMNS, (_failure_row(one, now) for spoke in spokes for one in spoke.failures)
        ):
            note("No metric fails.")
        return
    tables.print_table(_COLUMNS, (_row(spoke, now) for spoke in spokes))
    if not spokes:
        note(f"No spoke that matches is registered under {hub.settings.path} or has reported.")
    for spoke in spokes:
        if spoke.moved:
            note(
                f"{spoke.name} last reported from account {spoke.account} in {spoke.region}, whose events are rejected "
                f"now: {spoke.registered} is registered."
            )
    failing = sum(len(spoke.failures) for spoke in spokes)
    if failing:
        note(f"{pluralize(failing, 'failing metric')}: ds-dashboard spokes --failures shows why.")


def _row(spoke: Spoke, now: datetime) -> Row:
    mark: Mark = "bad" if spoke.state == "silent" else "dim" if spoke.state == "not registered" else ""
    if not mark and spoke.failures:
        mark = "warn"
    return Row(
        [
            visible(spoke.name),
            visible(spoke.account),
            visible(spoke.region),
            "never" if spoke.last_seen is None else format_age(now - spoke.last_seen),
            "SILENT" if spoke.state == "silent" else spoke.state,
            "" if spoke.metrics is None else str(len(spoke.metrics)),
            format_value(spoke.emitted),
            format_value(spoke.failed),
            format_value(spoke.package_version),
        ],
        mark,
    )


def _failure_row(failure: Failure, now: datetime) -> Row:
    time = failure.time
    return Row(
        [
            visible(failure.spoke),
            visible(failure.metric),
            "" if time is None else f"{format_time(time)} ({format_age(now - time)} ago)",
            visible(failure.error_type),
            visible(failure.error_message),
        ],
        "warn",
    )


def _record(spoke: Spoke, now: datetime) -> dict[str, Any]:
    return {
        "Project": spoke.name,
        "ProjectName": spoke.project,
        "Environment": spoke.environment,
        "AccountId": spoke.account,
        "Region": spoke.region,
        "Registered": spoke.registered,
        "Moved": spoke.moved,
        "State": spoke.state,
        "Silent": spoke.state == "silent",
        "LastSeen": None if spoke.last_seen is None else dates.format_instant(spoke.last_seen),
        "AgeSeconds": None if spoke.last_seen is None else int((now - spoke.last_seen).total_seconds()),
        **{name: spoke.item.get(name) for name in _RUN},
        "Failures": [failure.record() for failure in spoke.failures],
    }
