"""Chosen metrics as CloudWatch metrics: every hour, the sum of the newest values of all spokes.

The sum is made from the latest table and not from values as they arrive. Spokes report at different times, several
times in an hour after a refresh, or not at all. A CloudWatch metric that adds up what arrives in a period would count
some spokes twice and leave out others.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from ds_dashboard import aws, canonical_json, dates, emf
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import calls
from ds_dashboard.hub.settings import WatchSettings
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

Dimensions = tuple[tuple[str, str], ...]


class _Value(NamedTuple):
    """A newest value that is counted: its metric and spoke, and its number and unit."""

    metric: str
    project: Project
    number: Decimal
    unit: str


def publish(settings: WatchSettings, now: datetime, deadline: Deadline) -> None:
    """Publish the sum of the newest values of each metric in `settings.cloudwatch_metrics`.

    Values older than `silent_after` are left out: whoever sent them is silent, or the metric fails. Without a value
    nothing is published, since a sum of nothing is not zero.

    Args:
        settings: the metrics, and the dimensions of each.
        now: the present instant.
        deadline: when to stop reading. Then nothing is published, since a part of a sum is not a sum.

    Raises:
        botocore.exceptions.ClientError: the latest table could not be read.
        botocore.exceptions.BotoCoreError: it could not be read, or not in time.
    """
    if not settings.cloudwatch_metrics:
        return
    oldest = dates.format_instant(now - settings.silent_after)
    sums: defaultdict[Dimensions, dict[str, Decimal]] = defaultdict(dict)
    units: defaultdict[str, set[str]] = defaultdict(set)
    with localcontext() as context:
        context.prec = canonical_json.MAX_DIGITS
        for value in _values(settings, oldest, deadline):
            dimensions = _dimensions(settings.name, value.project, settings.cloudwatch_metrics[value.metric])
            group = sums[dimensions]
            group[value.metric] = group.get(value.metric, Decimal(0)) + value.number
            units[value.metric].add(value.unit)
    named = {metric: _unit(found) for metric, found in units.items()}
    for dimensions, group in sorted(sums.items()):
        for values in _lines(group):
            emf.write(emf.VALUES_NAMESPACE, dict(dimensions), values, named)


def _values(settings: WatchSettings, oldest: str, deadline: Deadline) -> Iterator[_Value]:
    """Read the numbers of the chosen metrics that are not older than `oldest`."""
    metrics = list(settings.cloudwatch_metrics)
    names = {"#project": "Project", "#value": "MetricValue", "#unit": "Unit"}
    start: dict[str, Any] = {}
    while True:
        page = calls.call(
            aws.client("dynamodb", brief=True).scan,
            deadline,
            TableName=settings.latest_table,
            FilterExpression=f"MetricName IN ({', '.join(f':m{number}' for number in range(len(metrics)))}) "
            "AND ExtractionDate >= :oldest",
            ProjectionExpression="#project, MetricName, #value, #unit",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={
                ":oldest": {"S": oldest},
                **{f":m{number}": {"S": metric} for number, metric in enumerate(metrics)},
            },
            **start,
        )
        for item in page["Items"]:
            if (value := _value(item)) is not None:
                yield value
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
