"""Listing, sending again and deleting letters: all of them or some, each once, with progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ds_dashboard_cli.dead_letters import queues, routing
from ds_dashboard_cli.dead_letters.messages import QueuedMessage, read
from ds_dashboard_cli.dead_letters.queues import Message, Queue
from ds_dashboard_cli.dead_letters.routing import NotRedriven, Route
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation
    from ds_dashboard_cli.output.streams import Progress


@dataclass(slots=True)
class Done:
    """What became of the letters: how many there were, where they went, which stayed and why."""

    before: int = 0
    sent: dict[str, int] = field(default_factory=dict)
    deleted: int = 0
    kept: list[str] = field(default_factory=list)

    @property
    def gone(self) -> int:
        """How many are no longer there."""
        return sum(self.sent.values()) + self.deleted


def listed(hub: Installation, found: Sequence[Queue]) -> list[QueuedMessage]:
    """All letters of some queues, oldest first."""

    def of(queue: Queue) -> list[QueuedMessage]:
        return [read(queue, message) for batch in queues.received(hub, queue) for message in batch]

    hub.client("sqs")
    with ThreadPoolExecutor(len(found)) as pool:
        letters = [letter for part in pool.map(of, found) for letter in part]
    return sorted(letters, key=lambda letter: (letter.message.sent_at, letter.message.id))


def chosen(letters: Sequence[QueuedMessage], identifiers: Sequence[str]) -> list[QueuedMessage]:
    """The letters whose ids begin with these. Raises UserError for one that none or several begin with."""
    found: dict[str, QueuedMessage] = {}
    for identifier in identifiers:
        fitting = [letter for letter in letters if letter.message.id.startswith(identifier)]
        if len(fitting) != 1:
            raise UserError(
                f"message {identifier}",
                "there is none of that id." if not fitting else f"{len(fitting)} messages begin so.",
                "The list shows the ids of all there are." if not fitting else "Write more of its id.",
            )
        found[fitting[0].message.id] = fitting[0]
    return list(found.values())


def redrive(hub: Installation, letters: Sequence[QueuedMessage], done: Done, tell: Progress) -> None:
    """Send letters again, and delete each once it is sent; `done` says how far it came, also where AWS refused one."""
    # A spoke's account has no such queue, and its operators need not be let near one.
    of_hub = any(letter.queue.role not in queues.SPOKE_LETTERS for letter in letters)
    events = next(iter(queues.find_some(hub, [queues.EVENTS])), None) if of_hub else None

    def act(letter: QueuedMessage) -> Callable[[], None] | None:
        try:
            way: Route = routing.route_for(hub, letter, events)
            way.send()
        except NotRedriven as reason:
            done.kept.append(f"{letter.queue.name} {letter.message.id}: {reason}")
            return None
        return lambda: done.sent.update({way.to: done.sent.get(way.to, 0) + 1})

    _each(hub, letters, act, lambda: tell(f"{done.gone:,} of {len(letters):,} sent again"))


def delete(hub: Installation, letters: Sequence[QueuedMessage], done: Done, tell: Progress) -> None:
    """Delete letters for good."""

    def count() -> None:
        done.deleted += 1

    def act(letter: QueuedMessage) -> Callable[[], None]:
        return count

    _each(hub, letters, act, lambda: tell(f"{done.deleted:,} of {len(letters):,} deleted"))


def _each(
    hub: Installation,
    letters: Sequence[QueuedMessage],
    act: Callable[[QueuedMessage], Callable[[], None] | None],
    tell: Callable[[], None],
) -> None:
    """Act on letters that were listed, delete those that are done with, and count each once it is gone.

    A receipt of the listing has been given back, so they are received again; what came meanwhile is left alone.
    """
    for queue in {letter.queue.role: letter.queue for letter in letters}.values():
        wanted = {letter.message.id for letter in letters if letter.queue == queue}
        with closing(queues.received(hub, queue)) as batches:
            for batch in batches:
                finished: dict[str, tuple[Message, Callable[[], None]]] = {}
                try:
                    for message in batch:
                        if message.id in wanted:
                            wanted.discard(message.id)
                            if (count := act(read(queue, message))) is not None:
                                finished[message.id] = message, count
                finally:
                    # Also where the next one was refused: what was sent must not be sent again.
                    for gone in queues.delete(hub, queue, [message for message, _ in finished.values()]):
                        finished[gone.id][1]()
                tell()
                if not wanted:
                    break
