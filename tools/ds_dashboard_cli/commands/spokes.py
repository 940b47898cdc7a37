"""`ds-dashboard spokes`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard_cli.options import environment_option, hub_options, json_option, project_option
from ds_dashboard_cli.output import jsonlines, tables
from ds_dashboard_cli.output.notes import note
from ds_dashboard_cli.output.tables import Column, Mark, Row
from ds_dashboard_cli.output.text import age, counted, moment, shown, visible
from ds_dashboard_cli.times import Span

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation
    from ds_dashboard_cli.hub.spokes import Spoke

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


@click.command("spokes", epilog=_EPILOG)
@project_option
@environment_option
@click.option("--failures", is_flag=True, help="The metrics that fail, and why, instead of the spokes.")
@click.option(
    "--silent-after",
    type=Span("h"),
    metavar="SPAN",
    help="After which time a spoke counts as silent: 26h, 2d.  [default: the hub's silent_after]",
)
@json_option
@hub_options
def spokes_command(
    hub: Installation,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    failures: bool,
    silent_after: timedelta | None,
    as_json: bool,
) -> None:
    """Show who reports to the hub: last seen, how many metrics and failures, version, who is silent.

    A spoke is silent when it is registered and neither its extraction has ended nor a value of it has come for longer
    than the hub's silent_after; one that never reported is shown too. LAST SEEN and STATE follow the hub's own watcher.
    """
    from ds_dashboard_cli.hub import registry, settings, spokes
    from ds_dashboard_cli.hub.narrowing import Narrowing

    deployed = settings.read(hub)
    now = dates.now()
    registered = registry.registered(hub, deployed.path)
    limit = deployed.silent_after if silent_after is None else silent_after
    found = spokes.known(hub, registered, Narrowing(projects, environments), limit, now)
    if as_json:
        for spoke in found:
            jsonlines.write(_record(spoke, registered is not None, now))
        return
    if failures:
        _show_failures(found, now)
        return
    tables.show(_COLUMNS, (_row(spoke, now) for spoke in found))
    if not found:
        note(f"No spoke is registered under {deployed.path} or has reported, of those asked for.")
    failing = sum(len(spoke.failures) for spoke in found)
    if failing:
        note(f"{counted(failing, 'failing metric')}: ds-dashboard spokes --failures says why.")


def _row(spoke: Spoke, now: datetime) -> Row:
    from ds_dashboard_cli.hub import spokes

    item = spoke.item
    mark: Mark = "bad" if spoke.state == spokes.SILENT else "dim" if spoke.state == spokes.UNREGISTERED else ""
    if not mark and spoke.failures:
        mark = "warn"
    return Row(
        [
            visible(spoke.project),
            visible(spoke.account),
            "never" if spoke.last_seen is None else age(now - spoke.last_seen),
            "SILENT" if spoke.state == spokes.SILENT else spoke.state,
            str(len(item["Metrics"])) if "Metrics" in item else "",
            shown(item.get("Emitted")),
            shown(item.get("Failed")),
            shown(item.get("PackageVersion")),
        ],
        mark,
    )


def _show_failures(found: list[Spoke], now: datetime) -> None:
    rows = (
        Row(
            [
                visible(spoke.project),
                visible(failure.metric),
                "" if failure.at is None else f"{moment(failure.at)} ({age(now - failure.at)} ago)",
                visible(failure.type),
                visible(failure.message),
            ],
            "warn",
        )
        for spoke in found
        for failure in spoke.failures
    )
    if not tables.show(_FAILURE_COLUMNS, rows):
        note("No metric fails.")


def _record(spoke: Spoke, registry_read: bool, now: datetime) -> dict[str, Any]:
    project, _, environment = spoke.project.partition("/")
    return {
        "Project": spoke.project,
        "ProjectName": project,
        "Environment": environment,
        "AccountId": spoke.account,
        "Registered": spoke.registered if registry_read else None,
        "State": spoke.state,
        "Silent": spoke.state == "silent",
        "LastSeen": None if spoke.last_seen is None else dates.format_instant(spoke.last_seen),
        "AgeSeconds": None if spoke.last_seen is None else int((now - spoke.last_seen).total_seconds()),
        **{name: spoke.item.get(name) for name in _RUN},
        "Failures": [failure.record() for failure in spoke.failures],
    }


_RUN = (
    *("Region", "LastRefreshId", "StartedAt", "FinishedAt", "Emitted", "Failed", "Metrics", "ScheduleExpression"),
    *("PackageVersion", "BotoVersion"),
)
