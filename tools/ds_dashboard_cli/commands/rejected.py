"""`ds-dashboard rejected`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ds_dashboard.client.text import format_age
from ds_dashboard_cli.commands import queue_commands as common
from ds_dashboard_cli.options import environment_option, installation_options, json_option, project_option
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.output.text import visible

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.dead_letters.messages import QueuedMessage

_EPILOG = """\b
Examples:
  ds-dashboard rejected                                what the hub has refused, and why
  ds-dashboard rejected show 7c9f
  ds-dashboard rejected redrive --all --project Project1
"""
_COLUMNS = (
    Column("ID"),
    Column("AGE"),
    Column("CODE"),
    Column("ACCOUNT"),
    Column("WHAT", folds=True),
    Column("REASON", folds=True),
)


@click.group("rejected", cls=common.ListByDefault, epilog=_EPILOG)
def rejected_group() -> None:
    """Look at the events that the hub has refused, send them again, or delete them.

    Without a command they are listed. Nothing is deleted but by `delete`, and by `redrive` once it is sent again.
    """


def _letters(
    hub: Installation, projects: tuple[str, ...], environments: tuple[str, ...], code: str | None
) -> tuple[list[QueuedMessage], list[QueuedMessage]]:
    """The letters that are meant, and all there are."""
    from ds_dashboard.client.tables import SpokeFilter
    from ds_dashboard_cli.dead_letters import queues, redrive

    found = queues.find(hub, [queues.REJECTED])
    common.note_in_flight(hub, found)
    every = redrive.listed(hub, found)
    spoke_filter = SpokeFilter(projects, environments)
    everybody = not projects and not environments
    meant = [
        letter
        for letter in every
        if (everybody or spoke_filter.matches(letter.project)) and code in (None, letter.code)
    ]
    return meant, every


def _row(letter: QueuedMessage, now: datetime) -> Row:
    return Row(
        [
            letter.message.id,
            format_age(now - letter.sent_at),
            visible(letter.code),
            visible(letter.account),
            visible(letter.subject),
            visible(letter.reason),
        ]
    )


_code_option = click.option(
    "--code",
    type=click.Choice(["Unregistered", "Malformed", "TooLarge", "DateAhead", "Refused"]),
    help="Only what was refused for this.",
)


@rejected_group.command("list", epilog="\b\nExamples:\n  ds-dashboard rejected list --code Malformed --json\n")
@project_option
@environment_option
@_code_option
@json_option
@installation_options
def list_command(
    hub: Installation, projects: tuple[str, ...], environments: tuple[str, ...], code: str | None, as_json: bool
) -> None:
    """List what the hub has refused, oldest first, with the reason."""
    meant, _ = _letters(hub, projects, environments, code)
    common.show_list(meant, _COLUMNS, _row, as_json)


@rejected_group.command("show", epilog="\b\nExamples:\n  ds-dashboard rejected show 7c9f\n")
@click.argument("identifier", metavar="ID")
@json_option
@installation_options
def show_command(hub: Installation, identifier: str, as_json: bool) -> None:
    """Show one refused event whole; the beginning of its id is enough."""
    from ds_dashboard_cli.dead_letters import redrive

    common.show_one(redrive.chosen(_letters(hub, (), (), None)[1], [identifier])[0], as_json)


@rejected_group.command(
    "redrive",
    epilog="\b\nExamples:\n  ds-dashboard rejected redrive 7c9f 81aa\n"
    "  ds-dashboard rejected redrive --all --code Unregistered --project Project1\n",
)
@common.ids_and_all
@project_option
@environment_option
@_code_option
@installation_options
def redrive_command(
    hub: Installation,
    identifiers: tuple[str, ...],
    everything: bool,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    code: str | None,
) -> None:
    """Send refused events to the archive's queue again, as they are; what is still wrong comes back.

    An event that was refused for an account that is not registered is sent once the archive will ask again who is: a
    minute after it last refused one.
    """
    meant, every = _letters(hub, projects, environments, code)
    common.run_redrive(hub, common.select(meant, identifiers, everything), len(every))


@rejected_group.command("delete", epilog="\b\nExamples:\n  ds-dashboard rejected delete 7c9f\n")
@common.ids_and_all
@project_option
@environment_option
@_code_option
@common.yes_option
@installation_options
def delete_command(
    hub: Installation,
    identifiers: tuple[str, ...],
    everything: bool,
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    code: str | None,
    yes: bool,
) -> None:
    """Delete refused events for good."""
    meant, every = _letters(hub, projects, environments, code)
    common.run_delete(hub, common.select(meant, identifiers, everything), len(every), yes)
