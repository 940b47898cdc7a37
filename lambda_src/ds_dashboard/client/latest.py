"""The newest value of each metric of each spoke, and the reason why a metric has no newer one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from itertools import islice
from sys import intern
from types import MappingProxyType
from typing import Any, NamedTuple

from ds_dashboard.client.errors import is_denied
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.spokes import Failure, Reason, current_failures, current_reasons, is_gone, read_reports
from ds_dashboard.client.tables import (
    SpokeFilter,
    parse_instant,
    project_of,
    query_project,
    scan_pages,
    spoke_name,
)
from ds_dashboard.client.values import Value, value_fields
from ds_dashboard.identity import MAX_NAMES, MAX_SPOKE_PAGES, Project
from ds_dashboard.text import pluralize
from ds_dashboard.typed_json import plain_item

# Megabytes of the latest table that are read without looking at whose they are: 1,000 spokes with 100 usual metrics.
_MAX_SCANNED_PAGES = 50
_THRESHOLD = ("ThresholdState", "ThresholdSince", "ThresholdAbove", "ThresholdBelow")
_LEFT_OUT: Mapping[str, Any] = MappingProxyType({})
# The attributes that are the same in many items.
_KEY_ATTRIBUTES, _REPEATED = ("Project", "MetricName"), ("AccountId", "Unit")
# A spoke and a metric.
_Key = tuple[str, str]
_OVERVIEW_ATTRIBUTES = ("AccountId", "ExtractionDate", "MetricName", "MetricValue", "Project", "Unit", *_THRESHOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestValue(Value):
    """The newest value of a metric of a spoke; without a value if the metric never had one.

    Attributes:
        stale: whether the value is older than the limit, and the metric has not had nothing to report since.
        failure: the reason why there is no newer value, if the metric fails now.
        nothing_to_report: the reason why there is no newer value, if the metric has nothing to report now.
        gone: whether the spoke is not registered, or no longer has the metric. `Hub.forget` removes such rows.
        threshold: `"above"` or `"below"` if the newest values have crossed the series' threshold; None if they have
            not, or if there is no threshold.
        threshold_since: the date of the value that crossed it.
        threshold_above: the upper limit that the newest value was compared with; None if there is none.
        threshold_below: the lower limit that the newest value was compared with; None if there is none.
    """

    stale: bool
    failure: Failure | None
    nothing_to_report: str | None
    gone: bool
    threshold: str | None = None
    threshold_since: datetime | None = None
    threshold_above: Decimal | None = None
    threshold_below: Decimal | None = None


class Limits(NamedTuple):
    """The limits that the newest value of a series was compared with; None if there is none."""

    above: Decimal | None
    below: Decimal | None


def read_latest(
    installation: Installation,
    spoke_filter: SpokeFilter,
    metrics: Sequence[str],
    registered: Mapping[str, str] | None,
    stale_after: timedelta,
    now: datetime,
    odd: OddAttributes,
    warn: Callable[[str], None],
    *,
    details: bool = True,
    runs: bool = True,
) -> list[LatestValue]:
    """Read the newest values, and the metrics that never had one and say why, sorted by spoke and metric.

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
        details: whether to read all attributes; without, only those that an overview of very many series needs.
        runs: whether to read what the last runs said, for failures and for what is gone.
    """
    reports = {
        spoke_name(item): odd.removed_from(item)
        for item in (read_reports(installation) if runs else ())
        if spoke_filter.matches(spoke_name(item))
    }
    items = _latest_items(installation, spoke_filter, metrics, {*reports, *(registered or ())}, warn, details)
    newest: dict[str, dict[str, datetime]] = {}
    # The values of a run have one instant, and follow one another.
    instant = lru_cache(100)(parse_instant)
    for (spoke, metric), item in items.items():
        date = item.get("ExtractionDate")
        if isinstance(date, str) and (time := instant(date)) is not None:
            newest.setdefault(spoke, {})[metric] = time
    failures = {
        (failure.spoke, failure.metric): failure
        for spoke, item in reports.items()
        for failure in current_failures(item, newest.get(spoke, {}))
        if not metrics or failure.metric in metrics
    }

    reasons = {
        (spoke, metric): reason
        for spoke, item in reports.items()
        for metric, reason in current_reasons(item, newest.get(spoke, {})).items()
        if not metrics or metric in metrics
    }

    def gone(spoke: str, metric: str) -> bool:
        unregistered = registered is not None and spoke not in registered
        return unregistered or is_gone(reports.get(spoke, {}), metric, newest.get(spoke, {}).get(metric))

    return [
        _latest_value(
            spoke,
            metric,
            items.pop((spoke, metric), None),
            newest.get(spoke, {}).get(metric),
            failures.get((spoke, metric)),
            reasons.get((spoke, metric)),
            stale_after,
            now,
            odd,
            gone=gone(spoke, metric),
            details=details,
        )
        for spoke, metric in sorted({*items, *failures, *reasons})
    ]


def _by_series(items: Iterable[dict[str, Any]], details: bool) -> dict[_Key, dict[str, Any]]:
    """Return items by their spokes and metrics. Without details, they are as small in memory as many must be."""
    found = {}
    for item in items:
        # The same texts of many items are one text in memory.
        key = intern(spoke_name(item)), intern(str(item["MetricName"]))
        if not details:
            item = {name: value for name, value in item.items() if name not in _KEY_ATTRIBUTES}
            for name in _REPEATED:
                if isinstance(text := item.get(name), str):
                    item[name] = intern(text)
        found[key] = item
    return found


def _latest_items(
    installation: Installation,
    spoke_filter: SpokeFilter,
    metrics: Sequence[str],
    known: Collection[str],
    warn: Callable[[str], None],
    details: bool,
) -> dict[_Key, dict[str, Any]]:
    """Return the items by their spokes and metrics."""
    dynamodb, table, spokes = installation.client("dynamodb"), installation.table("latest"), spoke_filter.spokes()
    if spokes is None:
        arguments = spoke_filter.arguments(metrics)
        if not details:
            names = {f"#{name}": name for name in _OVERVIEW_ATTRIBUTES}
            arguments["ExpressionAttributeNames"] = {**arguments.get("ExpressionAttributeNames", {}), **names}
            arguments["ProjectionExpression"] = ", ".join(names)
        pages = scan_pages(dynamodb, table, **arguments)
        scanned: dict[_Key, dict[str, Any]] = {}
        for page in islice(pages, _MAX_SCANNED_PAGES):
            scanned.update(_by_series(page, details))
        if next(pages, None) is None:
            return scanned
        spokes = [project_of(spoke) for spoke in sorted(known) if spoke_filter.matches(spoke)]
    items: list[dict[str, Any]] = []
    for project in spokes:
        limit = f"not all values of {project.path} were read: it has more than {MAX_SPOKE_PAGES} MB of them"
        found = query_project(dynamodb, table, project, on_limit=partial(warn, limit))
        items += [item for item in found if not metrics or item["MetricName"] in metrics]
    return _by_series(items, details)


def _latest_value(
    spoke: str,
    metric: str,
    item: Mapping[str, Any] | None,
    time: datetime | None,
    failure: Failure | None,
    reason: Reason | None,
    stale_after: timedelta,
    now: datetime,
    odd: OddAttributes,
    *,
    gone: bool,
    details: bool,
) -> LatestValue:
    project = Project(*map(intern, project_of(spoke)))
    item = item or {}
    known = odd.removed_from({name: item[name] for name in _THRESHOLD if name in item})
    fields = value_fields(
        {**item, "ProjectName": project.name, "Environment": project.environment, "MetricName": metric}, odd
    )
    confirmed = max((one for one in (time, reason.at if reason else None) if one is not None), default=None)
    stale = bool(item or reason) and (confirmed is None or now - confirmed > stale_after)
    return LatestValue(
        **{**fields, "time": time, **({} if details else {"item": _LEFT_OUT, "metadata": _LEFT_OUT})},
        stale=stale,
        failure=failure,
        nothing_to_report=reason.reason if reason else None,
        gone=gone,
        threshold=known.get("ThresholdState"),
        threshold_since=parse_instant(known.get("ThresholdSince")),
        threshold_above=known.get("ThresholdAbove"),
        threshold_below=known.get("ThresholdBelow"),
    )


def read_metric_names(installation: Installation) -> set[str]:
    """Read the names of the metrics that ever had a value; of a very large table, only some of them."""
    pages = scan_pages(installation.client("dynamodb"), installation.table("latest"), ProjectionExpression="MetricName")
    return {str(item["MetricName"]) for page in islice(pages, _MAX_SCANNED_PAGES) for item in page}


def read_series(installation: Installation) -> set[tuple[Project, str]] | None:
    """Read the spoke and the metric of each newest value; None if the table is very large."""
    pages = scan_pages(
        installation.client("dynamodb"),
        installation.table("latest"),
        ProjectionExpression="#project, MetricName",
        ExpressionAttributeNames={"#project": "Project"},
    )
    first = list(islice(pages, _MAX_SCANNED_PAGES))
    if next(pages, None) is not None:
        return None
    return {(project_of(spoke_name(item)), str(item["MetricName"])) for page in first for item in page}


def read_limits(
    installation: Installation, metric: str, spokes: Sequence[str], odd: OddAttributes, warn: Callable[[str], None]
) -> dict[str, Limits]:
    """Read the limits of the thresholds of a metric, with one call.

    Args:
        installation: the hub.
        metric: the metric's name.
        spokes: `<ProjectName>/<Environment>` of each spoke; of more than a call can read, the first ones are read.
        odd: counts what the table holds in another form.
        warn: receives a sentence if not all limits were read.

    Returns:
        Spoke -> limits, for the spokes that have any.
    """
    from botocore.exceptions import ClientError

    table, asked = installation.table("latest"), spokes[:MAX_NAMES]
    keys = [{"Project": {"S": project_of(spoke).key}, "MetricName": {"S": metric}} for spoke in asked]
    names = {"#project": "Project", "#above": "ThresholdAbove", "#below": "ThresholdBelow"}
    request = {"Keys": keys, "ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
    try:
        answer = installation.client("dynamodb").batch_get_item(RequestItems={table: request})
    except ClientError as error:
        if not is_denied(error):
            raise
        warn(f"Cannot read the thresholds of {metric} (dynamodb:BatchGetItem on {table}): none is shown.")
        return {}
    unread = len(spokes) - len(asked) + len(answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ()))
    if unread:
        warn(f"The thresholds of {unread:,} of {pluralize(len(spokes), 'spoke')} were not read.")
    found = {}
    for item in map(plain_item, answer["Responses"][table]):
        known = odd.removed_from(item)
        limits = Limits(known.get("ThresholdAbove"), known.get("ThresholdBelow"))
        if limits != (None, None):
            found[spoke_name(item)] = limits
    return found
