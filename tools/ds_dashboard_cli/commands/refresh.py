"""`ds-dashboard refresh`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from ds_dashboard_cli.commands import answers
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import hub_options, is_metric, is_project, json_option, names_option
from ds_dashboard_cli.output import jsonlines
from ds_dashboard_cli.output.notes import progress
from ds_dashboard_cli.times import Span

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation
    from ds_dashboard_cli.hub.narrowing import Narrowing

_EPILOG = """\b
Examples:
  ds-dashboard refresh --wait
  ds-dashboard refresh --projects Project1,Project2 --environments prod --metrics TrainingCost
  ds-dashboard refresh --wait --timeout 2m --json | jq .Missing

\b
Exit codes: 3 where --wait ended before all had answered; else as everywhere.
"""


@click.command("refresh", epilog=_EPILOG)
@names_option(
    "--metrics", "--metric", "metrics", what="metric name", allowed=is_metric, help="Ask for these metrics only."
)
@names_option(
    "--projects", "--project", "projects", what="project name", allowed=is_project, help="Ask these projects only."
)
@names_option(
    "--environments",
    "--environment",
    "environments",
    what="environment",
    allowed=is_project,
    help="Ask these environments only.",
)
@click.option("--wait", is_flag=True, help="Wait until every spoke has answered and its values stand in the tables.")
@click.option(
    "--timeout",
    type=Span("s"),
    default="5m",
    show_default=True,
    metavar="SPAN",
    help="How long to wait at most: 90, 90s, 5m.",
)
@json_option
@hub_options
def refresh_command(
    hub: Installation,
    metrics: tuple[str, ...],
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    wait: bool,
    timeout: timedelta,
    as_json: bool,
) -> None:
    """Ask the spokes for fresh values, all of them or some; prints the refresh's id.

    Those who are asked are the registered spokes; one that answers has sent what it computed, failures included.
    """
    from ds_dashboard_cli.hub import refreshing, registry, settings
    from ds_dashboard_cli.hub.narrowing import Narrowing

    narrowing = Narrowing(projects, environments)
    registered = registry.registered(hub, settings.read(hub).path)
    if registered is not None:
        _check(hub, registered, narrowing)
    wanted = {"Metrics": metrics, "Projects": projects, "Environments": environments}
    refresh = refreshing.ask(hub, {key: names for key, names in wanted.items() if names})
    if not wait:
        jsonlines.write(refresh) if as_json else click.echo(refresh["RefreshId"])
        return
    if not as_json:
        click.echo(refresh["RefreshId"])
    expected = [name for name in (registered if registered is not None else _reporting(hub)) if narrowing.takes(name)]
    waiting = refreshing.Waiting(hub, refresh["RefreshId"], expected)
    with progress(every_change=True) as tell:
        complete = waiting.until(timeout.total_seconds(), lambda state: tell(answers.state(state)))
    if as_json:
        jsonlines.write({**refresh, **answers.record(waiting)})
    answers.report(waiting)
    if not complete:
        raise answers.timed_out(hub, waiting, refresh["RefreshId"], registered, timeout)


def _check(hub: Installation, registered: Mapping[str, str], narrowing: Narrowing) -> None:
    """Refuse names that nobody is registered under: nobody would answer."""
    if not registered:
        # Where there is no hub at all, this says so.
        hub.client("dynamodb").describe_table(TableName=hub.table("spokes"))
        raise UserError(
            "refresh", "no spoke is registered here.", "Register one: aws ssm put-parameter, as the README shows."
        )
    for flag, asked, there in (
        ("--projects", narrowing.projects, {name.partition("/")[0] for name in registered}),
        ("--environments", narrowing.environments, {name.partition("/")[2] for name in registered}),
    ):
        for word in asked:
            if word not in there:
                raise UserError(f"{flag} {word}", "no spoke of that name is registered.", _those(there))
    if not any(narrowing.takes(name) for name in registered):
        raise UserError("--projects, --environments", "no spoke is registered for both.", _those(registered))


def _those(names: Sequence[str] | set[str] | Mapping[str, str]) -> str:
    return f"Registered are: {', '.join(sorted(names))}."


def _reporting(hub: Installation) -> list[str]:
    from ds_dashboard_cli.hub import items

    found = items.scan(
        hub.client("dynamodb"),
        hub.table("spokes"),
        ProjectionExpression="#project",
        ExpressionAttributeNames={"#project": "Project"},
    )
    return sorted(str(item["Project"]).replace("#", "/") for item in found)
