"""Chosen metrics as CloudWatch metrics: the sum of the newest values of all spokes.

The archive publishes the sums when a newest value of them has changed, and the watch every hour.

The sum is made from the latest table and not from values as they arrive. Spokes report at different times, several
times in an hour after a refresh, or not at all. A CloudWatch metric that adds up what arrives in a period would count
some spokes twice and leave out others.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, canonical_json, dates, emf
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import calls
from ds_dashboard.hub.settings import Sums
from ds_dashboard.identity import Project

log = logging.getLogger(__name__)

# The units of CloudWatch. Source: "MetricDatum", Amazon CloudWatch API Reference.
_SIZES = [f"{prefix}{unit}" for unit in ("bytes", "bits") for prefix in ("", "Kilo", "Mega", "Giga", "Tera")]
_UNITS = {
    *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second"),
    *(size[0].upper() + size[1:] for size in _SIZES),
    *(f"{size[0].upper() + size[1:]}/Second" for size in _SIZES),
}
# CloudWatch's own limit.
_MAX_VALUE = 2**360
_MAX_METRICS = 100
# A value takes about 0.12 read units. Of a large table, this reads at most 6 a second.
_SMALL_TABLE, _PAUSE = 500, 0.02
# What reading the table may take of the time of a batch, and how long it is left alone if it cannot be read.
_MAX_SECONDS, _PAUSE_AFTER_ERROR = 10.0, 60.0

Dimensions = tuple[tuple[str, str], ...]


class _Value(NamedTuple):
    """A newest value that is counted: its metric and spoke, and its number and unit."""

    metric: str
    project: Project
    number: Decimal
    unit: str


class Publisher:
    """Publishes the sums after a batch in which they changed. A process has one for all its batches.

    A table of up to `_SMALL_TABLE` values is read after each such batch. A larger one is then left alone for `_PAUSE`
    seconds for each value in it: what has changed meanwhile is published after a later batch, or by the watch.

    Args:
        clock: returns seconds, for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._has_changed = False
        self._not_before = 0.0

    def publish_changed(self, sums: Sums, written: Collection[str], now: datetime, deadline: Deadline) -> None:
        """Publish the sums if they have changed, unless they were published a short time ago.

        An error is logged, and the values that were archived stay archived.

        Args:
            sums: the metrics, and the dimensions of each.
            written: the metrics of which the batch has written newest values.
            now: the present instant.
            deadline: when to stop reading.
        """
        self._has_changed = self._has_changed or not sums.metrics.keys().isdisjoint(written)
        if not self._has_changed or self._clock() < self._not_before:
            return
        self._not_before = self._clock() + _PAUSE_AFTER_ERROR
        try:
            values = publish(sums, now, deadline.within(_MAX_SECONDS), is_consistent=True)
        except (ClientError, BotoCoreError) as error:
            log.error("sums not published: %s", error, extra={"event": "sums_not_published", "reason": str(error)})
            return
        except Exception:
            # A fault of ours. Without an answer, Lambda would deliver the whole batch again.
            log.exception("sums not published", extra={"event": "sums_not_published", "reason": "a bug"})
            return
        self._has_changed = False
        self._not_before = self._clock() + (values * _PAUSE if values > _SMALL_TABLE else 0.0)


def publish(sums: Sums, now: datetime, deadline: Deadline, *, is_consistent: bool = False) -> int:
    """Publish the sum of the newest values of each metric.

    Values older than `silent_after` are left out: whoever sent them is silent, or the metric fails. Without a value
    nothing is published, since a sum of nothing is not zero.

    Args:
        sums: the metrics, and the dimensions of each.
        now: the present instant.
        deadline: when to stop reading. Then nothing is published, since a part of a sum is not a sum.
        is_consistent: whether what was written just before must be read, for twice the read units.

    Returns:
        How many values the table has.

    Raises:
        botocore.exceptions.ClientError: the latest table could not be read.
        botocore.exceptions.BotoCoreError: it could not be read, or not in time.
    """
    groups: defaultdict[Dimensions, dict[str, Decimal]] = defaultdict(dict)
    units: defaultdict[str, set[str]] = defaultdict(set)
    scanned = 0
    with localcontext() as context:
        context.prec = canonical_json.MAX_DIGITS
        for page in _pages(sums, dates.format_instant(now - sums.silent_after), deadline, is_consistent):
            scanned += page["ScannedCount"]
            for value in filter(None, map(_value, page["Items"])):
                group = groups[_dimensions(sums.name, value.project, sums.metrics[value.metric])]
                group[value.metric] = group.get(value.metric, Decimal(0)) + value.number
                units[value.metric].add(value.unit)
    named = {metric: _unit(found) for metric, found in units.items()}
    for dimensions, group in sorted(groups.items()):
        for values in _lines(group):
            emf.write(emf.VALUES_NAMESPACE, dict(dimensions), values, named)
    return scanned


def _pages(sums: Sums, oldest: str, deadline: Deadline, is_consistent: bool) -> Iterator[Mapping[str, Any]]:
    """Read the values of the metrics that are not older than `oldest`."""
    names = {"#project": "Project", "#value": "MetricValue", "#unit": "Unit"}
    marks = {f":m{number}": {"S": metric} for number, metric in enumerate(sums.metrics)}
    start: dict[str, Any] = {}
    while True:
        page = calls.call(
            aws.client("dynamodb", brief=True).scan,
            deadline,
            TableName=sums.latest_table,
            FilterExpression=f"MetricName IN ({', '.join(marks)}) AND ExtractionDate >= :oldest",
            ProjectionExpression="#project, MetricName, #value, #unit",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":oldest": {"S": oldest}, **marks},
            ConsistentRead=is_consistent,
            **start,
        )
        yield page
        if not page.get("LastEvaluatedKey"):
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _value(item: Mapping[str, Any]) -> _Value | None:
    """Return the number in an item; None if it is a text, or if another program has written the item."""
    try:
        number = Decimal(item["MetricValue"]["N"])
        project = Project.parse(item["Project"]["S"])
    except (KeyError, ValueError):
        return None
    return _Value(item["MetricName"]["S"], project, number, item.get("Unit", {}).get("S", ""))


def _dimensions(installation: str, project: Project, by: tuple[str, ...]) -> Dimensions:
    own = {"Project": project.name, "Environment": project.environment}
    return (("Name", installation), *((name, own[name]) for name in sorted(by)))


def _unit(found: set[str]) -> str:
    """Return the unit of a sum as CloudWatch spells it; `None` if it has no such unit, or if spokes have several."""
    return next(iter(found)) if len(found) == 1 and found <= _UNITS else "None"


def _lines(group: Mapping[str, Decimal]) -> Iterator[dict[str, float]]:
    """Return the values of one line after the other: CloudWatch accepts 100 metrics in a line."""
    values: dict[str, float] = {}
    for metric, total in sorted(group.items()):
        if abs(total) > _MAX_VALUE:
            log.error("sum too large", extra={"event": "sum_too_large", "metric": metric, "sum": str(total)})
            continue
        values[metric] = float(total)
    names = list(values)
    for start in range(0, len(names), _MAX_METRICS):
        yield {name: values[name] for name in names[start : start + _MAX_METRICS]}
