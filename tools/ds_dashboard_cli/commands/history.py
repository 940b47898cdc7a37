"""`ds-dashboard history`."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from ds_dashboard import dates
from ds_dashboard.text import format_value, visible
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import (
    check_period,
    environment_option,
    hub_options,
    is_metric_name,
    json_option,
    period_options,
    project_option,
)
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, write_json
from ds_dashboard_cli.output.tables import Column, Row

if TYPE_CHECKING:
    from ds_dashboard.client import Hub, Value

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
@click.option("--plot", is_flag=True, help="Draw a chart with one line per spoke, and with the metric's threshold.")
@json_option
@hub_options
def history_command(
    hub: Hub,
    metric: str,
    since: datetime | None,
    until: datetime | None,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    plot: bool,
    as_json: bool,
) -> None:
    """Show the values of one metric over time, oldest first."""
    if not is_metric_name(metric):
        raise click.BadParameter(f"{metric!r} is not a valid metric name.", param_hint="METRIC")
    check_period(since, until)
    if plot and as_json:
        raise click.UsageError("--plot and --json exclude each other.")
    rows = hub.history(metric, since=since, until=until, projects=projects, environments=environments)
    first = list(islice(rows, 1))
    if not first:
        _check_name(hub, metric)
        note(f"No value of {metric} matches in this period. Look back further with --since 30d.")
        return
    values = chain(first, rows)
    if plot:
        from ds_dashboard_cli.output import plots

        plots.print_chart(metric, values, partial(hub.limits, metric))
    elif as_json:
        for value in values:
            write_json(value.item)
    else:
        tables.print_table(_COLUMNS, map(_row, values))


def _check_name(hub: Hub, metric: str) -> None:
    """Tell a wrong name from an empty period."""
    if next(hub.history(metric), None) is not None:
        return
    names = hub.metrics()
    if metric in names or not names:
        return
    near = get_close_matches(metric, names, n=3) or names[:20]
    raise UserError(f"metric {metric}", "has never had a value.", f"Metrics with values: {', '.join(near)}.")


def _row(value: Value) -> Row:
    return Row(
        [
            visible(dates.to_microsecond(str(value.item["ExtractionDate"]))).removesuffix("Z").replace("T", " "),
            visible(value.spoke),
            format_value(value.value),
            format_value(value.unit),
        ]
    )
