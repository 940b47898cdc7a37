"""The history table: every distinct result is exactly one item, however often and in whatever order it arrives.

The table's key is metric and instant, and several results of one metric may have the same instant (two spokes, the same
microsecond). The first result to arrive gets the key as sent. Each other one gets the first free microsecond after it.
Every item is therefore part of a run of adjacent taken keys that begins at its own key as sent, and a query along that
run finds out whether a redelivered result is in the table.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls, tables
from ds_dashboard.hub.tables import Outcome, WriteResult

# DynamoDB's clock is not ours, and a batch takes a while.
_EXPIRY_MARGIN = timedelta(hours=1)
_PAGE_SIZE = 100


@dataclass(slots=True)
class _KeySlot:
    """The waiting results of one key as sent, and the key at which to insert the next of them.

    Attributes:
        sent: the instant as sent.
        next: the instant to try; None if a probe has to find the first free one.
    """

    metric: str
    sent: datetime
    waiting: deque[Received]
    next: datetime | None


def write(
    values: Iterable[Received], table: str, retention_days: int | None, now: datetime, deadline: Deadline
) -> dict[str, WriteResult]:
    """Write results into the history, each one once.

    Args:
        values: result events.
        table: the table's name.
        retention_days: days after which DynamoDB deletes an item; None keeps it.
        now: the present instant, by which expired results are recognized.
        deadline: when to stop. What is not written by then has failed, and is delivered again.

    Returns:
        The result of each event, by `dedup_key`: written, redelivered, expired, refused or failed.
    """
    results: dict[str, WriteResult] = {}
    slots: dict[tuple[str, datetime], _KeySlot] = {}
    for received in {one.dedup_key: one for one in values}.values():
        expires = _expiry(received, retention_days)
        if expires is not None and expires - now < _EXPIRY_MARGIN:
            # DynamoDB may have deleted the item already, so nothing shows whether the result was in the table.
            results[received.dedup_key] = WriteResult(Outcome.EXPIRED)
            continue
        key = (received.detail["MetricName"], received.date)
        slots.setdefault(key, _KeySlot(*key, deque(), received.date)).waiting.append(received)
    open_slots = list(slots.values())
    while open_slots and deadline.remaining() > 0:
        _write_pass(open_slots, table, retention_days, results, deadline)
        open_slots = [slot for slot in open_slots if slot.waiting]
    for slot in open_slots:
        results.update({received.dedup_key: WriteResult(Outcome.FAILED, "out of time") for received in slot.waiting})
    return results


def _write_pass(
    slots: Sequence[_KeySlot],
    table: str,
    retention_days: int | None,
    results: dict[str, WriteResult],
    deadline: Deadline,
) -> None:
    """Insert the first waiting result of each slot.

    A batch has at most one statement for each key, so of two slots with the same next key, one waits for the next pass.
    Slots that need a probe wait until no other slot does not, because a probe takes as long as its run is.
    """
    inserts: dict[tuple[str, datetime], _KeySlot] = {}
    for slot in [slot for slot in slots if slot.next is not None] or slots:
        if slot.next is None:
            _probe(slot, table, results, deadline)
        if slot.waiting and slot.next is not None:
            inserts.setdefault((slot.metric, slot.next), slot)
    statements = [
        tables.insert(table, _item(slot.waiting[0], at, retention_days), slot.waiting[0].request_bytes)
        for (_, at), slot in inserts.items()
    ]
    for ((_, at), slot), answer in zip(inserts.items(), tables.execute(statements, deadline), strict=True):
        if answer.code == "DuplicateItem":
            slot.next = None
            continue
        received = slot.waiting.popleft()
        results[received.dedup_key] = _result(answer)
        if answer.code == tables.OK:
            slot.next = at + dates.MICROSECOND


def _probe(slot: _KeySlot, table: str, results: dict[str, WriteResult], deadline: Deadline) -> None:
    """Query the run of taken keys from the key as sent: which waiting results it has, and which key follows it."""
    try:
        # Half of the time: somebody who makes one run endless must not stop the probes of all others.
        taken, free = _query_run(slot, table, deadline.share(0.5))
    except (ClientError, BotoCoreError, _RunTooLong) as error:
        results.update({received.dedup_key: WriteResult(Outcome.FAILED, str(error)) for received in slot.waiting})
        slot.waiting.clear()
        return
    for received in [received for received in slot.waiting if received.dedup_key in taken]:
        results[received.dedup_key] = WriteResult(Outcome.REDELIVERED)
        slot.waiting.remove(received)
    slot.next = free


class _RunTooLong(Exception):
    """The end of a run was not reached in time."""


def _query_run(slot: _KeySlot, table: str, deadline: Deadline) -> tuple[set[str], datetime]:
    """Return the dedup keys in a run, and the first free instant after it."""
    taken: set[str] = set()
    free = slot.sent
    start: dict[str, Any] = {}
    while deadline.remaining() > 0:
        page = calls.call(
            aws.client("dynamodb", brief=True).query,
            deadline,
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="MetricName = :metric AND ExtractionDate >= :sent",
            ExpressionAttributeValues={
                ":metric": {"S": slot.metric},
                ":sent": {"S": dates.format_instant(slot.sent)},
            },
            ProjectionExpression="ExtractionDate, DedupKey",
            Limit=_PAGE_SIZE,
            **start,
        )
        for item in page["Items"]:
            if item["ExtractionDate"]["S"] != dates.format_instant(free):
                return taken, free
            # Items that were copied from the AWS sample's table have no DedupKey.
            taken.add(item.get("DedupKey", {}).get("S", ""))
            free += dates.MICROSECOND
        if not page.get("LastEvaluatedKey"):
            return taken, free
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    raise _RunTooLong(
        f"every microsecond from {dates.format_instant(slot.sent)} to {dates.format_instant(free)} is taken for "
        f"{slot.metric[:64]!r}, and there was no time to go on: give each result an instant of its own"
    )


def _item(received: Received, at: datetime, retention_days: int | None) -> dict[str, Any]:
    item = tables.attributes(received)
    item["ExtractionDate"] = dates.format_instant(at)
    item["Series"] = received.project.series(received.detail["MetricName"])
    expires = _expiry(received, retention_days)
    if expires is not None:
        item["ExpiresAt"] = int(expires.timestamp())
    return item


def _expiry(received: Received, retention_days: int | None) -> datetime | None:
    """Return when DynamoDB may delete a result; None means never."""
    return None if retention_days is None else received.date + timedelta(days=retention_days)


def _result(answer: tables.Answer) -> WriteResult:
    if answer.code == tables.OK:
        return WriteResult(Outcome.WRITTEN)
    if answer.code == "ValidationError":
        return WriteResult(Outcome.REFUSED, f"DynamoDB does not accept it: {answer.message}")
    return WriteResult(Outcome.FAILED, f"{answer.code}: {answer.message}")
