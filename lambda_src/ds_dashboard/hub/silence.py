"""Silent spokes: registered in Parameter Store, and not heard of for too long, or never."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ds_dashboard import aws, dates, emf
from ds_dashboard.identity import Project

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Silent:
    """A registered spoke that is silent; `last_seen` is `None` where it never reported."""

    project: str
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class Watched:
    """Where to look.

    Attributes:
        path: SSM path of the registered projects, without a slash at its end.
        spokes_table: has when each spoke's extraction last ended.
        latest_table: has the newest values, also those of producers that are no extraction.
    """

    path: str
    spokes_table: str
    latest_table: str


def watch(name: str, watched: Watched, silent_after: timedelta, now: datetime) -> list[Silent]:
    """Compare the registry with what arrived, log each silent spoke, and count them for the alarm.

    Args:
        name: the installation, dimension of the metric `SilentSpokes`.

    Raises:
        botocore.exceptions.ClientError: the registry or a table could not be read; nothing is counted then.
    """
    oldest = dates.format_instant(now - silent_after)
    seen = dict(_last_seen(watched.spokes_table))
    silent = []
    for project in sorted(_registered(watched.path)):
        last_seen = seen.get(project)
        if last_seen is None or last_seen < oldest:
            # Seldom, so it may cost a query each: whoever only puts values on the spoke's bus sends no run event.
            last_seen = max(filter(None, [last_seen, _newest_value(watched.latest_table, project)]), default=None)
        if last_seen is None or last_seen < oldest:
            silent.append(Silent(project, last_seen))
    for spoke in silent:
        log.warning("silent spoke", extra={"event": "silent", "project": spoke.project, "last_seen": spoke.last_seen})
    emf.count(name, {"SilentSpokes": len(silent)})
    return silent


def _registered(path: str) -> Iterator[str]:
    for page in aws.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            yield parameter["Name"].removeprefix(f"{path}/")


def _last_seen(table: str) -> Iterator[tuple[str, str]]:
    pages = (
        aws.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=table, ProjectionExpression="ProjectName, Environment, LastSeen")
    )
    for page in pages:
        for item in page["Items"]:
            # A spoke whose run event is still under way has failures only.
            if "LastSeen" in item:
                yield Project(item["ProjectName"]["S"], item["Environment"]["S"]).path, item["LastSeen"]["S"]


def _newest_value(table: str, project: str) -> str | None:
    """When the newest value of any metric of `<ProjectName>/<Environment>` was extracted."""
    try:
        key = Project.parse(project).key
    except ValueError:
        # The parameter's name has another form, and no event can arrive for it.
        return None
    pages = (
        aws.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table,
            KeyConditionExpression="#project = :project",
            ExpressionAttributeNames={"#project": "Project"},
            ExpressionAttributeValues={":project": {"S": key}},
            ProjectionExpression="ExtractionDate",
        )
    )
    return max((item["ExtractionDate"]["S"] for page in pages for item in page["Items"]), default=None)
