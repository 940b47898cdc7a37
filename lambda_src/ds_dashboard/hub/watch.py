"""Silent spokes: registered in Parameter Store, but without an event for too long, or ever."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ds_dashboard import aws, dates, emf
from ds_dashboard.identity import Project
from ds_dashboard.settings import WatchSettings

log = logging.getLogger(__name__)


class Silent(NamedTuple):
    """A registered spoke that is silent.

    Attributes:
        project: `<ProjectName>/<Environment>`, as registered.
        last_seen: when its last extraction ended, in the form of the event contract; None if it never sent anything.
    """

    project: str
    last_seen: str | None


def watch(settings: WatchSettings, now: datetime) -> list[Silent]:
    """Find the registered spokes that are silent, log each one, and count them in the metric `SilentSpokes`.

    Args:
        settings: what to compare, and after which time a spoke counts as silent.
        now: the present instant.

    Returns:
        The silent spokes, sorted by project.

    Raises:
        botocore.exceptions.ClientError: a parameter or a table could not be read. Nothing is counted then.
    """
    oldest = dates.format_instant(now - settings.silent_after)
    seen = dict(_last_seen(settings.spokes_table))
    silent = []
    for project in sorted(_registered(settings.monitored_projects_path)):
        last_seen = seen.get(project)
        if last_seen is None or last_seen < oldest:
            # Producers that only put values on the bus send no run events. They are few, so a query each is cheap.
            last_seen = max(filter(None, [last_seen, _newest_value(settings.latest_table, project)]), default=None)
        if last_seen is None or last_seen < oldest:
            silent.append(Silent(project, last_seen))
    for spoke in silent:
        log.warning("silent spoke", extra={"event": "silent", "project": spoke.project, "last_seen": spoke.last_seen})
    emf.count(settings.name, {"SilentSpokes": len(silent)})
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
            # A spoke whose first run event has not arrived has failures only.
            if "LastSeen" in item:
                yield Project(item["ProjectName"]["S"], item["Environment"]["S"]).path, item["LastSeen"]["S"]


def _newest_value(table: str, project: str) -> str | None:
    """Return when the newest value of any metric of `<ProjectName>/<Environment>` was extracted."""
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
