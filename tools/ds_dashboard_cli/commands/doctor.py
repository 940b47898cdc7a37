"""`ds-dashboard doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ds_dashboard.identity import DEFAULT_MONITORS_PATH, SIDES
from ds_dashboard.text import pluralize, visible
from ds_dashboard_cli.errors import FAILED, UserError
from ds_dashboard_cli.options import installation_options, json_option
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, progress, write_json

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.doctor.context import Finding

_EPILOG = """\b
Examples:
  ds-dashboard doctor --side hub
  ds-dashboard doctor --side spoke --profile project1
  ds-dashboard doctor --side hub --all --json | jq -r 'select(.Status == "BROKEN") | .Cure'

\b
Exit codes: 1 if a link is broken; otherwise as for every command.
"""
_STYLES = {"BROKEN": "bold red", "WARNING": "yellow", "NOTE": "cyan", "NOT CHECKED": "magenta", "ok": "green"}


@click.command("doctor", epilog=_EPILOG)
@click.option("--side", type=click.Choice(SIDES), required=True, help="The side in this account.")
@click.option(
    "--monitors-path",
    default=DEFAULT_MONITORS_PATH,
    show_default=True,
    metavar="PATH",
    help="For a spoke: the SSM path of its hubs, as in modules/connection.",
)
@click.option("--all", "everything", is_flag=True, help="Show links without problems as well.")
@json_option
@installation_options
def doctor_command(installation: Installation, side: str, monitors_path: str, everything: bool, as_json: bool) -> None:
    """Check every link of the hub or the spoke, and print the command that fixes each problem.

    Checks parameters, bus policies, rules, targets, roles, queues, functions, schedules, keys and the last responses,
    and changes nothing. Checks that you lack permissions for are reported as not checked.
    """
    from ds_dashboard.client.settings import read_settings
    from ds_dashboard_cli.aws_errors import suggest_other_places
    from ds_dashboard_cli.doctor import hub, spoke
    from ds_dashboard_cli.doctor.account import Account, side_exists
    from ds_dashboard_cli.doctor.context import BROKEN, GOOD, UNCHECKED, WARNING, Context, Remedies, Report

    names = installation.names
    with progress() as show:
        report, account = Report(installation, show), Account(installation)
        if not side_exists(account, names, side):
            raise UserError(
                f"{side} {installation.name}",
                f"does not exist in account {installation.account}, region {installation.region}.",
                suggest_other_places(installation),
            )
        context = Context(installation, account, report, Remedies(installation))
        if side == "hub":
            hub.check(context, read_settings(installation, note))
        else:
            spoke.check(context, monitors_path.rstrip("/"))
    bad = {finding.thing for finding in report.findings if finding.status != GOOD}
    shown = [one for one in report.findings if one.status != GOOD or (everything and one.thing not in bad)]
    if as_json:
        for finding in shown:
            write_json(finding.as_record())
    else:
        _print(shown)
    note(
        f"{pluralize(report.checked, 'link')} checked: {report.count(BROKEN)} broken, "
        f"{pluralize(report.count(WARNING), 'warning')}, {report.count(UNCHECKED)} not checked."
    )
    if report.count(BROKEN):
        raise click.exceptions.Exit(FAILED)


def _print(findings: Sequence[Finding]) -> None:
    from rich.text import Text

    console = tables.stdout_console()
    for finding in findings:
        line = Text.assemble((finding.status, _STYLES[finding.status]), " ", (visible(finding.thing), "bold"))
        if finding.cause:
            line.append(f" {visible(finding.cause)}")
        console.print(line, soft_wrap=True)
        if finding.remedy:
            console.print(Text(f"  $ {visible(finding.remedy)}", style="cyan"), soft_wrap=True)
