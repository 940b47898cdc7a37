"""The values of metrics, and their history."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ds_dashboard import dates
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.tables import SpokeFilter, parse_instant, query, scan

# Sort before and after every date.
_FIRST, _LAST = " ", "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of a metric of a spoke.

    Attributes:
        project: `ProjectName` of the spoke.
        environment: `Environment` of the spoke.
        metric: the metric's name.
        time: when it was extracted, in UTC; None if the table holds something else than a date.
        value: the exact number, or a text; None if the metric never had a value.
        unit: the metric's unit, such as `Count` or `USD`.
        breakdown: its parts, each with `Dimensions` (name -> value) and `Value`.
        metadata: what the metric adds to its value.
        refresh_id: the refresh that requested the extraction.
        account: the account ID that sent it.
        region: the region that it came from.
        item: its item in the table, with the attribute names of the event contract. What another program wrote in
            another form than the archive is in here only.
    """

    project: str
    environment: str
    metric: str
    time: datetime | None
    value: Decimal | str | None
    unit: str | None
    breakdown: Sequence[Mapping[str, Any]]
    metadata: Mapping[str, Any]
    refresh_id: str | None
    account: str | None
    region: str | None
    item: Mapping[str, Any] = field(repr=False)

    @property
    def spoke(self) -> str:
        """`<project>/<environment>`."""
        return f"{self.project}/{self.environment}"

    @property
    def number(self) -> float | None:
        """The nearest double to `value`; None for a text. Use it to calculate and plot."""
        return float(self.value) if isinstance(self.value, Decimal) else None


def read_history(
    installation: Installation,
    metrics: Sequence[str],
    spoke_filter: SpokeFilter,
    since: datetime | None,
    until: datetime | None,
    odd: OddAttributes,
) -> Iterator[Value]:
    """Read values of a period page by page, one metric after the other, the oldest value of each metric first.

    Args:
        installation: the hub.
        metrics: empty for the complete table, which is read in no order.
        spoke_filter: the spokes whose values are read.
        since: the first instant of the period; None for all earlier values.
        until: the end of the period, which does not belong to it; None for all later values.
        odd: counts what the table holds in another form.
    """
    if metrics:
        for metric in metrics:
            yield from _in_period(_metric_items(installation, metric, spoke_filter, since, until), since, until, odd)
        return
    items = scan(installation.client("dynamodb"), installation.table("metrics"), **spoke_filter.arguments())
    yield from _in_period(items, since, until, odd)


def _metric_items(
    installation: Installation,
    metric: str,
    spoke_filter: SpokeFilter,
    since: datetime | None,
    until: datetime | None,
) -> Iterable[dict[str, Any]]:
    spokes = spoke_filter.spokes()
    if spokes is None:
        return _key_items(installation, "MetricName", metric, since, until, spoke_filter.arguments())
    series = [_key_items(installation, "Series", project.series(metric), since, until, {}) for project in spokes]
    return heapq.merge(*series, key=lambda item: str(item["ExtractionDate"]))


def _key_items(
    installation: Installation,
    key: str,
    value: str,
    since: datetime | None,
    until: datetime | None,
    arguments: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    of_key = key_query(installation, key, value, since, until)
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        of_key[name] |= arguments.pop(name, {})
    return query(installation.client("dynamodb"), of_key.pop("TableName"), **of_key, **arguments)


def key_query(
    installation: Installation, key: str, value: str, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    """Return the arguments of a query of the history by `MetricName` or `Series`, for the values of a period.

    The answer can contain more values of the first and the last day; see `is_in_period`.
    """
    # The AWS sample writes a blank instead of the T, and so sorts before it: begin with the day.
    low = _FIRST if since is None else f"{since.astimezone(UTC).date().isoformat()}{_FIRST}"
    # Without the Z, it sorts before each date of this microsecond.
    high = _LAST if until is None else dates.format_instant(until).removesuffix("Z")
    return {
        "TableName": installation.table("metrics"),
        **({"IndexName": "BySeries"} if key == "Series" else {}),
        "KeyConditionExpression": "#key = :key AND ExtractionDate BETWEEN :low AND :high",
        "ExpressionAttributeNames": {"#key": key},
        "ExpressionAttributeValues": {":key": {"S": value}, ":low": {"S": low}, ":high": {"S": high}},
    }


def _in_period(
    items: Iterable[dict[str, Any]], since: datetime | None, until: datetime | None, odd: OddAttributes
) -> Iterator[Value]:
    is_bounded = since is not None or until is not None
    for item in items:
        value = Value(**value_fields(item, odd))
        if not is_bounded or is_in_period(value.time, since, until):
            yield value


def is_in_period(time: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Return whether an instant, if it is one, belongs to a period."""
    return time is not None and (since is None or time >= since) and (until is None or time < until)


def value_fields(item: Mapping[str, Any], odd: OddAttributes) -> dict[str, Any]:
    """Return the fields of a `Value` from an item."""
    known = odd.removed_from(item)
    return {
        "project": known.get("ProjectName", ""),
        "environment": known.get("Environment", ""),
        "metric": known["MetricName"],
        "time": parse_instant(known.get("ExtractionDate")),
        "value": known.get("MetricValue"),
        "unit": known.get("Unit"),
        "breakdown": known.get("Breakdown", ()),
        "metadata": known.get("Metadata", {}),
        "refresh_id": known.get("RefreshId"),
        "account": known.get("AccountId"),
        "region": known.get("Region"),
        "item": item,
    }
