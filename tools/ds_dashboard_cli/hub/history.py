"""The history table: every value that ever arrived, read page by page in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard_cli.hub import items
from ds_dashboard_cli.hub.narrowing import Narrowing
from ds_dashboard_cli.hub.spokes import instant

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

_FIRST, _LAST = " ", "~"


def of_metric(
    hub: Installation, metric: str, narrowing: Narrowing, since: datetime | None, until: datetime | None
) -> Iterator[dict[str, Any]]:
    """The values of a metric in a period (its end not included), oldest first."""
    spokes = narrowing.spokes()
    if spokes is None:
        found = _query(hub, "MetricName", metric, since, until, narrowing)
    else:
        series = [
            _query(hub, "Series", f"{project}#{environment}#{metric}", since, until) for project, environment in spokes
        ]
        found = heapq.merge(*series, key=lambda item: str(item["ExtractionDate"]))
    return (item for item in found if _within(item, since, until))


def of_all(
    hub: Installation,
    metrics: Sequence[str],
    narrowing: Narrowing,
    since: datetime | None,
    until: datetime | None,
) -> Iterator[dict[str, Any]]:
    """The values of metrics, one metric after the other; of all metrics, in no order, where none is named."""
    for metric in metrics:
        yield from of_metric(hub, metric, narrowing, since, until)
    if not metrics:
        found = items.scan(hub.client("dynamodb"), hub.table("metrics"), **narrowing.filter())
        yield from (item for item in found if _within(item, since, until))


def _query(
    hub: Installation,
    key: str,
    value: str,
    since: datetime | None,
    until: datetime | None,
    narrowing: Narrowing | None = None,
) -> Iterator[dict[str, Any]]:
    arguments = narrowing.filter() if narrowing else {}
    names = {**arguments.pop("ExpressionAttributeNames", {}), "#key": key}
    values = {**arguments.pop("ExpressionAttributeValues", {}), ":key": {"S": value}}
    low, high = _bounds(since, until)
    return items.query(
        hub.client("dynamodb"),
        hub.table("metrics"),
        **({"IndexName": "BySeries"} if key == "Series" else {}),
        KeyConditionExpression="#key = :key AND ExtractionDate BETWEEN :low AND :high",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={**values, ":low": {"S": low}, ":high": {"S": high}},
        **arguments,
    )


def _bounds(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    """Bounds that hold dates in the contract's form and those of items taken over from the AWS sample's table."""
    # The sample writes a blank where the contract has a T, and so sorts before it: the day's beginning serves both.
    low = _FIRST if since is None else f"{since.astimezone(UTC):%Y-%m-%d}{_FIRST}"
    return low, _LAST if until is None else dates.format_instant(until)


def _within(item: dict[str, Any], since: datetime | None, until: datetime | None) -> bool:
    if since is None and until is None:
        return True
    date = instant(item.get("ExtractionDate"))
    return date is not None and (since is None or date >= since) and (until is None or date < until)
