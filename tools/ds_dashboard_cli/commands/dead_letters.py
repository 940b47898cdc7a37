"""`ds-dashboard dead-letters` and `ds-dashboard rejected`: the same four commands over different queues."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.identity import HUB_DEAD_LETTER_QUEUES, REJECTED_QUEUE, SIDES, SPOKE_DEAD_LETTER_QUEUES
from ds_dashboard.text import format_age, pluralize, visible
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import (
    Instant,
    ListByDefault,
    check_period,
    confirm,
    environment_option,
    installation_options,
    json_option,
    project_option,
    yes_option,
)
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.streams import note, progress, write_json
from ds_dashboard_cli.output.tables import Column, Row

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.dead_letters.messages import QueuedMessage
    from ds_dashboard_cli.dead_letters.redrive import Outcome

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

# The archive looks up an account that it has rejected at most once per minute.
_RECHECK_SECONDS = 61
_MAX_LISTED = 10
_MAX_DETAILS = 20
_ROLES = {"hub": HUB_DEAD_LETTER_QUEUES, "spoke": SPOKE_DEAD_LETTER_QUEUES}
_CELLS: Mapping[str, Callable[[QueuedMessage, datetime], str]] = {
    "ID": lambda queued, _: queued.message.id,
    "QUEUE": lambda queued, _: queued.queue.role,
    "AGE": lambda queued, now: format_age(now - queued.sent_at),
    "WHAT": lambda queued, _: queued.subject,
    "CODE": lambda queued, _: queued.code,
    "ACCOUNT": lambda queued, _: queued.account,
    "REASON": lambda queued, _: queued.reason,
}
_FOLDED_COLUMNS = ("WHAT", "REASON")


# The time that SQS recorded: the time in an event is its sender's choice.
_PERIOD = (
    click.option(
        "--since",
        type=Instant(),
        metavar="WHEN",
        help="Only messages that arrived in their queue at this time or later: 12h or 7d ago, or a date such as "
        "2026-11-23T20:48 (UTC). See SentAt in --json.",
    ),
    click.option(
        "--until", type=Instant(), metavar="WHEN", help="Only messages that arrived in their queue before this time."
    ),
)


def _arrived_in(
    messages: Sequence[QueuedMessage], since: datetime | None, until: datetime | None
) -> list[QueuedMessage]:
    """Select the messages that arrived in their queue in a period, which excludes its end."""
    check_period(since, until)
    return [
        queued
        for queued in messages
        if (since is None or queued.sent_at >= since) and (until is None or queued.sent_at < until)
    ]


def _read_dead_letters(
    installation: Installation,
    side: str | None = None,
    names: tuple[str, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[list[QueuedMessage], list[QueuedMessage]]:
    roles = _ROLES[side] if side else (*HUB_DEAD_LETTER_QUEUES, *SPOKE_DEAD_LETTER_QUEUES)
    if names:
        selected = {name.removeprefix(f"{installation.name}-") for name in names}
        unknown = sorted(selected - {*roles})
        if unknown:
            raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(roles)}.", param_hint="--queue")
        roles = tuple(role for role in roles if role in selected)
    messages = _list(installation, roles)
    return _arrived_in(messages, since, until), messages


def _read_rejected(
    installation: Installation,
    projects: tuple[str, ...] = (),
    environments: tuple[str, ...] = (),
    code: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[list[QueuedMessage], list[QueuedMessage]]:
    from ds_dashboard.client.tables import SpokeFilter

    messages = _list(installation, [REJECTED_QUEUE])
    spokes = SpokeFilter(projects, environments)
    # A malformed event may have no project.
    selected = [
        queued
        for queued in _arrived_in(messages, since, until)
        if (not (projects or environments) or spokes.matches(queued.project)) and code in (None, queued.code)
    ]
    return selected, messages


def _list(installation: Installation, roles: Sequence[str]) -> list[QueuedMessage]:
    from ds_dashboard_cli.dead_letters import queues, redrive

    found = queues.find(installation, roles)
    for queue in found:
        _, in_flight = queues.count(installation, queue)
        if in_flight:
            note(f"{queue.name}: {pluralize(in_flight, 'more message')} received by another consumer.")
    return redrive.list_messages(installation, found)


def _make_group(
    name: str,
    help: str,  # noqa: A002
    examples: Sequence[str],
    commands: Mapping[str, tuple[str, Sequence[str]]],
    columns: Sequence[str],
    options: Sequence[Option],
    read: Callable[..., tuple[list[QueuedMessage], list[QueuedMessage]]],
) -> click.Group:
    """Create a group with the commands list, show, redrive and delete.

    Args:
        name: the group's name.
        help: the group's help.
        examples: the group's examples, without the beginning `ds-dashboard <name>`.
        commands: help and examples of each command.
        columns: headings of the listed columns.
        options: options that select messages.
        read: reads the messages that these options select; returns them and all messages.
    """

    def texts(help: str, examples: Sequence[str]) -> dict[str, Any]:  # noqa: A002
        lines = [f"  ds-dashboard {name} {example}".rstrip() for example in examples]
        return {"help": help, "epilog": "\n".join(["\b", "Examples:", *lines, ""])}

    def selection(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    def ids_or_all(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option(
            "--all", "everything", is_flag=True, help="All messages that the other options select."
        )(function)
        return click.argument("identifiers", nargs=-1, metavar="[ID]...")(function)

    group = ListByDefault(name, **texts(help, examples))

    @group.command("list", **texts(*commands["list"]))
    @selection
    @json_option
    @installation_options
    def list_command(installation: Installation, as_json: bool, **selected: Any) -> None:
        _show_list(read(installation, **selected)[0], columns, as_json)

    @group.command("show", **texts(*commands["show"]))
    @click.argument("identifier", metavar="ID")
    @json_option
    @installation_options
    def show_command(installation: Installation, identifier: str, as_json: bool) -> None:
        from ds_dashboard_cli.dead_letters import redrive

        _show_one(redrive.select(read(installation)[0], [identifier])[0], as_json)

    @group.command("redrive", **texts(*commands["redrive"]))
    @ids_or_all
    @selection
    @installation_options
    def redrive_command(
        installation: Installation, identifiers: tuple[str, ...], everything: bool, **selected: Any
    ) -> None:
        messages, listed = read(installation, **selected)
        _redrive(installation, _select(messages, identifiers, everything), listed)

    @group.command("delete", **texts(*commands["delete"]))
    @ids_or_all
    @selection
    @yes_option
    @installation_options
    def delete_command(
        installation: Installation, identifiers: tuple[str, ...], everything: bool, yes: bool, **selected: Any
    ) -> None:
        messages, listed = read(installation, **selected)
        _delete(installation, _select(messages, identifiers, everything), listed, yes)

    return group


dead_letters_group = _make_group(
    "dead-letters",
    "List, redrive or delete messages that could not be delivered or processed.\n\n"
    "Without a command, lists the messages in all dead-letter queues of the hub and the spoke in this account. Only "
    "`delete` deletes messages, and `redrive` after it has sent them.",
    ["", "show 7c9f", "redrive --all --side spoke --profile project1"],
    {
        "list": (
            "List the messages in the dead-letter queues, oldest first, with the reason.",
            ["list --side hub --json"],
        ),
        "show": ("Show a message completely. The beginning of its ID is enough.", ["show 7c9f"]),
        "redrive": (
            "Send messages to their original destination: the archive's queue, a bus, or a function.\n\n"
            "An event that arrives twice is in the tables once. A message that cannot be sent stays in its queue, with "
            "the reason on standard error; the others are sent, and the exit code is 1.",
            ["redrive 7c9f 81aa", "redrive --all --queue events-dead-letters --until 2026-11-23T20:48"],
        ),
        "delete": ("Delete messages permanently.", ["delete 7c9f"]),
    },
    ["ID", "QUEUE", "AGE", "WHAT", "CODE", "REASON"],
    [
        click.option("--side", type=click.Choice(SIDES), help="Only the hub or the spoke.  [default: both]"),
        click.option("--queue", "names", multiple=True, metavar="NAME", help="Only this queue. May be repeated."),
        *_PERIOD,
    ],
    _read_dead_letters,
)

rejected_group = _make_group(
    "rejected",
    "List, redrive or delete the events that the hub has rejected.\n\n"
    "Without a command, lists them. Only `delete` deletes events, and `redrive` after it has sent them.",
    ["", "show 7c9f", "redrive --all --project Project1"],
    {
        "list": ("List the rejected events, oldest first, with the reason.", ["list --code Malformed --json"]),
        "show": ("Show a rejected event completely. The beginning of its ID is enough.", ["show 7c9f"]),
        "redrive": (
            "Send rejected events unchanged to the archive's queue. An event that is still invalid is rejected again."
            "\n\nAfter a rejection, the archive looks up the account's registration again at most once per minute. "
            "The command waits until it does. A message that cannot be sent stays in the queue, with the reason on "
            "standard error; the others are sent, and the exit code is 1.",
            ["redrive 7c9f 81aa", "redrive --all --code Unregistered --project Project1 --until 2026-11-23T20:48"],
        ),
        "delete": ("Delete rejected events permanently.", ["delete 7c9f"]),
    },
    ["ID", "AGE", "CODE", "ACCOUNT", "WHAT", "REASON"],
    [
        project_option,
        environment_option,
        click.option(
            "--code",
            type=click.Choice(["Unregistered", "Malformed", "TooLarge", "DateAhead", "Refused"]),
            help="Only events that were rejected for this reason.",
        ),
        *_PERIOD,
    ],
    _read_rejected,
)


def _show_list(messages: Sequence[QueuedMessage], headings: Sequence[str], as_json: bool) -> None:
    now = dates.now()
    if as_json:
        for queued in messages:
            write_json(queued.as_record(now))
        return
    columns = [Column(heading, folds=heading in _FOLDED_COLUMNS) for heading in headings]
    rows = (Row([visible(_CELLS[heading](queued, now)) for heading in headings]) for queued in messages)
    if not tables.print_table(columns, rows):
        note("No messages.")


def _show_one(queued: QueuedMessage, as_json: bool) -> None:
    now = dates.now()
    record = queued.as_record(now)
    if as_json:
        write_json(record)
        return
    from rich.text import Text

    console = tables.stdout_console()
    record["SentAt"] = f"{record['SentAt']} ({format_age(now - queued.sent_at)} ago)"
    attributes = {f"Attribute {name}": value for name, value in record.pop("Attributes").items()}
    body = record.pop("Body")
    del record["AgeSeconds"]
    for name, value in {**record, **attributes, "Body": body}.items():
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), visible(value)), soft_wrap=True)


def _select(messages: Sequence[QueuedMessage], identifiers: Sequence[str], everything: bool) -> list[QueuedMessage]:
    from ds_dashboard_cli.dead_letters import redrive

    if bool(identifiers) == everything:
        raise click.UsageError("Name the messages by the IDs that `list` shows, or use --all.")
    return list(messages) if everything else redrive.select(messages, identifiers)


def _redrive(installation: Installation, messages: Sequence[QueuedMessage], listed: Sequence[QueuedMessage]) -> None:
    from ds_dashboard_cli.dead_letters import redrive

    outcome = redrive.Outcome()
    note(f"{pluralize(len(listed), 'message')} before.")
    with progress(every_change=True) as show:
        _wait_for_recheck(messages, show)
        try:
            redrive.redrive(installation, messages, outcome, show)
        finally:
            for destination, count in sorted(outcome.removed.items()):
                note(f"{pluralize(count, 'message')} redriven to {destination}.")
            _note_left(installation, listed, outcome)
    _check_kept(outcome, "redriven")


def _delete(
    installation: Installation, messages: Sequence[QueuedMessage], listed: Sequence[QueuedMessage], yes: bool
) -> None:
    from ds_dashboard_cli.dead_letters import redrive

    if not messages:
        note("No messages to delete.")
        return
    for queued in messages[:_MAX_LISTED]:
        note(f"  {queued.message.id}  {queued.subject}: {queued.code}")
    if len(messages) > _MAX_LISTED:
        note(f"  and {len(messages) - _MAX_LISTED:,} more")
    confirm(f"Delete {pluralize(len(messages), 'message')} permanently?", yes)
    outcome = redrive.Outcome()
    with progress(every_change=True) as show:
        try:
            redrive.delete(installation, messages, outcome, show)
        finally:
            note(f"{pluralize(len(listed), 'message')} before, {outcome.removed.total():,} deleted.")
            _note_left(installation, listed, outcome)
    _check_kept(outcome, "deleted")


def _check_kept(outcome: Outcome, verb: str) -> None:
    """Fail if some of the selected messages are still in their queues, and say why."""
    if outcome.kept:
        more = len(outcome.kept) - _MAX_DETAILS
        raise UserError(
            pluralize(len(outcome.kept), "message"),
            f"could not be {verb} and stay in their queues:",
            "Inspect them with `show ID`, and delete what you no longer need with `delete ID`.",
            details=(*outcome.kept[:_MAX_DETAILS], *([f"and {more:,} more"] if more > 0 else [])),
        )


def _note_left(installation: Installation, listed: Sequence[QueuedMessage], outcome: Outcome) -> None:
    from ds_dashboard_cli.dead_letters import queues

    if not outcome.taken:
        note(f"{pluralize(len(listed) - outcome.removed.total(), 'message')} left.")
        return
    # They are gone if the other consumer was a redrive or a deletion, and left if it only listed them.
    note(f"{pluralize(outcome.taken, 'message')} received or removed by another consumer in the meantime.")
    left = sum(sum(queues.count(installation, queue)) for queue in {queued.queue for queued in listed})
    note(f"About {pluralize(left, 'message')} left, including those that another consumer has received.")


def _wait_for_recheck(messages: Sequence[QueuedMessage], show: Callable[[str], None]) -> None:
    """Wait until the archive looks up accounts again that it has just rejected as unregistered."""
    rejected = [queued.sent_at for queued in messages if queued.code == "Unregistered"]
    if not rejected:
        return
    wait = _RECHECK_SECONDS - (dates.now() - max(rejected)).total_seconds()
    if 0 < wait <= _RECHECK_SECONDS:
        show(
            f"waiting {wait:.0f} s: the archive has just rejected an event, and rechecks registrations once per minute"
        )
        time.sleep(wait)
