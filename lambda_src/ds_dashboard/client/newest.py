"""The last values of series, read newest first: how often a metric is computed does not change how much is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.values import is_in_period, key_query, value_fields
from ds_dashboard.identity import Project
from ds_dashboard.typed_json import plain_item

# A call takes at least as long as reading as many more values with another call.
CALL_VALUES = 20
# Not the breakdown, which may have thousands of rows.
_ATTRIBUTES = ("ProjectName", "Environment", "MetricName", "ExtractionDate", "MetricValue")


class Sample(NamedTuple):
    """A value of a series, and when it was extracted."""

    time: datetime
    value: Decimal | str


def read_newest(
    installation: Installation,
    project: Project,
    metric: str,
    count: int,
    since: datetime | None,
    until: datetime | None,
    odd: OddAttributes,
) -> list[Sample]:
    """Read the last values of a series, oldest first, with one call.

    Args:
        installation: the hub.
        project: the project and environment.
        metric: the metric's name.
        count: how many values at most.
        since: the first instant of the period; None for all earlier values.
        until: the end of the period, which does not belong to it; None for all later values.
        odd: counts what the table holds in another form.
    """
    arguments = _newest_first(key_query(installation, "Series", project.series(metric), since, until))
    answer = installation.client("dynamodb").query(**arguments, Limit=count)
    return [sample for _, sample in _samples(answer["Items"], since, until, odd)][::-1]


def read_newest_of(
    installation: Installation,
    metric: str,
    spokes: Collection[str],
    count: int,
    since: datetime | None,
    until: datetime | None,
    odd: OddAttributes,
) -> Mapping[str, list[Sample]]:
    """Read the last values of a metric of many spokes, as long as that is cheaper than a query for each.

    A page of the metric's history is only read if the last one had enough values that were wanted. So if some spokes
    compute the metric every hour and others every day, or if few spokes are wanted, not every value of a month is read.

    Args:
        installation: the hub.
        metric: the metric's name.
        spokes: `<ProjectName>/<Environment>` of each spoke.
        count: how many values of each at most.
        since: as for `read_newest`.
        until: as for `read_newest`.
        odd: counts what the table holds in another form.

    Returns:
        Spoke -> its last values, oldest first. A spoke that needs a query of its own is left out.
    """
    client, found = installation.client("dynamodb"), {spoke: list[Sample]() for spoke in spokes}
    incomplete, missing = set(found), count * len(found)
    arguments = _newest_first(key_query(installation, "MetricName", metric, since, until))
    while incomplete:
        wanted = 0
        # Some spokes have another value before all have one.
        answer = client.query(**arguments, Limit=missing + len(incomplete) // 8 + CALL_VALUES)
        for spoke, sample in _samples(answer["Items"], since, until, odd):
            if spoke in incomplete:
                wanted += 1
                found[spoke].append(sample)
                if len(found[spoke]) == count:
                    incomplete.remove(spoke)
        if "LastEvaluatedKey" not in answer:
            incomplete.clear()
        elif wanted * (count + CALL_VALUES) < answer["ScannedCount"] * count:
            break
        else:
            missing -= wanted
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return {spoke: samples[::-1] for spoke, samples in found.items() if spoke not in incomplete}


def _newest_first(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a query for samples, newest first."""
    names = {f"#{name}": name for name in _ATTRIBUTES}
    return {
        **arguments,
        "ExpressionAttributeNames": arguments["ExpressionAttributeNames"] | names,
        "ProjectionExpression": ", ".join(names),
        "ScanIndexForward": False,
    }


def _samples(
    items: Iterable[Mapping[str, Any]], since: datetime | None, until: datetime | None, odd: OddAttributes
) -> Iterator[tuple[str, Sample]]:
    """Yield spoke and sample of each item that has both an instant in the period and a value."""
    for item in items:
        one = value_fields(plain_item(item), odd)
        if is_in_period(one["time"], since, until) and one["value"] is not None:
            yield f"{one['project']}/{one['environment']}", Sample(one["time"], one["value"])
