"""`ds-dashboard backfill`."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard.text import format_time, pluralize
from ds_dashboard_cli.errors import FAILED, TIMED_OUT, UserError
from ds_dashboard_cli.options import (
    Duration,
    Instant,
    check_period,
    confirm,
    hub_options,
    is_metric_name,
    is_project_name,
    json_option,
    names_option,
    timeout_option,
    yes_option,
)
from ds_dashboard_cli.output.streams import note, progress, write_json

if TYPE_CHECKING:
    from ds_dashboard.client import Backfill, Hub

_EPILOG = """\b
Examples:
  ds-dashboard backfill --metrics TrainingCost --since 90d --dry-run     what it would request, and its cost
  ds-dashboard backfill --metrics TrainingCost --since 90d
  ds-dashboard backfill --metrics JobsEnded --since 7d --every 6h --projects Project1

\b
Exit codes: 1 if values could not be computed; 3 if spokes have not responded; otherwise as for every command.
"""
_MAX_SPOKES = 5


@click.command("backfill", epilog=_EPILOG)
@names_option(
    "--metrics",
    "--metric",
    "metrics",
    what="metric name",
    allowed=is_metric_name,
    help="The metrics to compute. Required.",
)
@click.option(
    "--since",
    type=Instant(),
    required=True,
    metavar="WHEN",
    help="The start of the period: 90d ago, or a date such as 2026-09-01.",
)
@click.option("--until", type=Instant(), metavar="WHEN", help="The end of the period, like --since.  [default: now]")
@click.option(
    "--every",
    type=Duration("d"),
    default="1d",
    show_default=True,
    metavar="DURATION",
    help="The time between two instants. Of whole days, each instant is midnight in UTC.",
)
@names_option(
    "--projects", "--project", "projects", what="project name", allowed=is_project_name, help="Only these projects."
)
@names_option(
    "--environments",
    "--environment",
    "environments",
    what="environment",
    allowed=is_project_name,
    help="Only these environments.",
)
@click.option(
    "--manifest",
    "manifest_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The manifest of your own metrics, which says what is historical, and what it costs.",
)
@click.option("--dry-run", is_flag=True, help="Print the estimate, and request nothing.")
@yes_option
@click.option(
    "--pause",
    type=Duration("s"),
    default="0s",
    show_default=True,
    metavar="DURATION",
    help="The time between the responses to an instant and the request for the next one.",
)
@timeout_option("5m")
@json_option
@hub_options
def backfill_command(
    hub: Hub,
    metrics: tuple[str, ...],
    since: datetime,
    until: datetime | None,
    every: timedelta,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    manifest_file: Path | None,
    dry_run: bool,
    yes: bool,
    pause: timedelta,
    timeout: timedelta,
    as_json: bool,
) -> None:
    """Compute values of past instants that the history does not have, for metrics that are declared historical.

    Each spoke is asked for one instant at a time, the newest first. A dashboard is not empty on its first day then. If
    the command was interrupted, run it again: it requests only what is still missing.

    An estimate comes first: how many values and refreshes, the API calls of a value, and what AWS charges for them. If
    that is money, the command asks for confirmation. A metric that fails for three instants one after the other, and a
    spoke that does not respond to two, is left out of the older instants.
    """
    from ds_dashboard_cli.packaging.manifest_file import load_manifest

    if not metrics:
        raise click.UsageError("Name the metrics with --metrics.")
    check_period(since, until)
    manifest = load_manifest((), manifest_file)["metrics"]
    try:
        planned = hub.backfill(
            metrics,
            since=since,
            until=until,
            every=every,
            projects=projects,
            environments=environments,
            manifest=manifest,
            dry_run=True,
        )
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--since, --until, --every") from error
    for line in _estimate(planned):
        note(line)
    if dry_run or not planned.values:
        if as_json:
            write_json(_record(planned))
        return
    if planned.usd:
        confirm(f"Request them for about {_money(planned.usd)}?", yes, purpose="spend money", declined="requested")
    _run(planned, pause, timeout)
    if as_json:
        write_json(_record(planned))
    _report(planned)


def _run(planned: Backfill, pause: timedelta, timeout: timedelta) -> None:
    with progress() as show:
        try:
            planned.run(
                pause=pause.total_seconds(),
                timeout=timeout.total_seconds(),
                progress=lambda backfill: show(_state(backfill)),
            )
        except KeyboardInterrupt:
            note(f"{_state(planned)}. Run the same command again to continue: it requests only what is missing.")
            raise


def _estimate(planned: Backfill) -> list[str]:
    instants = list(planned.missing)
    present = f" {pluralize(planned.present, 'value')} already there." if planned.present else ""
    if not instants:
        return [f"Nothing is missing.{present}"]
    period = f"{format_time(instants[-1])} to {format_time(instants[0])} UTC"
    lines = [
        f"{pluralize(planned.values, 'value')} missing for {len(instants):,} of "
        f"{pluralize(planned.instants, 'instant')}, {period}; refreshes: {planned.refreshes:,}.{present}"
    ]
    for cost in planned.costs:
        if cost.values:
            price = "cost not known" if cost.usd is None else _money(cost.usd) if cost.usd else "free of charge"
            calls = f"; API calls of a value: {cost.calls}" if cost.calls else ""
            lines.append(f"  {cost.metric}: {pluralize(cost.values, 'value')}, {price}{calls}")
    return lines


def _money(usd: Decimal) -> str:
    return f"{usd:,.2f} USD" if usd >= Decimal("0.01") else f"{usd.normalize():f} USD"


def _state(backfill: Backfill) -> str:
    current = f", now {format_time(backfill.current)} UTC" if backfill.current else ""
    return (
        f"{backfill.done:,} of {pluralize(len(backfill.missing), 'instant')} done{current}: "
        f"{pluralize(backfill.arrived, 'value')}, {backfill.nothing_to_report:,} with nothing to report, "
        f"{backfill.failed:,} failed"
    )


def _report(backfill: Backfill) -> None:
    """Say what came of the backfill, and end with an error if something is missing."""
    note(f"{_state(backfill)}.")
    for cause in backfill.causes.values():
        failure = cause.failure
        spokes = ", ".join(sorted(cause.spokes)[:_MAX_SPOKES])
        more = f" and {len(cause.spokes) - _MAX_SPOKES} more" if len(cause.spokes) > _MAX_SPOKES else ""
        values = pluralize(cause.count, "value")
        note(f"{spokes}{more}: {failure.metric}, {values}: {failure.error_type}: {failure.error_message}")
    for (spoke, metric), count in sorted(backfill.skipped.items()):
        note(f"{spoke}: {pluralize(count, 'older value')} of {metric} not requested.")
    if backfill.unanswered:
        raise UserError(
            "backfill",
            "is not complete, because spokes have not responded in time.",
            "Run the same command again. If they still do not respond: ds-dashboard spokes, dead-letters and doctor "
            "show why.",
            details=tuple(
                f"{spoke} has not responded to {pluralize(count, 'instant')}"
                for spoke, count in sorted(backfill.unanswered.items())
            ),
            code=TIMED_OUT,
        )
    if backfill.failed:
        raise click.exceptions.Exit(FAILED)


def _record(backfill: Backfill) -> dict[str, Any]:
    return {
        "Instants": backfill.instants,
        "Present": backfill.present,
        "Missing": backfill.values,
        "Refreshes": backfill.refreshes,
        "Usd": backfill.usd,
        "Costs": [
            {"MetricName": one.metric, "Values": one.values, "Calls": one.calls, "Usd": one.usd}
            for one in backfill.costs
        ],
        "Done": backfill.done,
        "Arrived": backfill.arrived,
        "NothingToReport": backfill.nothing_to_report,
        "Failed": backfill.failed,
        "Failures": [
            {
                **cause.failure.record(),
                "Projects": sorted(cause.spokes),
                "Values": cause.count,
            }
            for cause in backfill.causes.values()
        ],
        "Skipped": [
            {"Project": spoke, "MetricName": metric, "Values": count}
            for (spoke, metric), count in sorted(backfill.skipped.items())
        ],
        "Unanswered": dict(sorted(backfill.unanswered.items())),
    }
