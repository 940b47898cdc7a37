"""Listing, redriving and deleting queued messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ds_dashboard.identity import EVENTS_QUEUE, SPOKE_DEAD_LETTER_QUEUES
from ds_dashboard_cli.dead_letters import queues
from ds_dashboard_cli.dead_letters.messages import QueuedMessage, parse_message
from ds_dashboard_cli.dead_letters.queues import Message, Queue
from ds_dashboard_cli.dead_letters.routing import CannotRedrive, route_for
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.output.streams import Progress


@dataclass(slots=True)
class Outcome:
    """The progress of a redrive or a deletion.

    Attributes:
        before: the number of messages in the queues before it began.
        sent: destination -> number of messages sent there and deleted from their queue.
        deleted: the number of messages deleted without being sent.
        failed: one line for each message that cannot be redriven, with the reason.
    """

    before: int = 0
    sent: dict[str, int] = field(default_factory=dict)
    deleted: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def removed(self) -> int:
        """The number of messages that are no longer in the queues."""
        return sum(self.sent.values()) + self.deleted


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

    Args:
        installation: the installation that the messages belong to.
        messages: the messages to send.
        outcome: updated after each batch, so that it is correct even if this function raises.
        progress: shows the number of redriven messages.
    """
    # A spoke's account has no such queue, and its operators may have no permission to look for one.
    of_hub = any(queued.queue.role not in SPOKE_DEAD_LETTER_QUEUES for queued in messages)
    events = next(iter(queues.find_existing(installation, [EVENTS_QUEUE])), None) if of_hub else None

    def send(queued: QueuedMessage) -> Callable[[], None] | None:
        try:
            route = route_for(installation, queued, events)
            route.send()
        except CannotRedrive as reason:
            outcome.failed.append(f"{queued.queue.name} {queued.message.id}: {reason}")
            return None
        return lambda: outcome.sent.update({route.destination: outcome.sent.get(route.destination, 0) + 1})

    _process(installation, messages, send, lambda: progress(f"{outcome.removed:,} of {len(messages):,} redriven"))


def delete(installation: Installation, messages: Sequence[QueuedMessage], outcome: Outcome, progress: Progress) -> None:
    """Delete messages permanently.

    Args:
        installation: the installation that the messages belong to.
        messages: the messages to delete.
        outcome: updated after each batch, so that it is correct even if this function raises.
        progress: shows the number of deleted messages.
    """

    def count() -> None:
        outcome.deleted += 1

    _process(
        installation, messages, lambda _: count, lambda: progress(f"{outcome.deleted:,} of {len(messages):,} deleted")
    )


def _process(
    installation: Installation,
    messages: Sequence[QueuedMessage],
    process: Callable[[QueuedMessage], Callable[[], None] | None],
    report: Callable[[], None],
) -> None:
    """Receive the listed messages again, process each one, and delete it.

    The receipt handles of the listing are no longer valid. Messages that arrived after the listing are not processed.

    Args:
        installation: the installation that the messages belong to.
        messages: the listed messages.
        process: returns the function to call after the message was deleted, or None to keep the message.
        report: called after each batch.
    """
    for queue in {queued.queue.role: queued.queue for queued in messages}.values():
        wanted = {queued.message.id for queued in messages if queued.queue == queue}
        with closing(queues.receive_all(installation, queue)) as batches:
            for batch in batches:
                processed: dict[str, tuple[Message, Callable[[], None]]] = {}
                try:
                    for message in batch:
                        if message.id in wanted:
                            wanted.discard(message.id)
                            if (on_deleted := process(parse_message(queue, message))) is not None:
                                processed[message.id] = message, on_deleted
                finally:
                    # Also after an error: a message that was sent must not be sent again.
                    for deleted in queues.delete(installation, queue, [message for message, _ in processed.values()]):
                        processed[deleted.id][1]()
                report()
                if not wanted:
                    break
