"""Series with a threshold: what their newest values say about it, written together with them.

The judgement of a value is in the same write as the value, which succeeds only if the value became the newest of its
series and nothing else has changed the series meanwhile. So every value that became the newest is judged exactly once,
in the order of the dates. The same write adds the notices that are to be sent, and only after a topic has accepted a
notice, it is removed (`hub/notices.py`). A function that ends in between leaves the notice for the message's next
delivery: it may be sent twice, and never not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Received
from ds_dashboard.hub import calls, notices, tables
from ds_dashboard.hub.notices import Notice
from ds_dashboard.hub.tables import Outcome, WriteResult
from ds_dashboard.identity import Project
from ds_dashboard.thresholds import Side, Threshold
from ds_dashboard.typed_json import plain_item, typed

# The attributes of an item of the latest table that only the judgement writes.
ATTRIBUTES = (
    "ThresholdAbove",
    "ThresholdBelow",
    "ThresholdState",
    "ThresholdSince",
    "ThresholdSide",
    "ThresholdCount",
    notices.ATTRIBUTE,
)
_READ = ("Age", "MetricValue", *ATTRIBUTES)
_CONDITION_FAILED = "ConditionalCheckFailedException"


class Rules(NamedTuple):
    """What values are compared with, and who is notified.

    Attributes:
        thresholds: the thresholds, by the name of their metric.
        topics: the ARNs of the SNS topics that are notified.
        hub: the installation's name, for the notices.
        region: the hub's region, for the command in them.
    """

    thresholds: Mapping[str, Threshold]
    topics: Sequence[str]
    hub: str
    region: str

    def of(self, received: Received) -> Threshold | None:
        """Return the threshold of the series that a result belongs to; None if it has none."""
        threshold = self.thresholds.get(received.detail["MetricName"])
        return threshold if threshold is not None and threshold.applies_to(received.project) else None


class Judgement(NamedTuple):
    """What the values of a series so far say about its threshold.

    Attributes:
        state: the side on which the threshold is crossed; None if it is not.
        since: the date of the value by which it was crossed.
        side: the side on which the newest value is beyond the threshold; None if it is within.
        values: how many values in a row, with the newest, are on that side.
    """

    state: Side | None = None
    since: str = ""
    side: Side | None = None
    values: int = 0

    @classmethod
    def stored(cls, item: Mapping[str, Any]) -> Judgement:
        """Read the judgement in an item of the latest table."""
        count = item.get("ThresholdCount")
        return cls(
            state=_side(item.get("ThresholdState")),
            since=str(item.get("ThresholdSince", "")),
            side=_side(item.get("ThresholdSide")),
            values=int(count) if isinstance(count, Decimal) else 0,
        )

    def after(self, received: Received, threshold: Threshold) -> Judgement:
        """Return the judgement after one more value; a text, or a value as of a past instant, changes nothing."""
        value = received.detail["MetricValue"]
        if not isinstance(value, int | Decimal) or received.is_as_of:
            return self
        side = threshold.side(value)
        values = 0 if side is None else self.values + 1 if side is self.side else 1
        # A value that is no longer on the side of the crossing ends it at once.
        is_crossed = side is self.state or values >= threshold.values
        state = side if is_crossed else None
        since = self.since if state is self.state else dates.format_instant(received.date) if state else ""
        return Judgement(state, since, side, values)

    def attributes(self, threshold: Threshold) -> dict[str, Any]:
        """Return the attributes that an item has for the judgement, and the limits that it was made with."""
        attributes = {
            "ThresholdAbove": threshold.above,
            "ThresholdBelow": threshold.below,
            "ThresholdState": self.state and self.state.value,
            "ThresholdSince": self.since or None,
            "ThresholdSide": self.side and self.side.value,
            "ThresholdCount": self.values or None,
        }
        return {name: value for name, value in attributes.items() if value is not None}


def write(values: Iterable[Received], rules: Rules, table: str, deadline: Deadline) -> dict[str, WriteResult]:
    """Write the newest value of each series with what it says about the threshold, and notify the topics.

    Args:
        values: results of series that have a threshold; each `dedup_key` occurs once.
        rules: the thresholds and topics.
        table: the name of the latest table.
        deadline: no call starts after it.

    Returns:
        The result of each event, by `dedup_key`: written, superseded or failed. An event whose notice no topic has
        accepted has failed, even if its value is in the table.
    """
    series: dict[tuple[Project, str], list[Received]] = {}
    for received in sorted(values, key=tables.age):
        series.setdefault((received.project, received.detail["MetricName"]), []).append(received)
    # All values before the first notice: topics that do not answer keep no value from the table.
    groups = list(series.values())
    written = calls.call_each_until(lambda group: _write_series(group, rules, table), groups, deadline)
    results: dict[str, WriteResult] = {}
    waiting: list[notices.Waiting] = []
    for (subject, group), answer in zip(series.items(), written, strict=True):
        if isinstance(answer, Exception):
            failed = WriteResult(Outcome.FAILED, f"latest table: {answer}")
            results.update({received.dedup_key: failed for received in group})
            continue
        results.update({received.dedup_key: WriteResult(Outcome.SUPERSEDED) for received in group})
        if answer.is_written:
            results[group[-1].dedup_key] = WriteResult(Outcome.WRITTEN)
        own = {received.dedup_key for received in group}
        unsent = [notice for notice in answer.unsent if notice.caused_by in own]
        if unsent:
            waiting.append(notices.Waiting(*subject, unsent, any(one.key in answer.found for one in unsent)))
    for dedup_key, reason in notices.send(waiting, table, deadline).items():
        results[dedup_key] = WriteResult(Outcome.FAILED, f"threshold not notified: {reason}")
    return results


class _Written(NamedTuple):
    """What the table has for a series now.

    Attributes:
        is_written: whether the newest of the given values was written.
        unsent: the notices that are to be sent, oldest first.
        found: the keys of those that were in the table before.
    """

    is_written: bool
    unsent: Sequence[Notice]
    found: Collection[notices.Key]


def _write_series(group: Sequence[Received], rules: Rules, table: str) -> _Written:
    """Write the newest of the values of one series, unless the table has a newer one.

    Args:
        group: the values, the newest last.
        rules: the thresholds and topics.
        table: the name of the latest table.

    Raises:
        calls.Conflict: another archive has written the series in the meantime.
    """
    newest = group[-1]
    threshold = rules.of(newest)
    assert threshold is not None
    raw = _read(newest, table)
    before = plain_item(raw)
    age = str(before.get("Age", ""))
    judgement, previous = Judgement.stored(before), before.get("MetricValue")
    # Nobody sends those of a topic that was removed from the hub.
    unsent = [one for one in notices.stored(raw.get(notices.ATTRIBUTE)) if one.topic in rules.topics]
    found = {notice.key for notice in unsent}
    for received in group:
        if tables.age(received) <= age:
            continue
        after = judgement.after(received, threshold)
        if after.state is not judgement.state:
            unsent += notices.of(received, judgement, after, previous, threshold, rules)
        judgement, previous = after, received.detail["MetricValue"]
    if tables.age(newest) <= age:
        return _Written(False, unsent, found)
    attributes = {**judgement.attributes(threshold), notices.ATTRIBUTE: notices.attribute(unsent)}
    item = {**tables.latest_item(newest), **{name: one for name, one in attributes.items() if one is not None}}
    _update(newest, item, raw, table)
    return _Written(True, unsent, found)


def _read(received: Received, table: str) -> dict[str, Any]:
    """Return attributes of the item of a series, in DynamoDB's typed JSON."""
    names = {f"#{name}": name for name in _READ}
    answer = aws.client("dynamodb", brief=True).get_item(
        TableName=table,
        Key=notices.key(received.project, received.detail["MetricName"]),
        ConsistentRead=True,
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
    )
    found: dict[str, Any] = answer.get("Item", {})
    return found


def _update(newest: Received, item: Mapping[str, Any], before: Mapping[str, Any], table: str) -> None:
    """Write the item of a series, if nothing has changed it since it was read.

    Args:
        newest: the value to write.
        item: the attributes to write.
        before: the item as it was read, in DynamoDB's typed JSON.
        table: the name of the latest table.

    Raises:
        calls.Conflict: another archive has changed it.
    """
    written = {name: value for name, value in item.items() if name not in ("Project", "MetricName")}
    absent = [name for name in (*tables.OPTIONAL_ATTRIBUTES, *ATTRIBUTES) if name not in written]
    changes = "SET " + ", ".join(f"#{name} = :{name}" for name in written)
    if absent:
        changes += " REMOVE " + ", ".join(f"#{name}" for name in absent)
    values = {f":{name}": typed(value) for name, value in written.items()}
    conditions = []
    for name in ("Age", notices.ATTRIBUTE):
        if name in before:
            conditions.append(f"#{name} = :before{name}")
            values[f":before{name}"] = before[name]
        else:
            conditions.append(f"attribute_not_exists(#{name})")
    try:
        aws.client("dynamodb", brief=True).update_item(
            TableName=table,
            Key=notices.key(newest.project, newest.detail["MetricName"]),
            UpdateExpression=changes,
            ConditionExpression=" AND ".join(conditions),
            ExpressionAttributeNames={f"#{name}": name for name in (*written, *absent)},
            ExpressionAttributeValues=values,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != _CONDITION_FAILED:
            raise
        raise calls.Conflict from None


def _side(value: Any) -> Side | None:
    return Side(value) if value in tuple(Side) else None
