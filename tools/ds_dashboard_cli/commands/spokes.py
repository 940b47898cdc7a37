"""`ds-dashboard spokes`: `list`, which is the default, and `forget`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.identity import Project
from ds_dashboard.states import WITH_FAILURES
from ds_dashboard.text import format_age, format_time, format_value, has_words, pluralize, visible
from ds_dashboard_cli.options import (
    Duration,
    ListByDefault,
    confirm,
    environment_option,
    hub_options,
    is_metric_name,
    json_option,
    names_option,
    project_option,
    search_option,
    yes_option,
)
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, progress, write_json
from ds_dashboard_cli.output.tables import Column, Mark, Row

if TYPE_CHECKING:
    from ds_dashboard.client import Failure, Forgotten, Hub, Spoke

_EPILOG = """\b
Examples:
  ds-dashboard spokes
  ds-dashboard spokes --failures                   which metrics fail, and why
  ds-dashboard spokes forget Project1/dev          a spoke that was removed or renamed
"""
_LIST_EPILOG = """\b
Examples:
  ds-dashboard spokes list --failures              which metrics fail, and why
  ds-dashboard spokes list --project Project1 --json
  ds-dashboard spokes list --silent-after 12h --json | jq -r 'select(.Silent) | .Project'
"""
_FORGET_EPILOG = """\b
Examples:
  ds-dashboard spokes forget Project1/dev                      a spoke that was removed or renamed
  ds-dashboard spokes forget Project1/dev --metric OldMetric   a metric that the spoke no longer has
  ds-dashboard spokes forget Project1/dev --history --yes      its complete history too
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


@click.group("spokes", cls=ListByDefault, epilog=_EPILOG)
def spokes_group() -> None:
    """Show who reports to the hub, and forget spokes and metrics that are gone.

    Without a command, lists the spokes: `ds-dashboard spokes list --help` describes the options.
    """


@spokes_group.command("list", epilog=_LIST_EPILOG)
@project_option
@environment_option
@click.option(
    "--state",
    "states",
    type=click.Choice(("ok", WITH_FAILURES, "silent", "not registered")),
    multiple=True,
    help="Only spokes in this state, as the pages name it. May be repeated.",
)
@search_option
@click.option("--failures", is_flag=True, help="Show the metrics that fail, and why, instead of the spokes.")
@click.option(
    "--silent-after",
    type=Duration("h"),
    metavar="DURATION",
    help="The age from which a spoke counts as silent: 26h, 2d.  [default: the hub's silent_after]",
)
@json_option
@hub_options
def list_command(
    hub: Hub,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    states: tuple[str, ...],
    words: str,
    failures: bool,
    silent_after: timedelta | None,
    as_json: bool,
) -> None:
    """Show who reports to the hub: last seen, how many metrics and failures, version, who is silent.

    A spoke is silent if it is registered, and for longer than the hub's silent_after none of its extractions has ended
    and none of its values has arrived. This is what the hub's own watch function counts as silent. A spoke that never
    reported is shown too.
    """
    spokes = [
        one
        for one in hub.spokes(projects=projects, environments=environments, silent_after=silent_after)
        if (not states or _state(one) in states) and has_words(words, one.name, one.account, one.region)
    ]
    now = dates.now()
    if as_json:
        for spoke in spokes:
            if not failures or spoke.failures:
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


@spokes_group.command("forget", epilog=_FORGET_EPILOG)
@click.argument("spoke", metavar="PROJECT/ENVIRONMENT")
@names_option(
    "--metric",
    "--metrics",
    "metrics",
    what="metric name",
    allowed=is_metric_name,
    help="Forget only these metrics of the spoke.",
)
@click.option("--history", is_flag=True, help="Delete the values of the history too.")
@yes_option
@hub_options
def forget_command(hub: Hub, spoke: str, metrics: tuple[str, ...], history: bool, yes: bool) -> None:
    """Remove a spoke that is gone, or metrics that it no longer has, from `latest`, `spokes` and `doctor`.

    Shows what will be deleted and asks for confirmation. The history is kept unless you pass --history. A spoke that
    is still registered, or a metric that the spoke still computes, is not forgotten: its next value would bring it
    back.
    """
    try:
        Project.parse(spoke)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="PROJECT/ENVIRONMENT") from error
    with progress() as show:

        def counted(count: int) -> None:
            show(f"{count:,} values of the history")

        planned = hub.forget(spoke, metrics, history=history, dry_run=True, progress=counted)
    for line in _describe(planned):
        note(line)
    confirm(f"Delete this of {spoke} permanently?", yes)
    with progress() as show:
        done = hub.forget(spoke, metrics, history=history, progress=counted)
    note(f"Deleted: {'; '.join(_describe(done)) or 'nothing'}.")
    if done.kept:
        note(f"Not deleted, because a new value or failure has arrived: {', '.join(done.kept)}.")


def _describe(forgotten: Forgotten) -> list[str]:
    """Describe what will be deleted, in one line for each table."""
    lines = []
    if forgotten.spoke_item:
        lines.append(f"the last run and the failures of spoke {forgotten.spoke}")
    if forgotten.metrics:
        count = pluralize(len(forgotten.metrics), "metric")
        lines.append(f"the newest value or failure of {count}: {', '.join(forgotten.metrics)}")
    if forgotten.history is not None:
        lines.append(f"{pluralize(forgotten.history, 'value')} of the history")
    return lines


def _state(spoke: Spoke) -> str:
    return WITH_FAILURES if spoke.state == "ok" and spoke.failures else spoke.state


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
        "NothingToReport": dict(spoke.nothing_to_report),
    }
