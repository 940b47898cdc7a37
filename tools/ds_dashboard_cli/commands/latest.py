"""`ds-dashboard latest`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard_cli.options import environment_option, hub_options, json_option, metric_option, project_option
from ds_dashboard_cli.output import jsonlines, tables
from ds_dashboard_cli.output.notes import note
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.output.text import age, shown, visible
from ds_dashboard_cli.times import Span

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation
    from ds_dashboard_cli.hub.latest import Latest

_EPILOG = """\b
Examples:
  ds-dashboard latest
  ds-dashboard latest --project Project1,Project2 --environment prod
  ds-dashboard latest --metric TrainingCost --breakdown
  ds-dashboard latest --stale-after 2h --json | jq -r 'select(.Stale) | [.Project, .MetricName] | @tsv'
"""

_COLUMNS = (
    Column("SPOKE", folds=True),
    Column("METRIC", folds=True),
    Column("VALUE", folds=True, right=True),
    Column("UNIT"),
    Column("AGE"),
    Column("STATE"),
)


@click.command("latest", epilog=_EPILOG)
@project_option
@environment_option
@metric_option
@click.option("--breakdown", is_flag=True, help="Show the parts of a value below it, where it has any.")
@click.option(
    "--stale-after",
    type=Span("h"),
    metavar="SPAN",
    help="Mark values older than this: 90m, 26h, 7d.  [default: the hub's silent_after]",
)
@json_option
@hub_options
def latest_command(
    hub: Installation,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    metrics: tuple[str, ...],
    breakdown: bool,
    stale_after: timedelta | None,
    as_json: bool,
) -> None:
    """Show the newest value of each metric: its age, whether it is stale, and which metrics fail now.

    A metric that fails keeps its last value and is marked; one that never had a value is shown without one.
    """
    from ds_dashboard_cli.hub import latest, settings
    from ds_dashboard_cli.hub.narrowing import Narrowing

    limit = settings.read(hub).silent_after if stale_after is None else stale_after
    found = latest.values(hub, Narrowing(projects, environments), metrics)
    now = dates.now()
    if as_json:
        for one in found:
            jsonlines.write(_record(one, limit, now))
        return
    tables.show(_COLUMNS, (row for one in found for row in _rows(one, limit, now, breakdown)))
    if not found:
        note("No value of what was asked for has arrived yet.")
    if any(one.failure for one in found):
        note("ds-dashboard spokes --failures says why metrics fail.")


def _is_stale(one: Latest, limit: timedelta, now: datetime) -> bool:
    return bool(one.item) and (one.date is None or now - one.date > limit)


def _rows(one: Latest, limit: timedelta, now: datetime, breakdown: bool) -> Iterator[Row]:
    states = ["FAILS"] if one.failure else []
    stale = _is_stale(one, limit, now)
    states += ["STALE"] if stale else []
    yield Row(
        [
            visible(one.project),
            visible(one.metric),
            shown(one.item.get("MetricValue")),
            shown(one.item.get("Unit")),
            "" if one.date is None else age(now - one.date),
            ", ".join(states),
        ],
        "bad" if one.failure else "warn" if stale else "",
    )
    for part in one.item.get("Breakdown") or () if breakdown else ():
        dimensions = ", ".join(f"{name}={value}" for name, value in sorted(part["Dimensions"].items()))
        yield Row(["", visible(f"  {dimensions}"), shown(part["Value"]), "", "", ""], "dim")


def _record(one: Latest, limit: timedelta, now: datetime) -> dict[str, Any]:
    project, _, environment = one.project.partition("/")
    return {
        "ProjectName": project,
        "Environment": environment,
        "MetricName": one.metric,
        **{name: value for name, value in one.item.items() if name not in ("Age", "Project")},
        "Project": one.project,
        "AgeSeconds": None if one.date is None else int((now - one.date).total_seconds()),
        "Stale": _is_stale(one, limit, now),
        "Failure": one.failure and one.failure.record(),
    }
