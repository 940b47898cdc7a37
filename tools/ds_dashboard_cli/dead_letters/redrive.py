"""Listing, redriving and deleting queued messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ds_dashboard_cli.aws_errors import explain
from ds_dashboard_cli.dead_letters import queues
from ds_dashboard_cli.dead_letters.messages import CannotRedrive, QueuedMessage, parse_message
from ds_dashboard_cli.dead_letters.queues import Queue
from ds_dashboard_cli.dead_letters.routing import Router
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.output.streams import Progress

_NOT_DELETED = "SQS did not delete it ({code}); to redrive it again is harmless, the tables contain each event once"


@dataclass(slots=True)
class Outcome:
    """The progress of a redrive or a deletion.

    Attributes:
        removed: the number of messages deleted from their queue, by the destination that they were sent to; the
            destination is empty for messages that were not sent.
        kept: one line for each message that stays in its queue although it was selected, with the reason.
        taken: the number of messages that could not be received again, because another consumer, such as a second
            redrive, has received or removed them.
    """

    removed: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    taken: int = 0


def list_messages(installation: Installation, found: Sequence[Queue]) -> list[QueuedMessage]:
    """List all messages of some queues, oldest first."""

    def read(queue: Queue) -> list[QueuedMessage]:
        return [parse_message(queue, message) for batch in queues.receive_all(installation, queue) for message in batch]

    with ThreadPoolExecutor(len(found)) as pool:
        messages = [queued for part in pool.map(read, found) for queued in part]
    return sorted(messages, key=lambda queued: (queued.message.sent_at, queued.message.id))


def select(messages: Sequence[QueuedMessage], identifiers: Sequence[str]) -> list[QueuedMessage]:
    """Select the messages whose IDs begin with the given texts.

    Raises:
        UserError: a text is the beginning of no ID, or of several.
    """
    selected: dict[str, QueuedMessage] = {}
    for identifier in identifiers:
        matching = [queued for queued in messages if queued.message.id.startswith(identifier)]
        if not matching:
            raise UserError(f"message {identifier}", "not found.", "Use `list` to see the IDs of all messages.")
        if len(matching) > 1:
            raise UserError(
                f"message {identifier}", f"{len(matching)} IDs begin with this text.", "Add more of the message's ID."
            )
        selected[matching[0].message.id] = matching[0]
    return list(selected.values())


def redrive(
    installation: Installation, messages: Sequence[QueuedMessage], outcome: Outcome, progress: Progress
) -> None:
    """Send messages to their destinations, and delete each one after it was sent.

    A message that cannot be sent, for whatever reason, is kept and does not stop those behind it.

    Args:
        installation: the installation that the messages belong to.
        messages: the messages to send.
        outcome: updated after each batch, so that it is correct even if this function raises.
        progress: shows the number of redriven messages.
    """
    router = Router(installation)

    def send(queued: QueuedMessage) -> str | None:
        try:
            route = router.route_for(queued)
            route.send()
        except Exception as error:  # noqa: BLE001 - whatever it is, the messages behind this one are sent
            outcome.kept.append(f"{queued.queue.name} {queued.message.id}: {_reason(error, installation)}")
            return None
        return route.destination

    _process(installation, messages, send, outcome, lambda count: progress(f"{count:,} of {len(messages):,} redriven"))


def _reason(error: Exception, installation: Installation) -> str:
    """Explain in one line why a message was not sent."""
    if isinstance(error, CannotRedrive):
        return str(error)
    explained = error if isinstance(error, UserError) else explain(error, installation)
    if explained is None:
        return f"{type(error).__name__}: {error}"
    return f"{explained.subject}: {explained.cause} {explained.remedy}"


def delete(installation: Installation, messages: Sequence[QueuedMessage], outcome: Outcome, progress: Progress) -> None:
    """Delete messages permanently.

    Args:
        installation: the installation that the messages belong to.
        messages: the messages to delete.
        outcome: updated after each batch, so that it is correct even if this function raises.
        progress: shows the number of deleted messages.
    """
    _process(
        installation, messages, lambda _: "", outcome, lambda count: progress(f"{count:,} of {len(messages):,} deleted")
    )


def _process(
    installation: Installation,
    messages: Sequence[QueuedMessage],
    process: Callable[[QueuedMessage], str | None],
    outcome: Outcome,
    progress: Callable[[int], None],
) -> None:
    """Receive the listed messages again, process each one, and delete it.

    The receipt handles of the listing are no longer valid. Messages that arrived after the listing are not processed.

    Args:
        installation: the installation that the messages belong to.
        messages: the listed messages.
        process: returns the destination that it sent a message to, or None to keep the message in its queue.
        outcome: updated after each batch.
        progress: receives the number of removed messages after each batch.
    """
    for queue in {queued.queue.role: queued.queue for queued in messages}.values():
        wanted = {queued.message.id for queued in messages if queued.queue == queue}
        with closing(queues.receive_all(installation, queue)) as batches:
            for batch in batches:
                destinations: dict[str, str] = {}
                try:
                    for message in batch:
                        if message.id in wanted:
                            wanted.discard(message.id)
                            if (destination := process(parse_message(queue, message))) is not None:
                                destinations[message.id] = destination
                finally:
                    # Also after an error: a message that was sent must not be sent again.
                    processed = [message for message in batch if message.id in destinations]
                    for message, code in queues.delete(installation, queue, processed):
                        if code is None:
                            outcome.removed[destinations[message.id]] += 1
                        else:
                            outcome.kept.append(f"{queue.name} {message.id}: {_NOT_DELETED.format(code=code)}")
                progress(outcome.removed.total())
                if not wanted:
                    break
        outcome.taken += len(wanted)
