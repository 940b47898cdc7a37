"""`ds-dashboard doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ds_dashboard_cli.errors import FAILED, UserError
from ds_dashboard_cli.options import installation_options, json_option
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, progress, write_json
from ds_dashboard_cli.output.text import pluralize, visible

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.doctor.report import Finding

_EPILOG = """\b
Examples:
  ds-dashboard doctor --side hub
  ds-dashboard doctor --side spoke --profile project1
  ds-dashboard doctor --side hub --all --json | jq -r 'select(.Status == "BROKEN") | .Cure'

\b
Exit codes: 1 where a link is broken; else as everywhere.
"""
_FUNCTION = {"hub": "archive", "spoke": "extract"}
_STYLES = {"BROKEN": "bold red", "WARNING": "yellow", "NOT CHECKED": "magenta", "ok": "green"}


@click.command("doctor", epilog=_EPILOG)
@click.option("--side", type=click.Choice(["hub", "spoke"]), required=True, help="Which side of this account.")
@click.option(
    "--monitors-path",
    default="/monitors",
    show_default=True,
    metavar="PATH",
    help="Spoke: where its hubs are registered, as in modules/connection.",
)
@click.option("--all", "everything", is_flag=True, help="Show the links that are good, too.")
@json_option
@installation_options
def doctor_command(hub: Installation, side: str, monitors_path: str, everything: bool, as_json: bool) -> None:
    """Walk the whole connection on one side, and say what is wrong and the command that mends it.

    It looks at parameters, bus policies, rules, targets, roles, queues, functions, schedules, keys and the last
    answers, and changes nothing. What you may not look at is said, and passed over.
    """
    from ds_dashboard.client import settings
    from ds_dashboard_cli.aws.missing import elsewhere
    from ds_dashboard_cli.doctor import hub as hub_checks
    from ds_dashboard_cli.doctor import spoke as spoke_checks
    from ds_dashboard_cli.doctor.account import Account
    from ds_dashboard_cli.doctor.context import Context
    from ds_dashboard_cli.doctor.report import BROKEN, GOOD, UNCHECKED, WARNING, Remedies, Report

    with progress() as tell:
        report = Report(hub, tell)
        account = Account(hub)
        if account.bus(f"{hub.name}-{side}") is None and account.function(f"{hub.name}-{_FUNCTION[side]}") is None:
            raise UserError(
                f"{side} {hub.name}", f"there is none in account {hub.account}, region {hub.region}.", elsewhere(hub)
            )
        context = Context(hub, account, report, Remedies(hub))
        if side == "hub":
            hub_checks.check(context, settings.read_settings(hub, note))
        else:
            spoke_checks.check(context, monitors_path.rstrip("/"))
    bad = {finding.thing for finding in report.findings if finding.status != GOOD}
    shown = [one for one in report.findings if one.status != GOOD or (everything and one.thing not in bad)]
    if as_json:
        for finding in shown:
            write_json(finding.record())
    else:
        _show(shown)
    note(
        f"{pluralize(report.looked_at, 'link')} looked at: {report.count(BROKEN)} broken, "
        f"{pluralize(report.count(WARNING), 'warning')}, {report.count(UNCHECKED)} not checked."
    )
    if report.count(BROKEN):
        raise click.exceptions.Exit(FAILED)


def _show(findings: list[Finding]) -> None:
    from rich.text import Text

    console = tables.stdout_console()
    for finding in findings:
        line = Text.assemble((finding.status, _STYLES[finding.status]), " ", (visible(finding.thing), "bold"))
        if finding.cause:
            line.append(f" {visible(finding.cause)}")
        console.print(line, soft_wrap=True)
        if finding.cure:
            console.print(Text(f"  $ {visible(finding.cure)}", style="cyan"), soft_wrap=True)
