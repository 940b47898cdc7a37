"""The newest value of each metric, and the metrics that fail to get a newer one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard_cli.hub import items
from ds_dashboard_cli.hub.narrowing import Narrowing
from ds_dashboard_cli.hub.spokes import Failure, current_failures, instant

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation


@dataclass(frozen=True, slots=True)
class Latest:
    """A metric of a spoke: its newest value (an empty item where it never had one), and why there is none newer."""

    project: str
    metric: str
    item: Mapping[str, Any]
    failure: Failure | None

    @property
    def date(self) -> datetime | None:
        """When the value was extracted."""
        return instant(self.item.get("ExtractionDate"))


def values(hub: Installation, narrowing: Narrowing, metrics: Sequence[str]) -> list[Latest]:
    """The newest values, and failing metrics that have none, by spoke and metric."""
    found = {(_project(item), item["MetricName"]): item for item in _items(hub, narrowing, metrics)}
    newest: dict[str, dict[str, datetime]] = {}
    for (project, metric), item in found.items():
        if (date := instant(item.get("ExtractionDate"))) is not None:
            newest.setdefault(project, {})[metric] = date
    failing = {
        (_project(spoke), failure.metric): failure
        for spoke in _failed(hub)
        if narrowing.takes(_project(spoke))
        for failure in current_failures(spoke, newest.get(_project(spoke), {}))
        if not metrics or failure.metric in metrics
    }
    return [
        Latest(project, metric, found.get((project, metric), {}), failing.get((project, metric)))
        for project, metric in sorted({*found, *failing})
    ]


def metric_names(hub: Installation) -> set[str]:
    """The names of all metrics that ever had a value."""
    found = items.scan(hub.client("dynamodb"), hub.table("latest"), ProjectionExpression="MetricName")
    return {item["MetricName"] for item in found}


def _project(item: Mapping[str, Any]) -> str:
    return str(item["Project"]).replace("#", "/")


def _items(hub: Installation, narrowing: Narrowing, metrics: Sequence[str]) -> Iterator[dict[str, Any]]:
    dynamodb, table, spokes = hub.client("dynamodb"), hub.table("latest"), narrowing.spokes()
    if spokes is None:
        yield from items.scan(dynamodb, table, **narrowing.filter(metrics))
        return
    for project, environment in spokes:
        found = items.of_project(dynamodb, table, f"{project}/{environment}")
        yield from (item for item in found if not metrics or item["MetricName"] in metrics)


def _failed(hub: Installation) -> Iterator[dict[str, Any]]:
    return items.scan(
        hub.client("dynamodb"),
        hub.table("spokes"),
        FilterExpression="attribute_exists(Failures)",
        ProjectionExpression="#project, Failures, #metrics",
        ExpressionAttributeNames={"#project": "Project", "#metrics": "Metrics"},
    )
