"""What `ds-dashboard rejected` and `ds-dashboard dead-letters` have in common."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.client.text import format_age
from ds_dashboard_cli.errors import FAILED, UserError
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, progress, write_json
from ds_dashboard_cli.output.tables import Column, Row
from ds_dashboard_cli.output.text import pluralize, visible

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.dead_letters.messages import QueuedMessage
    from ds_dashboard_cli.dead_letters.queues import Queue
    from ds_dashboard_cli.dead_letters.redrive import Done

# The archive asks Parameter Store once a minute whether a refusal still holds.
_DOUBT_SECONDS = 61


class ListByDefault(click.Group):
    """A group that lists where no command of it is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A shell that completes a word wants the names of the commands.
        if not ctx.resilient_parsing and (not args or (args[0].startswith("-") and args[0] not in ("-h", "--help"))):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def ids_and_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """The messages that a command acts on: some, by their ids, or all."""
    function = click.option("--all", "everything", is_flag=True, help="All that the other options leave.")(function)
    return click.argument("identifiers", nargs=-1, metavar="[ID]...")(function)


yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def show_list(
    letters: Sequence[QueuedMessage],
    columns: Sequence[Column],
    row: Callable[[QueuedMessage, datetime], Row],
    as_json: bool,
) -> None:
    """List letters, oldest first."""
    now = dates.now()
    if as_json:
        for letter in letters:
            write_json(letter.record_for_programs(now))
        return
    if not tables.print_table(columns, (row(letter, now) for letter in letters)):
        note("Nothing lies there.")


def note_in_flight(hub: Installation, found: Sequence[Queue]) -> None:
    """Say how many messages cannot be seen, since somebody is looking at them."""
    from ds_dashboard_cli.dead_letters import queues

    for queue in found:
        hidden = queues.counts(hub, queue)[1]
        if hidden:
            note(f"{queue.name}: somebody else is looking at {pluralize(hidden, 'message')} more.")


def show_one(letter: QueuedMessage, as_json: bool) -> None:
    """Show a letter whole."""
    record = letter.record_for_programs(dates.now())
    if as_json:
        write_json(record)
        return
    console = tables.stdout_console()
    from rich.text import Text

    record["SentAt"] = f"{record['SentAt']} ({format_age(dates.now() - letter.sent_at)} ago)"
    attributes = {f"Attribute {name}": value for name, value in record.pop("Attributes").items()}
    body = record.pop("Body")
    del record["AgeSeconds"]
    for name, value in {**record, **attributes, "Body": body}.items():
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), visible(value)), soft_wrap=True)


def select(letters: Sequence[QueuedMessage], identifiers: Sequence[str], everything: bool) -> list[QueuedMessage]:
    """The letters that a command acts on. Raises UserError, or a usage error where nothing or both is said."""
    from ds_dashboard_cli.dead_letters import redrive

    if bool(identifiers) == everything:
        raise click.UsageError("Name the messages by their ids, as the list shows them, or say --all.")
    return list(letters) if everything else redrive.chosen(letters, identifiers)


def run_redrive(hub: Installation, letters: Sequence[QueuedMessage], before: int) -> None:
    """Send letters again, and say how many there were, where they went and what is left."""
    from ds_dashboard_cli.dead_letters import redrive

    done = redrive.Done(before=before)
    note(f"{pluralize(before, 'message')} before.")
    with progress(every_change=True) as tell:
        _wait_for_the_archive_to_ask_again(letters, tell)
        try:
            redrive.redrive(hub, letters, done, tell)
        finally:
            for to, count in sorted(done.sent.items()):
                note(f"{pluralize(count, 'message')} sent again to {to}.")
            _finish(done)
    if done.kept:
        raise UserError(
            pluralize(len(done.kept), "message"),
            "could not be sent again, and stay where they are:",
            "Show them with `show ID`; `delete ID` takes away for good what is of no use.",
            problems=tuple(done.kept[:20]),
        )
    if len(letters) != done.gone:
        note("Some were gone before they could be sent: somebody else has taken them.")


def run_delete(hub: Installation, letters: Sequence[QueuedMessage], before: int, yes: bool) -> None:
    """Delete letters for good, once that is confirmed."""
    from ds_dashboard_cli.dead_letters import redrive

    if not letters:
        note("Nothing to delete.")
        return
    for letter in letters[:10]:
        note(f"  {letter.message.id}  {letter.subject}: {letter.code}")
    if len(letters) > 10:
        note(f"  and {len(letters) - 10:,} more")
    _confirm(f"Delete {pluralize(len(letters), 'message')} for good? What is in them is lost then.", yes)
    done = redrive.Done(before=before)
    with progress(every_change=True) as tell:
        try:
            redrive.delete(hub, letters, done, tell)
        finally:
            note(f"{pluralize(before, 'message')} before, {done.deleted:,} deleted.")
            _finish(done)


def _finish(done: Done) -> None:
    note(f"{pluralize(max(0, done.before - done.gone), 'message')} left.")


def _confirm(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError("--yes", "is missing: there is nobody here to ask.", "Add --yes to delete.", usage=True)
    if not click.confirm(question, err=True):
        note("Nothing was deleted.")
        raise click.exceptions.Exit(FAILED)


def _wait_for_the_archive_to_ask_again(letters: Sequence[QueuedMessage], tell: Callable[[str], None]) -> None:
    refused = [letter.sent_at for letter in letters if letter.code == "Unregistered"]
    if not refused:
        return
    wait = _DOUBT_SECONDS - (dates.now() - max(refused)).total_seconds()
    if 0 < wait <= _DOUBT_SECONDS:
        tell(f"waiting {wait:.0f} s: the archive has just refused one, and asks once a minute who is registered")
        time.sleep(wait)
