"""What the hub does with a batch of messages: judge each, keep what is accepted, put aside what is refused."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import emf, event
from ds_dashboard.event import Kind, Received
from ds_dashboard.hub import history, latest, rejection, spokes
from ds_dashboard.hub.history import Fate
from ds_dashboard.hub.registration import Registration
from ds_dashboard.hub.rejection import Rejected
from ds_dashboard.hub.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the queue: its id there, and the event as EventBridge delivered it."""

    message_id: str
    body: str


class _Batch:
    """The state of a batch: which messages hold which event, and what became of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.holders: dict[str, list[Message]] = {}
        self.events: dict[str, Received] = {}
        self.rejected: list[Rejected] = []
        self.failed: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def accept(self, message: Message, received: Received) -> None:
        self.holders.setdefault(received.dedup_key, []).append(message)
        self.events[received.dedup_key] = received

    def reject(self, message: Message, code: str, reason: str, received: Received | None = None) -> None:
        ids = {} if received is None else {"EventId": received.event_id, "AccountId": received.account}
        self.rejected.append(Rejected(message.message_id, message.body, code, reason, ids))

    def refuse(self, dedup_key: str, code: str, reason: str) -> None:
        received = self.events.pop(dedup_key)
        for message in self.holders[dedup_key]:
            self.reject(message, code, reason, received)

    def fail(self, dedup_key: str, reason: str) -> None:
        self.events.pop(dedup_key, None)
        self.failed.update({message.message_id: reason for message in self.holders[dedup_key]})

    def of(self, *kinds: Kind) -> list[Received]:
        return [received for received in self.events.values() if received.kind in kinds]


def archive(
    messages: Sequence[Message],
    settings: Settings,
    registration: Registration,
    now: datetime,
    seconds_left: Callable[[], float],
) -> list[str]:
    """Archive a batch, and return the ids of the messages that must be delivered again.

    No message makes this raise: what breaks the contract or comes from an account that is not registered goes to the
    rejected queue, and what a service did not take for now comes again.
    """
    batch = _Batch(settings)
    for message in messages:
        try:
            batch.accept(message, event.receive(message.body, now))
        except event.Malformed as fault:
            batch.reject(message, fault.code, str(fault))
    _judge(batch, registration)
    _keep_results(batch, now, seconds_left)
    for dedup_key, reason in spokes.note(batch.of(Kind.RUN, Kind.FAILURE), settings.spokes_table).items():
        batch.fail(dedup_key, reason)
    batch.failed.update(rejection.send(batch.rejected, settings.rejected_queue_url))
    _report(batch, messages)
    return list(batch.failed)


def _judge(batch: _Batch, registration: Registration) -> None:
    """Nobody writes for somebody else: the account that EventBridge names must be registered for the project."""
    try:
        registration.learn({(received.project.path, received.account) for received in batch.events.values()})
    except (ClientError, BotoCoreError) as error:
        # An outage refuses nothing: all of it comes again.
        for dedup_key in list(batch.events):
            batch.fail(dedup_key, f"the registry could not be asked: {error}")
        return
    for dedup_key, received in list(batch.events.items()):
        refusal = registration.refusal(received.project.path, received.account)
        if refusal is not None:
            batch.refuse(dedup_key, "Unregistered", refusal)


def _keep_results(batch: _Batch, now: datetime, seconds_left: Callable[[], float]) -> None:
    settings = batch.settings
    results = batch.of(Kind.RESULT)
    verdicts = history.store(results, settings.history_table, settings.retention_days, now, seconds_left)
    kept = []
    for received in results:
        verdict = verdicts[received.dedup_key]
        if verdict.fate is Fate.FAILED:
            batch.fail(received.dedup_key, verdict.reason)
        elif verdict.fate is Fate.REFUSED:
            batch.refuse(received.dedup_key, "Refused", verdict.reason)
        else:
            batch.counts[verdict.fate.value] += 1
            batch.counts[Fate.REDELIVERED.value] += len(batch.holders[received.dedup_key]) - 1
            if verdict.fate is not Fate.EXPIRED:
                kept.append(received)
    # After the history, since a value that is shown as the latest must be found there.
    for dedup_key, reason in latest.keep(kept, settings.latest_table, seconds_left).items():
        batch.fail(dedup_key, reason)


def _report(batch: _Batch, messages: Sequence[Message]) -> None:
    """One line a batch, with the ids by which a value can be followed, and the counts that the alarms watch."""
    counts = {
        **{fate.value: batch.counts[fate.value] for fate in (Fate.STORED, Fate.REDELIVERED, Fate.EXPIRED)},
        "Rejected": sum(rejected.message_id not in batch.failed for rejected in batch.rejected),
        "Failed": len(batch.failed),
        "ExtractionFailures": len(batch.of(Kind.FAILURE)),
    }
    log.info(
        "batch archived",
        extra={
            "event": "batch",
            "messages": len(messages),
            **counts,
            "EventIds": [received.event_id for received in batch.events.values()],
        },
    )
    for reason, times in Counter(batch.failed.values()).items():
        log.error("messages failed", extra={"event": "messages_failed", "reason": reason, "messages": times})
    emf.count(batch.settings.name, counts)
