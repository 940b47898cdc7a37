"""`ds-dashboard dead-letters`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard.client.text import format_age
from ds_dashboard_cli.commands import queue_commands as common
from ds_dashboard_cli.options import installation_options, json_option
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.output.text import visible

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.dead_letters.messages import QueuedMessage

_EPILOG = """\b
Examples:
  ds-dashboard dead-letters                            what did not arrive, and why
  ds-dashboard dead-letters show 7c9f
  ds-dashboard dead-letters redrive --all --side spoke --profile project1
"""
_COLUMNS = (
    Column("ID"),
    Column("QUEUE"),
    Column("AGE"),
    Column("WHAT", folds=True),
    Column("CODE"),
    Column("REASON", folds=True),
)


@click.group("dead-letters", cls=common.ListByDefault, epilog=_EPILOG)
def dead_letters_group() -> None:
    """Look at what could not be delivered or processed, send it again, or delete it.

    Without a command it is listed: all dead-letter queues that the hub and the spoke of this name have in this account.
    Nothing is deleted but by `delete`, and by `redrive` once it is sent again.
    """


def _queue_options(function: Callable[..., Any]) -> Callable[..., Any]:
    function = click.option(
        "--queue", "wanted", multiple=True, metavar="NAME", help="Only of this queue; may be repeated."
    )(function)
    return click.option(
        "--side", type=click.Choice(["hub", "spoke"]), help="Only of the hub or of the spoke.  [default: both]"
    )(function)


def _letters(hub: Installation, side: str | None, wanted: tuple[str, ...]) -> list[QueuedMessage]:
    from ds_dashboard_cli.dead_letters import queues, redrive

    roles = queues.SIDES[side] if side else (*queues.HUB_LETTERS, *queues.SPOKE_LETTERS)
    if wanted:
        names = {name.removeprefix(f"{hub.name}-") for name in wanted}
        unknown = sorted(names - {*roles})
        if unknown:
            raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(roles)}.", param_hint="--queue")
        roles = tuple(role for role in roles if role in names)
    found = queues.find(hub, roles)
    common.note_in_flight(hub, found)
    return redrive.listed(hub, found)


def _row(letter: QueuedMessage, now: datetime) -> Row:
    return Row(
        [
            letter.message.id,
            letter.queue.role,
            format_age(now - letter.sent_at),
            visible(letter.subject),
            visible(letter.code),
            visible(letter.reason),
        ]
    )


@dead_letters_group.command("list", epilog="\b\nExamples:\n  ds-dashboard dead-letters list --side hub --json\n")
@_queue_options
@json_option
@installation_options
def list_command(hub: Installation, side: str | None, wanted: tuple[str, ...], as_json: bool) -> None:
    """List what did not arrive, oldest first, with the reason."""
    common.show_list(_letters(hub, side, wanted), _COLUMNS, _row, as_json)


@dead_letters_group.command("show", epilog="\b\nExamples:\n  ds-dashboard dead-letters show 7c9f\n")
@click.argument("identifier", metavar="ID")
@json_option
@installation_options
def show_command(hub: Installation, identifier: str, as_json: bool) -> None:
    """Show one message whole; the beginning of its id is enough."""
    from ds_dashboard_cli.dead_letters import redrive

    common.show_one(redrive.chosen(_letters(hub, None, ()), [identifier])[0], as_json)


@dead_letters_group.command(
    "redrive",
    epilog="\b\nExamples:\n  ds-dashboard dead-letters redrive 7c9f 81aa\n"
    "  ds-dashboard dead-letters redrive --all --queue events-dead-letters\n",
)
@common.ids_and_all
@_queue_options
@installation_options
def redrive_command(
    hub: Installation, identifiers: tuple[str, ...], everything: bool, side: str | None, wanted: tuple[str, ...]
) -> None:
    """Send messages again to where they were on their way: the archive's queue, a bus, or a function.

    What arrives a second time is in the tables once.
    """
    letters = _letters(hub, side, wanted)
    common.run_redrive(hub, common.select(letters, identifiers, everything), len(letters))


@dead_letters_group.command("delete", epilog="\b\nExamples:\n  ds-dashboard dead-letters delete 7c9f\n")
@common.ids_and_all
@_queue_options
@common.yes_option
@installation_options
def delete_command(
    hub: Installation,
    identifiers: tuple[str, ...],
    everything: bool,
    side: str | None,
    wanted: tuple[str, ...],
    yes: bool,
) -> None:
    """Delete messages for good."""
    letters = _letters(hub, side, wanted)
    common.run_delete(hub, common.select(letters, identifiers, everything), len(letters), yes)
