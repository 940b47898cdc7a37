"""What the writers of the three tables have in common: the results they return, and how they read events."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from ds_dashboard import dates
from ds_dashboard.event import Received

OPTIONAL_ATTRIBUTES = ("Unit", "RefreshId", "Breakdown")


class Outcome(StrEnum):
    """What a writer did with an event. The values are names of CloudWatch metrics and codes of rejected messages.

    Attributes:
        WRITTEN: the event is in the table now.
        REDELIVERED: the event was in the table before.
        SUPERSEDED: the table has a newer event, so this one changes nothing.
        EXPIRED: the table's retention is over for the event.
        REFUSED: DynamoDB cannot store the event, now or later.
        FAILED: the event must be delivered again.
    """

    WRITTEN = "Archived"
    REDELIVERED = "Redelivered"
    SUPERSEDED = "Superseded"
    EXPIRED = "Expired"
    REFUSED = "Refused"
    FAILED = "Failed"


class WriteResult(NamedTuple):
    """The outcome of one event in one table; `reason` says why it was refused or failed."""

    outcome: Outcome
    reason: str = ""


def newest_by(
    events: Iterable[Received], subject: Callable[[Received], Hashable]
) -> tuple[list[Received], dict[str, WriteResult]]:
    """Choose the newest event of each subject.

    Returns:
        The newest events, and the results of the others, by `dedup_key`.
    """
    newest: dict[Hashable, Received] = {}
    results: dict[str, WriteResult] = {}
    for received in events:
        results[received.dedup_key] = WriteResult(Outcome.SUPERSEDED)
        key = subject(received)
        if key not in newest or age(newest[key]) < age(received):
            newest[key] = received
    for received in newest.values():
        del results[received.dedup_key]
    return list(newest.values()), results


def age(received: Received) -> str:
    """Return a text that orders the events of a series by their dates as sent.

    Events of the same date are ordered by their `dedup_key`, so that all archives order them alike.
    """
    return f"{dates.format_instant(received.date)}#{received.dedup_key}"


def attributes(received: Received) -> dict[str, Any]:
    """Return the attributes that a result has in the history table and in the latest table."""
    detail = received.detail
    return {
        "MetricName": detail["MetricName"],
        "MetricValue": detail["MetricValue"],
        "ProjectName": detail["ProjectName"],
        "Environment": detail["Environment"],
        "Metadata": detail["Metadata"],
        **{name: detail[name] for name in OPTIONAL_ATTRIBUTES if name in detail},
        "SentExtractionDate": dates.format_instant(received.date),
        "DedupKey": received.dedup_key,
        "EventId": received.event_id,
        "AccountId": received.account,
        "Region": received.region,
    }
