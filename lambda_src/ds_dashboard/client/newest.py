"""The last values of series, read newest first: how often a metric is computed does not change how much is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.tables import plain_item
from ds_dashboard.client.values import Value, is_in_period, key_query, value_fields
from ds_dashboard.identity import Project

# A call takes about as long as reading as many more values with another call.
_CALL_VALUES = 20
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
) -> list[Value]:
    """Read the last values of a series, oldest first.

    Args:
        installation: the hub.
        project: the project and environment.
        metric: the metric's name.
        count: how many values at most.
        since: the first instant of the period; None for all earlier values.
        until: the end of the period, which does not belong to it; None for all later values.
        odd: counts what the table holds in another form.
    """
    arguments = key_query(installation, "Series", project.series(metric), since, until)
    answer = installation.client("dynamodb").query(**arguments, ScanIndexForward=False, Limit=count)
    values = [Value(**value_fields(plain_item(item), odd)) for item in answer["Items"]]
    return [one for one in reversed(values) if is_in_period(one.time, since, until) and one.value is not None]


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
    incomplete = set(found)
    names = {f"#{name}": name for name in _ATTRIBUTES}
    arguments = key_query(installation, "MetricName", metric, since, until)
    arguments["ExpressionAttributeNames"] |= names
    arguments |= {"ProjectionExpression": ", ".join(names), "ScanIndexForward": False}
    while incomplete:
        wanted = 0
        # Some spokes have another value before all have one.
        limit = count * len(incomplete) + len(incomplete) // 8 + _CALL_VALUES
        answer = client.query(**arguments, Limit=limit)
        for item in answer["Items"]:
            one = value_fields(plain_item(item), odd)
            spoke, time, value = f"{one['project']}/{one['environment']}", one["time"], one["value"]
            if spoke in incomplete and is_in_period(time, since, until) and value is not None:
                wanted += 1
                found[spoke].append(Sample(time, value))
                if len(found[spoke]) == count:
                    incomplete.remove(spoke)
        if "LastEvaluatedKey" not in answer:
            incomplete.clear()
        elif wanted * (count + _CALL_VALUES) < answer["ScannedCount"] * count:
            break
        else:
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return {spoke: samples[::-1] for spoke, samples in found.items() if spoke not in incomplete}
