"""`ds-dashboard history`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import (
    check_period,
    environment_option,
    hub_options,
    is_metric,
    json_option,
    period_options,
    project_option,
)
from ds_dashboard_cli.output import jsonlines, tables
from ds_dashboard_cli.output.notes import note
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.output.text import shown, visible

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

_EPILOG = """\b
Examples:
  ds-dashboard history NumberEndPointsInService
  ds-dashboard history TrainingCost --since 30d --project Project1 --plot
  ds-dashboard history TrainingCost --since 2026-11-01 --until 2026-11-08 --json
"""

_COLUMNS = (
    Column("EXTRACTED (UTC)"),
    Column("SPOKE", folds=True),
    Column("VALUE", folds=True, right=True),
    Column("UNIT"),
)


@click.command("history", epilog=_EPILOG)
@click.argument("metric")
@period_options(since="7d")
@project_option
@environment_option
@click.option("--plot", is_flag=True, help="Draw it, a line for each spoke.")
@json_option
@hub_options
def history_command(
    hub: Installation,
    metric: str,
    since: datetime | None,
    until: datetime | None,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    plot: bool,
    as_json: bool,
) -> None:
    """Show the values of one metric over time, oldest first."""
    if not is_metric(metric):
        raise click.BadParameter(f"{metric!r} is no metric name.", param_hint="METRIC")
    check_period(since, until)
    if plot and as_json:
        raise click.UsageError("--plot and --json are two forms of one output: give one of them.")
    from ds_dashboard_cli.hub import history
    from ds_dashboard_cli.hub.narrowing import Narrowing

    found = history.of_metric(hub, metric, Narrowing(projects, environments), since, until)
    first = list(islice(found, 1))
    if not first:
        _check_name(hub, metric)
        note(f"No value of {metric} in that period, of those asked for: --since 30d looks back further.")
        return
    values = chain(first, found)
    if plot:
        from ds_dashboard_cli.output import plots

        plots.show(metric, values)
    elif as_json:
        for item in values:
            jsonlines.write(item)
    else:
        tables.show(_COLUMNS, _rows(values))


def _check_name(hub: Installation, metric: str) -> None:
    from ds_dashboard_cli.hub import latest

    names = latest.metric_names(hub)
    if metric in names or not names:
        return
    near = get_close_matches(metric, names, n=3) or sorted(names)[:20]
    raise UserError(
        f"metric {metric}", "no value of it has ever arrived.", f"There are, for example: {', '.join(near)}."
    )


def _rows(values: Iterator[dict[str, Any]]) -> Iterator[Row]:
    for item in values:
        yield Row(
            [
                visible(str(item["ExtractionDate"])).removesuffix("Z").replace("T", " "),
                visible(spoke_of(item)),
                shown(item.get("MetricValue")),
                shown(item.get("Unit")),
            ]
        )


def spoke_of(item: dict[str, Any]) -> str:
    """`<ProjectName>/<Environment>` of a value."""
    return f"{item.get('ProjectName', '')}/{item.get('Environment', '')}"
