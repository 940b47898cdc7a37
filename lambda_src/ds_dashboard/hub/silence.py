"""Silent spokes: registered in Parameter Store, and not heard of for too long, or never."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ds_dashboard import aws, dates, telemetry

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Silent:
    """A registered spoke that is silent; ``last_seen`` is ``None`` where it never reported."""

    project: str
    last_seen: str | None


def watch(name: str, path: str, table: str, silent_after: timedelta, now: datetime) -> list[Silent]:
    """Compare the registry with the spokes table, log each silent spoke, and count them for the alarm.

    Args:
        name: the installation, dimension of the metric ``SilentSpokes``.
        path: SSM path of the registered projects, without a slash at its end.
        table: the spokes table.

    Raises:
        botocore.exceptions.ClientError: the registry or the table could not be read; nothing is counted then.
    """
    oldest = dates.format_instant(now - silent_after)
    seen = dict(_last_seen(table))
    silent = [
        Silent(project, seen.get(project))
        for project in sorted(_registered(path))
        if (seen.get(project) or "") < oldest
    ]
    for spoke in silent:
        log.warning("silent spoke", extra={"event": "silent", "project": spoke.project, "last_seen": spoke.last_seen})
    telemetry.count(name, {"SilentSpokes": len(silent)})
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
                yield f"{item['ProjectName']['S']}/{item['Environment']['S']}", item["LastSeen"]["S"]
