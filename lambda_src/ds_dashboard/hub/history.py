"""The history table: every distinct result is exactly one item, however often and in whatever order it arrives.

Two results of one metric may bear the same instant (two spokes, one microsecond), and the table's key is metric and
instant. The first to come takes the key as sent; each other one takes the first free microsecond after it. So an
item stands in an unbroken run of taken places that begins at its own key as sent, and looking along that run tells
whether a result that was delivered again is there already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates
from ds_dashboard.event import Received
from ds_dashboard.hub import partiql

# The clock of the table's expiry is not ours, and a batch takes its time.
_NEAR_EXPIRY = timedelta(hours=1)
_PAGE = 100
OPTIONAL = ("Unit", "RefreshId", "Breakdown")


class Fate(StrEnum):
    """What became of a result."""

    STORED = "Archived"
    REDELIVERED = "Redelivered"
    EXPIRED = "Expired"
    REFUSED = "Refused"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A result's fate; `reason` says why it was refused or failed."""

    fate: Fate
    reason: str = ""


@dataclass(slots=True)
class _Place:
    """The results of one key as sent that still wait, and where the first of them is tried (`None`: look first)."""

    metric: str
    sent: datetime
    waiting: deque[Received]
    at: datetime | None


def content(received: Received) -> dict[str, Any]:
    """The attributes that a result has in the history table and in the latest table."""
    detail = received.detail
    return {
        "MetricName": detail["MetricName"],
        "MetricValue": detail["MetricValue"],
        "ProjectName": detail["ProjectName"],
        "Environment": detail["Environment"],
        "Metadata": detail["Metadata"],
        **{name: detail[name] for name in OPTIONAL if name in detail},
        "SentExtractionDate": dates.format_instant(received.date),
        "DedupKey": received.dedup_key,
        "EventId": received.event_id,
        "AccountId": received.account,
        "Region": received.region,
    }


def expiry(received: Received, retention_days: int | None) -> datetime | None:
    """When the table may drop a result; `None` means never."""
    return None if retention_days is None else received.date + timedelta(days=retention_days)


def store(
    results: Iterable[Received],
    table: str,
    retention_days: int | None,
    now: datetime,
    seconds_left: Callable[[], float],
) -> dict[str, Verdict]:
    """Store results, and return what became of each, by its `dedup_key`.

    Args:
        seconds_left: what is left of the function's time; what is not stored then has failed and will come again.
    """
    verdicts: dict[str, Verdict] = {}
    places: dict[tuple[str, datetime], _Place] = {}
    for received in {result.dedup_key: result for result in results}.values():
        expires = expiry(received, retention_days)
        if expires is not None and expires - now < _NEAR_EXPIRY:
            # Its place may have been freed already, so nobody could tell whether it was there.
            verdicts[received.dedup_key] = Verdict(Fate.EXPIRED)
            continue
        key = (received.detail["MetricName"], received.date)
        places.setdefault(key, _Place(*key, deque(), received.date)).waiting.append(received)
    open_places = list(places.values())
    while open_places and seconds_left() > 0:
        _round(open_places, table, retention_days, verdicts, seconds_left)
        open_places = [place for place in open_places if place.waiting]
    for place in open_places:
        verdicts.update({received.dedup_key: Verdict(Fate.FAILED, "out of time") for received in place.waiting})
    return verdicts


def _round(
    places: Sequence[_Place],
    table: str,
    retention_days: int | None,
    verdicts: dict[str, Verdict],
    seconds_left: Callable[[], float],
) -> None:
    """Try the first waiting result of each place. At most one statement a key, so of two places one may wait.

    Places that have to be looked for wait for all others: looking takes as long as their run is.
    """
    tries: dict[tuple[str, datetime], _Place] = {}
    for place in [place for place in places if place.at is not None] or places:
        if place.at is None:
            _look(place, table, verdicts, seconds_left)
        if place.waiting and place.at is not None:
            tries.setdefault((place.metric, place.at), place)
    statements = [
        partiql.insert(table, _item(place.waiting[0], at, retention_days)) for (_, at), place in tries.items()
    ]
    for ((_, at), place), answer in zip(tries.items(), partiql.execute(statements, seconds_left), strict=True):
        if answer.code == "DuplicateItem":
            place.at = None
            continue
        received = place.waiting.popleft()
        verdicts[received.dedup_key] = _verdict(answer)
        if answer.code == partiql.OK:
            place.at = at + dates.MICROSECOND


def _look(place: _Place, table: str, verdicts: dict[str, Verdict], seconds_left: Callable[[], float]) -> None:
    """Walk the unbroken run of taken places from the key as sent: who of the waiting is there, what is free behind."""
    # Whoever makes one run endless must not take the time of others that look for their place.
    keep = seconds_left() / 2
    try:
        taken, free = _run(place, table, lambda: seconds_left() > keep)
    except (ClientError, BotoCoreError, _TooLong) as error:
        verdicts.update({received.dedup_key: Verdict(Fate.FAILED, str(error)) for received in place.waiting})
        place.waiting.clear()
        return
    for received in [received for received in place.waiting if received.dedup_key in taken]:
        verdicts[received.dedup_key] = Verdict(Fate.REDELIVERED)
        place.waiting.remove(received)
    place.at = free


class _TooLong(Exception):
    """A run whose end was not reached in time."""


def _run(place: _Place, table: str, in_time: Callable[[], bool]) -> tuple[set[str], datetime]:
    taken: set[str] = set()
    free = place.sent
    start: dict[str, Any] = {}
    while in_time():
        page = aws.client("dynamodb").query(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="MetricName = :metric AND ExtractionDate >= :sent",
            ExpressionAttributeValues={
                ":metric": {"S": place.metric},
                ":sent": {"S": dates.format_instant(place.sent)},
            },
            ProjectionExpression="ExtractionDate, DedupKey",
            Limit=_PAGE,
            **start,
        )
        for item in page["Items"]:
            if item["ExtractionDate"]["S"] != dates.format_instant(free):
                return taken, free
            # Items taken over from the AWS sample's table have no DedupKey.
            taken.add(item.get("DedupKey", {}).get("S", ""))
            free += dates.MICROSECOND
        if not page.get("LastEvaluatedKey"):
            return taken, free
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    raise _TooLong(
        f"behind {dates.format_instant(place.sent)} each microsecond to {dates.format_instant(free)} is taken for "
        f"{place.metric[:64]!r}, and there was no time to go on: let each result have an instant of its own"
    )


def _item(received: Received, at: datetime, retention_days: int | None) -> dict[str, Any]:
    item = content(received)
    item["ExtractionDate"] = dates.format_instant(at)
    item["Series"] = received.project.series(received.detail["MetricName"])
    expires = expiry(received, retention_days)
    if expires is not None:
        item["ExpiresAt"] = int(expires.timestamp())
    return item


def _verdict(answer: partiql.Answer) -> Verdict:
    if answer.code == partiql.OK:
        return Verdict(Fate.STORED)
    if answer.code == "ValidationError":
        return Verdict(Fate.REFUSED, f"DynamoDB does not take it: {answer.message}")
    return Verdict(Fate.FAILED, f"{answer.code}: {answer.message}")
