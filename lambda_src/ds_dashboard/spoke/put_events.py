"""PutEvents on the spoke's bus: entries in parallel batches, and again those that the bus did not accept."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws
from ds_dashboard.concurrency import call_in_batches
from ds_dashboard.deadline import Backoff, Deadline

log = logging.getLogger(__name__)

# Limits of PutEvents. 256 KB is valid in every region, and the allowance covers the fields around a detail.
_MAX_ENTRIES = 10
_MAX_BYTES = 256 * 1024
_ENVELOPE_BYTES = 256
_BACKOFF_MIN, _BACKOFF_MAX = 0.1, 5.0


class NotEmitted(RuntimeError):
    """The bus did not accept some events in time. The function fails, so that its request becomes a dead letter."""


def put(bus: str, entries: Sequence[dict[str, str]], deadline: Deadline) -> list[str]:
    """Put entries on a bus, and return their event IDs in the same order.

    An entry that fails is sent again with the same bytes, so that the hub recognizes it as the same event.

    Args:
        bus: the bus's name.
        entries: `Source`, `DetailType` and `Detail` of each event.
        deadline: when to stop sending again.

    Raises:
        NotEmitted: the bus did not accept some events until the deadline; the message says why.
    """

    def put_batch(batch: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        answers = _put(bus, batch)
        if reasons := _reasons(answers):
            log.warning("entries not accepted", extra={"event": "put_events_refused", "bus": bus, "reasons": reasons})
        return answers

    answers = call_in_batches(
        put_batch,
        entries,
        split=_batches,
        # PutEvents answers 200 with FailedEntryCount > 0.
        should_retry=lambda answer: "EventId" not in answer,
        backoff=Backoff(deadline, _BACKOFF_MIN, _BACKOFF_MAX),
    )
    if reasons := _reasons(answers):
        raise NotEmitted(f"{bus} did not accept {sum(reasons.values())} of {len(entries)} events: {reasons}")
    return [answer["EventId"] for answer in answers]


def _put(bus: str, entries: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    addressed: list[Any] = [{**entry, "EventBusName": bus, "Resources": []} for entry in entries]
    try:
        return [{**answer} for answer in aws.client("events", brief=True).put_events(Entries=addressed)["Entries"]]
    except (ClientError, BotoCoreError) as error:
        return [{"ErrorCode": type(error).__name__, "ErrorMessage": str(error)}] * len(entries)


def _reasons(answers: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return the reasons of the entries that were not accepted, with the number of entries for each reason."""
    failed = [answer for answer in answers if "EventId" not in answer]
    return dict(Counter(f"{answer.get('ErrorCode')}: {answer.get('ErrorMessage')}" for answer in failed))


def _batches(entries: Sequence[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    batch: list[dict[str, str]] = []
    size = 0
    for entry in entries:
        own = len(entry["Detail"].encode()) + _ENVELOPE_BYTES
        if batch and (len(batch) == _MAX_ENTRIES or size + own > _MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += own
    if batch:
        yield batch
