"""The history table: every distinct result is exactly one item, however often and in whatever order it arrives.

The table's key is metric and instant, and several results of one metric may have the same instant (two spokes, the same
microsecond). Each result therefore has a sequence of keys, and gets the first one that no other result has: its instant
as sent, each of the next few microseconds, and then a key that is derived from its content and that no other result can
have. A redelivered result follows the same sequence, and so finds its own item. The number of calls does not grow with
the number of results that others have sent for the same instants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls, tables
from ds_dashboard.hub.tables import Outcome, WriteResult

# DynamoDB's clock is not ours, and a batch takes a while.
_EXPIRY_MARGIN = timedelta(hours=1)
# The keys of a sequence before the derived one.
_NEAR_KEYS = 4
# How far earlier versions moved a result. They searched microsecond by microsecond, which took longer than they had.
_MAX_MOVE = timedelta(seconds=1)
# 128 bits of the dedup key, in decimal digits.
_DERIVED_HEX, _DERIVED_DIGITS = 32, 39

Key = tuple[str, str]


@dataclass(slots=True)
class _Waiting:
    """A result that is not written yet.

    Attributes:
        received: the result.
        step: the position in its sequence of keys that is tried next.
        was_searched: whether it is known that no earlier version has written it after its near keys.
    """

    received: Received
    step: int = 0
    was_searched: bool = False

    @property
    def dedup_key(self) -> str:
        """The result's identity."""
        return self.received.dedup_key

    @property
    def metric(self) -> str:
        """The result's metric."""
        return str(self.received.detail["MetricName"])

    @property
    def key(self) -> Key:
        """The metric and `ExtractionDate` to try."""
        return self.metric, self.near(self.step) if self.step < _NEAR_KEYS else self._derived()

    def near(self, step: int) -> str:
        """Return the `ExtractionDate` that is `step` microseconds after the instant as sent."""
        return dates.format_instant(self.received.date + step * dates.MICROSECOND)

    def _derived(self) -> str:
        """Return the `ExtractionDate` that only this result can have.

        It has more digits than a microsecond. It sorts after the instant as sent and before the next microsecond, and
        whoever reads dates in ISO 8601 can read it.
        """
        digits = f"{int(self.dedup_key[:_DERIVED_HEX], 16):0{_DERIVED_DIGITS}}"
        return f"{self.near(1).removesuffix('Z')}{digits}Z"


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
    waiting: list[_Waiting] = []
    for received in {one.dedup_key: one for one in values}.values():
        expires = _expiry(received, retention_days)
        if expires is not None and expires - now < _EXPIRY_MARGIN:
            # DynamoDB may have deleted the item already, so nothing shows whether the result was in the table.
            results[received.dedup_key] = WriteResult(Outcome.EXPIRED)
        else:
            waiting.append(_Waiting(received))
    # Whose the taken keys are, by dedup key.
    owners: dict[Key, str] = {}
    while waiting and deadline.remaining() > 0:
        _write_pass(waiting, owners, table, retention_days, results, deadline)
        waiting = [one for one in waiting if one.dedup_key not in results]
    for one in waiting:
        results[one.dedup_key] = WriteResult(Outcome.FAILED, "out of time")
    return results


def _write_pass(
    waiting: Sequence[_Waiting],
    owners: dict[Key, str],
    table: str,
    retention_days: int | None,
    results: dict[str, WriteResult],
    deadline: Deadline,
) -> None:
    """Insert each waiting result at the next key of its sequence, and find out whose the keys are that are taken.

    A request has at most one statement for each key, so of two results with the same next key, one waits.
    """
    inserts: dict[Key, _Waiting] = {}
    for one in waiting:
        while owners.get(one.key, one.dedup_key) != one.dedup_key:
            one.step += 1
    _search(waiting, table, results, deadline)
    for one in waiting:
        if one.key in owners:
            results[one.dedup_key] = WriteResult(Outcome.REDELIVERED)
        elif one.dedup_key not in results:
            inserts.setdefault(one.key, one)
    statements = [
        tables.insert(table, _item(one.received, date, retention_days), one.received.request_bytes)
        for (_, date), one in inserts.items()
    ]
    taken: dict[Key, None] = {}
    for (key, one), answer in zip(inserts.items(), tables.execute(statements, deadline), strict=True):
        if answer.code == "DuplicateItem" and one.step < _NEAR_KEYS:
            taken[key] = None
            continue
        results[one.dedup_key] = _result(answer)
        if answer.code == tables.OK:
            owners[key] = one.dedup_key
    found = calls.call_each_until(lambda key: _owner(key, table), list(taken), deadline)
    for key, owner in zip(taken, found, strict=True):
        if isinstance(owner, Exception):
            results[inserts[key].dedup_key] = WriteResult(Outcome.FAILED, str(owner))
        elif owner is not None:
            owners[key] = owner


def _owner(key: Key, table: str) -> str | None:
    """Return the dedup key of the item at a key; None if there is no item, because it has just been deleted."""
    metric, date = key
    items = _query(table, "MetricName = :key AND ExtractionDate = :date", metric, date=date)
    # Items that were copied from the AWS sample's table have no DedupKey.
    return items[0].get("DedupKey", {}).get("S", "") if items else None


def _search(waiting: Sequence[_Waiting], table: str, results: dict[str, WriteResult], deadline: Deadline) -> None:
    """Find the results that an earlier version has written after their near keys.

    Earlier versions used the first free microsecond, however far it was. If the first key after the near ones is free,
    they have not come further.
    """
    new = [one for one in waiting if one.step == _NEAR_KEYS and not one.was_searched]
    after = list(dict.fromkeys((one.metric, one.near(_NEAR_KEYS)) for one in new))
    found = calls.call_each_until(lambda key: _owner(key, table), after, deadline)
    owners = dict(zip(after, found, strict=True))
    to_search = [one for one in new if owners[one.metric, one.near(_NEAR_KEYS)] is not None]
    moved = calls.call_each_until(lambda one: _was_moved(one, table), to_search, deadline)
    for one, answer in zip(to_search, moved, strict=True):
        owner = owners[one.metric, one.near(_NEAR_KEYS)]
        error = next((found for found in (owner, answer) if isinstance(found, Exception)), None)
        if error is not None:
            results[one.dedup_key] = WriteResult(Outcome.FAILED, str(error))
        elif answer:
            results[one.dedup_key] = WriteResult(Outcome.REDELIVERED)
    for one in new:
        one.was_searched = True


def _was_moved(one: _Waiting, table: str) -> bool:
    """Return whether an earlier version has moved a result past its near keys.

    The index has only the values of the result's own series there, and nobody else can add to them. It lags behind the
    table, but by less time than it takes to deploy another version.
    """
    items = _query(
        table,
        "Series = :key AND ExtractionDate BETWEEN :first AND :last",
        one.received.project.series(one.metric),
        index="BySeries",
        first=one.near(_NEAR_KEYS),
        last=dates.format_instant(one.received.date + _MAX_MOVE),
    )
    return any(item.get("DedupKey", {}).get("S") == one.dedup_key for item in items)


def _query(table: str, condition: str, key: str, *, index: str | None = None, **limits: str) -> list[dict[str, Any]]:
    """Return the dedup keys of one page of items: of the table as it is now, or of an index."""
    source: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
    page = aws.client("dynamodb", brief=True).query(
        TableName=table,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":key": {"S": key}, **{f":{name}": {"S": date} for name, date in limits.items()}},
        ProjectionExpression="DedupKey",
        **source,
    )
    items: list[dict[str, Any]] = page["Items"]
    return items


def _item(received: Received, date: str, retention_days: int | None) -> dict[str, Any]:
    item = tables.attributes(received)
    item["ExtractionDate"] = date
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
    if answer.code == "DuplicateItem":
        return WriteResult(Outcome.REDELIVERED)
    if answer.code == "ValidationError":
        return WriteResult(Outcome.REFUSED, f"DynamoDB does not accept it: {answer.message}")
    return WriteResult(Outcome.FAILED, f"{answer.code}: {answer.message}")
