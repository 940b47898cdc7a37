"""`ds-dashboard latest`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.states import State
from ds_dashboard.text import format_age, format_value, has_words, visible
from ds_dashboard_cli.options import (
    Duration,
    environment_option,
    hub_options,
    json_option,
    metric_option,
    project_option,
    search_option,
)
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, write_json
from ds_dashboard_cli.output.tables import Column, Row

if TYPE_CHECKING:
    from ds_dashboard.client import Hub, LatestValue

_EPILOG = """\b
Examples:
  ds-dashboard latest
  ds-dashboard latest --project Project1,Project2 --environment prod
  ds-dashboard latest --metric TrainingCost --breakdown
  ds-dashboard latest --state failing --state stale
  ds-dashboard latest --search AccessDenied
  ds-dashboard latest --json | jq -r 'select(.Threshold) | [.Project, .MetricName, .Threshold] | @tsv'
  ds-dashboard latest --stale-after 2h --json | jq -r 'select(.Stale) | [.Project, .MetricName] | @tsv'
"""

_COLUMNS = (
    Column("SPOKE", folds=True),
    Column("METRIC", folds=True),
    Column("VALUE", folds=True, right=True),
    Column("UNIT"),
    Column("AGE"),
    Column("STATE", folds=True),
)


_LIMITS = (Column("BELOW", right=True), Column("ABOVE", right=True))
_STATES = tuple(one.word for one in State)
# What the archive needs to order values, and the key.
_OMITTED = ("Age", "Project")


@click.command("latest", epilog=_EPILOG)
@project_option
@environment_option
@metric_option
@click.option(
    "--state",
    "states",
    type=click.Choice(_STATES),
    multiple=True,
    help="Only values in this state, as the pages name it. May be repeated.",
)
@search_option
@click.option("--thresholds", is_flag=True, help="Show the values that have a threshold, with its limits.")
@click.option("--breakdown", is_flag=True, help="Show the parts of a value below it.")
@click.option(
    "--stale-after",
    type=Duration("h"),
    metavar="DURATION",
    help="Mark values older than this: 90m, 26h, 7d.  [default: the hub's silent_after]",
)
@json_option
@hub_options
def latest_command(
    hub: Hub,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    metrics: tuple[str, ...],
    states: tuple[str, ...],
    words: str,
    thresholds: bool,
    breakdown: bool,
    stale_after: timedelta | None,
    as_json: bool,
) -> None:
    """Show the newest value of each metric: its age, whether it is stale, and which metrics fail now.

    A metric that fails, or has nothing to report, keeps its last value and is marked. A metric that never had a value
    is shown without one. ABOVE and BELOW mark values that have crossed a threshold of the hub. GONE marks values of a
    spoke that is not registered, and of metrics that the spoke no longer has. A metric with arguments of a refresh,
    such as Owner(parameter_name=/b), is a series of its own.
    """
    rows: Sequence[LatestValue] = hub.latest(
        metrics, projects=projects, environments=environments, stale_after=stale_after
    )
    if states:
        from ds_dashboard.client.states import state_of

        spokes = hub.spokes(projects=projects, environments=environments)
        silent = {one.name for one in spokes if one.state == "silent"}
        rows = [row for row in rows if state_of(row, silent).word in states]
    rows = [row for row in rows if has_words(words, *_texts(row)) and (not thresholds or _has_limit(row))]
    now = dates.now()
    if as_json:
        for row in rows:
            write_json(_record(row, now))
        return
    columns = _COLUMNS if not thresholds else (*_COLUMNS[:-1], *_LIMITS, _COLUMNS[-1])
    tables.print_table(columns, (line for row in rows for line in _lines(row, now, breakdown, thresholds)))
    if not rows:
        note("No value that matches has arrived yet.")
    if any(row.gone for row in rows):
        note("ds-dashboard spokes forget PROJECT/ENVIRONMENT [--metric NAME] removes what is gone.")
    if any(row.failure and not row.gone for row in rows):
        note("ds-dashboard spokes --failures shows why metrics fail.")


def _has_limit(row: LatestValue) -> bool:
    return row.threshold_above is not None or row.threshold_below is not None


def _texts(row: LatestValue) -> Iterator[str]:
    yield from (row.project, row.environment, row.metric, row.account or "", row.nothing_to_report or "")
    if row.failure:
        yield from (row.failure.error_type, row.failure.error_message)


def _lines(row: LatestValue, now: datetime, breakdown: bool, thresholds: bool) -> Iterator[Row]:
    limits = [format_value(row.threshold_below), format_value(row.threshold_above)] if thresholds else []
    nothing = [] if row.nothing_to_report is None else [f"NOTHING TO REPORT: {visible(row.nothing_to_report)}"]
    crossed = [] if row.threshold is None else [row.threshold.upper()]
    states = ["GONE"] if row.gone else ["FAILS"] * bool(row.failure) + ["STALE"] * row.stale + crossed + nothing
    yield Row(
        [
            visible(row.spoke),
            visible(row.metric),
            format_value(row.value),
            format_value(row.unit),
            "" if row.time is None else format_age(now - row.time),
            *limits,
            ", ".join(states),
        ],
        "dim" if row.gone else "bad" if row.failure else "warn" if row.stale or row.threshold else "",
    )
    for part in row.breakdown if breakdown else ():
        dimensions = ", ".join(f"{name}={value}" for name, value in sorted(part["Dimensions"].items()))
        yield Row(
            ["", visible(f"  {dimensions}"), format_value(part["Value"]), "", "", *(["", ""] * thresholds), ""], "dim"
        )


def _record(row: LatestValue, now: datetime) -> dict[str, Any]:
    return {
        "ProjectName": row.project,
        "Environment": row.environment,
        "MetricName": row.metric,
        **{name: one for name, one in row.item.items() if name not in _OMITTED and not name.startswith("Threshold")},
        "Project": row.spoke,
        "AgeSeconds": None if row.time is None else int((now - row.time).total_seconds()),
        "Stale": row.stale,
        "Gone": row.gone,
        "Failure": row.failure and row.failure.record(),
        "NothingToReport": row.nothing_to_report,
        "Threshold": row.threshold,
        "ThresholdSince": None if row.threshold_since is None else dates.format_instant(row.threshold_since),
        "ThresholdAbove": row.threshold_above,
        "ThresholdBelow": row.threshold_below,
    }
