"""Putting events on the spoke's bus: in tens, side by side, each entry's answer read, what failed tried again."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, concurrency

log = logging.getLogger(__name__)

# Limits of PutEvents; 256 KB a request holds in every region and leaves each entry its place.
_MOST_ENTRIES = 10
_MOST_BYTES = 256 * 1024
_ENVELOPE_BYTES = 256
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class NotEmitted(RuntimeError):
    """Events that the bus did not take in the time there was. The function fails, so its request is kept."""


def put(bus: str, entries: Sequence[dict[str, str]], seconds_left: Callable[[], float]) -> list[str]:
    """Put `entries` on `bus`, and return their event ids in the same order.

    An entry that fails is sent again with the same bytes, so that the hub can tell that it is the same event.

    Raises:
        NotEmitted: some were not taken until `seconds_left()` reached 0; the message says why.
    """
    ids: list[str | None] = [None] * len(entries)
    pause = _FIRST_PAUSE
    waiting = list(range(len(entries)))
    while waiting:
        reasons: dict[str, int] = {}
        for index, answer in _put_all(bus, entries, list(_chunks(entries, waiting))):
            # PutEvents answers 200 with FailedEntryCount > 0.
            if "EventId" in answer:
                ids[index] = answer["EventId"]
            else:
                reason = f"{answer.get('ErrorCode')}: {answer.get('ErrorMessage')}"
                reasons[reason] = reasons.get(reason, 0) + 1
        waiting = [index for index, event_id in enumerate(ids) if event_id is None]
        if waiting:
            log.warning("entries refused", extra={"event": "put_events_refused", "bus": bus, "reasons": reasons})
            if seconds_left() <= pause:
                raise NotEmitted(f"{len(waiting)} of {len(entries)} events were not taken by {bus}: {reasons}")
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, _LONGEST_PAUSE)
    return [event_id for event_id in ids if event_id is not None]


def _put_all(
    bus: str, entries: Sequence[dict[str, str]], chunks: Sequence[Sequence[int]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Put chunks of `entries`, given as indexes, and yield each index with its answer."""
    # A call takes as long as a short metric: one after another they would be the longest part of an extraction.
    answered = concurrency.each(lambda chunk: _put(bus, [entries[index] for index in chunk]), chunks)
    for chunk, answers in zip(chunks, answered, strict=True):
        yield from zip(chunk, answers, strict=True)


def _put(bus: str, entries: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    addressed: list[Any] = [{**entry, "EventBusName": bus, "Resources": []} for entry in entries]
    try:
        return [{**answer} for answer in aws.client("events").put_events(Entries=addressed)["Entries"]]
    except (ClientError, BotoCoreError) as error:
        return [{"ErrorCode": type(error).__name__, "ErrorMessage": str(error)}] * len(entries)


def _chunks(entries: Sequence[dict[str, str]], indexes: Sequence[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    size = 0
    for index in indexes:
        own = len(entries[index]["Detail"].encode()) + _ENVELOPE_BYTES
        if chunk and (len(chunk) == _MOST_ENTRIES or size + own > _MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(index)
        size += own
    if chunk:
        yield chunk
