"""`ds-dashboard refresh`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard.text import pluralize
from ds_dashboard_cli.options import (
    Instant,
    arguments_option,
    hub_options,
    is_metric_name,
    is_project_name,
    json_option,
    names_option,
    timeout_option,
)
from ds_dashboard_cli.output.streams import note, progress, write_json

if TYPE_CHECKING:
    from ds_dashboard.client import Hub, Refresh, RefreshTimeout

_EPILOG = """\b
Examples:
  ds-dashboard refresh --wait
  ds-dashboard refresh --projects Project1,Project2 --environments prod --metrics TrainingCost
  ds-dashboard refresh --wait --timeout 2m --json | jq .Missing
  ds-dashboard refresh --argument Owner.parameter_name=/b --wait
  ds-dashboard refresh --metrics TrainingCost --as-of 2026-11-01 --wait

\b
Exit codes: 3 if --wait ended before all spokes had responded; otherwise as for every command.
"""


@click.command("refresh", epilog=_EPILOG)
@names_option(
    "--metrics", "--metric", "metrics", what="metric name", allowed=is_metric_name, help="Compute only these metrics."
)
@names_option(
    "--projects",
    "--project",
    "projects",
    what="project name",
    allowed=is_project_name,
    help="Request them from these projects only.",
)
@names_option(
    "--environments",
    "--environment",
    "environments",
    what="environment",
    allowed=is_project_name,
    help="Request them from these environments only.",
)
@arguments_option
@click.option(
    "--as-of",
    type=Instant(),
    metavar="WHEN",
    help="Compute values as of this past instant, like --since of history. Only historical metrics have them.",
)
@click.option("--wait", is_flag=True, help="Wait until every spoke has responded and its values are in the tables.")
@timeout_option("5m")
@json_option
@hub_options
def refresh_command(
    hub: Hub,
    metrics: tuple[str, ...],
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    arguments: dict[str, dict[str, str]],
    as_of: datetime | None,
    wait: bool,
    timeout: timedelta,
    as_json: bool,
) -> None:
    """Request fresh values from all spokes or some of them, and print the ID of the refresh.

    With --wait, every registered spoke that was requested must respond. A spoke has responded when its extraction has
    ended, and everything that it emitted has arrived, failures included. A metric that has nothing to report has
    responded too.

    --argument computes its metric only, unless --metrics names others too. Its values are a series of their own, such
    as Owner(parameter_name=/b). The last dot before the = ends the name of the metric, which may contain dots.
    """
    refresh = hub.refresh(metrics, projects=projects, environments=environments, arguments=arguments, as_of=as_of)
    identity = {"RefreshId": refresh.refresh_id, "EventId": refresh.event_id}
    if not as_json:
        click.echo(refresh.refresh_id)
    elif not wait:
        write_json(identity)
    if not wait:
        return
    timed_out = _wait(refresh, timeout)
    if as_json:
        write_json({**identity, **_record(refresh)})
    for spoke, metric, reason in refresh.nothing_to_report:
        note(f"{spoke}: {metric} has nothing to report: {reason}")
    for failure in refresh.failures:
        note(f"{failure.spoke}: {failure.metric} failed: {failure.error_type}: {failure.error_message}")
    if timed_out:
        raise timed_out


def _wait(refresh: Refresh, timeout: timedelta) -> RefreshTimeout | None:
    """Wait, and return the timeout instead of raising it: what has arrived is shown first."""
    from ds_dashboard.client import RefreshTimeout

    with progress(every_change=True) as show:
        try:
            refresh.wait(timeout.total_seconds(), lambda refresh: show(_state(refresh)))
        except RefreshTimeout as error:
            return error
    return None


def _state(refresh: Refresh) -> str:
    """Return the state of a refresh in one line."""
    total, missing = len(refresh.responses), refresh.missing
    responded = f"{total - len(missing)} of {pluralize(total, 'spoke')} responded"
    if missing:
        others = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        return f"{responded}; waiting for {', '.join(missing[:5])}{others}"
    if refresh.incomplete:
        return f"{responded}; waiting for values of {', '.join(refresh.incomplete[:5])}"
    return responded


def _record(refresh: Refresh) -> dict[str, Any]:
    return {
        "Expected": list(refresh.responses),
        "Answered": [spoke for spoke, response in refresh.responses.items() if response.run is not None],
        "Missing": refresh.missing,
        "Incomplete": refresh.incomplete,
        "NothingToReport": [
            {"Project": spoke, "MetricName": metric, "Reason": reason}
            for spoke, metric, reason in refresh.nothing_to_report
        ],
        "Failures": [{"Project": failure.spoke, **failure.record()} for failure in refresh.failures],
    }
