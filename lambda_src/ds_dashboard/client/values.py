"""The values of metrics: the newest of each metric, and the history of all."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from ds_dashboard import dates
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.spokes import Failure, current_failures, is_gone, read_reports
from ds_dashboard.client.tables import (
    SpokeFilter,
    parse_instant,
    project_of,
    query,
    query_project,
    scan,
    scan_pages,
    spoke_name,
)
from ds_dashboard.identity import MAX_SPOKE_PAGES

# Sort before and after every date.
_FIRST, _LAST = " ", "~"
# Megabytes of the latest table that are read without looking at whose they are: 1,000 spokes with 100 usual metrics.
_MAX_SCANNED_PAGES = 50


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestValue(Value):
    """The newest value of a metric of a spoke; without a value if the metric has only ever failed.

    Attributes:
        stale: whether the value is older than the limit.
        failure: the reason why there is no newer value, if the metric fails now.
        gone: whether the spoke is not registered, or no longer has the metric. `Hub.forget` removes such rows.
    """

    stale: bool
    failure: Failure | None
    gone: bool


def read_latest(
    installation: Installation,
    spoke_filter: SpokeFilter,
    metrics: Sequence[str],
    registered: Mapping[str, str] | None,
    stale_after: timedelta,
    now: datetime,
    odd: OddAttributes,
    warn: Callable[[str], None],
) -> list[LatestValue]:
    """Read the newest values, and the failing metrics that never had one, sorted by spoke and metric.

    A very large table is read spoke by spoke, up to a limit for each: a spoke that invents metrics hides no other one.

    Args:
        installation: the hub.
        spoke_filter: the spokes to read.
        metrics: the metrics to read; empty for all.
        registered: `<ProjectName>/<Environment>` -> account ID or bus ARN; None if the caller may not read it. Then
            every spoke counts as registered.
        stale_after: the age from which a value counts as stale.
        now: the instant to measure ages from.
        odd: counts what the tables hold in another form.
        warn: receives a sentence for each spoke of which not all values were read.
    """
    reports = {
        spoke_name(item): odd.removed_from(item)
        for item in read_reports(installation)
        if spoke_filter.matches(spoke_name(item))
    }
    found = _latest_items(installation, spoke_filter, metrics, {*reports, *(registered or ())}, warn)
    items = {(spoke_name(item), str(item["MetricName"])): item for item in found}
    newest: dict[str, dict[str, datetime]] = {}
    for (spoke, metric), item in items.items():
        if (time := parse_instant(item.get("ExtractionDate"))) is not None:
            newest.setdefault(spoke, {})[metric] = time
    failures = {
        (failure.spoke, failure.metric): failure
        for spoke, item in reports.items()
        for failure in current_failures(item, newest.get(spoke, {}))
        if not metrics or failure.metric in metrics
    }

    def gone(spoke: str, metric: str) -> bool:
        unregistered = registered is not None and spoke not in registered
        return unregistered or is_gone(reports.get(spoke, {}), metric, newest.get(spoke, {}).get(metric))

    return [
        _latest_value(
            spoke,
            metric,
            items.get((spoke, metric)),
            failures.get((spoke, metric)),
            stale_after,
            now,
            odd,
            gone=gone(spoke, metric),
        )
        for spoke, metric in sorted({*items, *failures})
    ]


def _latest_items(
    installation: Installation,
    spoke_filter: SpokeFilter,
    metrics: Sequence[str],
    known: Collection[str],
    warn: Callable[[str], None],
) -> list[dict[str, Any]]:
    dynamodb, table, spokes = installation.client("dynamodb"), installation.table("latest"), spoke_filter.spokes()
    if spokes is None:
        pages = scan_pages(dynamodb, table, **spoke_filter.arguments(metrics))
        first = list(islice(pages, _MAX_SCANNED_PAGES))
        if next(pages, None) is None:
            return [item for page in first for item in page]
        spokes = [project_of(spoke) for spoke in sorted(known) if spoke_filter.matches(spoke)]
    items: list[dict[str, Any]] = []
    for project in spokes:
        limit = f"not all values of {project.path} were read: it has more than {MAX_SPOKE_PAGES} MB of them"
        found = query_project(dynamodb, table, project, on_limit=partial(warn, limit))
        items += [item for item in found if not metrics or item["MetricName"] in metrics]
    return items


def _latest_value(
    spoke: str,
    metric: str,
    item: Mapping[str, Any] | None,
    failure: Failure | None,
    stale_after: timedelta,
    now: datetime,
    odd: OddAttributes,
    *,
    gone: bool,
) -> LatestValue:
    project = project_of(spoke)
    item = item or {}
    fields = _fields(
        {**item, "ProjectName": project.name, "Environment": project.environment, "MetricName": metric}, odd
    )
    time = fields["time"]
    stale = bool(item) and (time is None or now - time > stale_after)
    return LatestValue(**{**fields, "item": item}, stale=stale, failure=failure, gone=gone)


def read_metric_names(installation: Installation) -> set[str]:
    """Read the names of the metrics that ever had a value; of a very large table, only some of them."""
    pages = scan_pages(installation.client("dynamodb"), installation.table("latest"), ProjectionExpression="MetricName")
    return {str(item["MetricName"]) for page in islice(pages, _MAX_SCANNED_PAGES) for item in page}


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
    names = {**arguments.pop("ExpressionAttributeNames", {}), "#key": key}
    values = {**arguments.pop("ExpressionAttributeValues", {}), ":key": {"S": value}}
    # The AWS sample writes a blank instead of the T, and so sorts before it: begin with the day.
    low = _FIRST if since is None else f"{since.astimezone(UTC).date().isoformat()}{_FIRST}"
    high = _LAST if until is None else dates.format_instant(until)
    return query(
        installation.client("dynamodb"),
        installation.table("metrics"),
        **({"IndexName": "BySeries"} if key == "Series" else {}),
        KeyConditionExpression="#key = :key AND ExtractionDate BETWEEN :low AND :high",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={**values, ":low": {"S": low}, ":high": {"S": high}},
        **arguments,
    )


def _in_period(
    items: Iterable[dict[str, Any]], since: datetime | None, until: datetime | None, odd: OddAttributes
) -> Iterator[Value]:
    for item in items:
        value = Value(**_fields(item, odd))
        bounded = since is not None or until is not None
        if bounded and (
            value.time is None
            or (since is not None and value.time < since)
            or (until is not None and value.time >= until)
        ):
            continue
        yield value


def _fields(item: Mapping[str, Any], odd: OddAttributes) -> dict[str, Any]:
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
