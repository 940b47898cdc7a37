"""What the metrics of SageMaker's jobs share: windows of ended jobs, Search, and instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ds_dashboard.metrics.errors import IncompleteAnswer
from ds_dashboard.metrics.permissions import Statement
from ds_dashboard.metrics.reader import Reader

# How far back a job that ended in the window may have been created, for metrics that read lists.
LOOK_BACK = {
    "type": "integer",
    "default": 5,
    "minimum": 1,
    "maximum": 60,
    "description": "Jobs that were created more days ago than this are not read, even if they ended in the window.",
}
SEARCH: list[Statement] = [{"Action": "sagemaker:Search", "Resource": "*"}]
SEARCH_READS = "hyperparameters, environment variables and tags of everything that SageMaker can search"

_MARGIN = timedelta(seconds=1)


def ended_jobs(
    reader: Reader, operation: str, key: str, end: str, *, look_back_days: int, fields: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield the jobs of a list that ended in the last 24 hours, newest first.

    Args:
        reader: the run.
        operation: such as "list_transform_jobs".
        key: the name of the list in its answer.
        end: the field with the time when a job ended, which is absent while it runs.
        look_back_days: how long before the run the oldest job may have been created.
        fields: the fields to keep; `end` and the time of creation are always kept.
    """
    window = reader.window(hours=24)
    # Of a past instant, what was created since is not read again and again for each one.
    past: dict[str, Any] = {"CreationTimeBefore": window.until} if reader.is_as_of else {}
    since = window.until - timedelta(days=look_back_days)
    jobs = reader.newest_first("sagemaker", operation, key, since=since, fields=(*fields, end), **past)
    return (job for job in jobs if job.get(end) in window)


class Filter(NamedTuple):
    """A condition of Search: the property, the operator, and the value."""

    name: str
    operator: str
    value: str

    def argument(self) -> dict[str, str]:
        """Return the filter as the API expects it."""
        return {"Name": self.name, "Operator": self.operator, "Value": self.value}


def within(name: str, since: datetime, until: datetime) -> list[Filter]:
    """Return filters for a time. They are a second wider, because Search has no fractions; filter again afterwards."""
    return [
        Filter(name, "GreaterThanOrEqualTo", _text(since - _MARGIN)),
        Filter(name, "LessThanOrEqualTo", _text(until + _MARGIN)),
    ]


def search(reader: Reader, resource: str, filters: Sequence[Filter], keep: Any) -> list[Any]:
    """Return all records of a search, each once.

    Args:
        reader: the run.
        resource: such as "TrainingJob".
        filters: conditions, all of which hold.
        keep: a function that makes a tuple of a record; the first part identifies it.
    """
    found = reader.pages(
        "sagemaker",
        "search",
        "Results",
        fields=keep,
        Resource=resource,
        SearchExpression={"Filters": [one.argument() for one in filters]},
        # By the last modification, which is the default, pages would shift while jobs change.
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    return list({record[0]: record for record in found}.values())


def total_hits(reader: Reader, resource: str, filters: Sequence[Filter]) -> int:
    """Return how many records a search has, with one call.

    Raises:
        IncompleteAnswer: Search does not say the exact number.
    """
    arguments: dict[str, Any] = {
        "Resource": resource,
        "SearchExpression": {"Filters": [one.argument() for one in filters]},
        "MaxResults": 1,
    }
    answer = reader.call("sagemaker", "search", **arguments)
    while "TotalHits" not in answer and answer.get("NextToken"):
        answer = reader.call("sagemaker", "search", **arguments, NextToken=answer["NextToken"])
    hits = answer.get("TotalHits") or {}
    if hits.get("Relation") != "EqualTo":
        raise IncompleteAnswer(f"search of sagemaker does not say the exact number of {resource}s: {hits}")
    return int(hits["Value"])


def instances(config: Mapping[str, Any], job: str) -> dict[str, int]:
    """Return the instances of a job by type, from the ResourceConfig or ClusterConfig of its description.

    Args:
        config: the configuration.
        job: the job's name, for the message.

    Raises:
        IncompleteAnswer: it names no instance type, as of serverless jobs.
    """
    if config.get("SelectedInstanceType"):
        return {config["SelectedInstanceType"]: config["SelectedInstanceCount"]}
    groups = config.get("InstanceGroups") or [config]
    found: dict[str, int] = {}
    for group in groups:
        if group.get("InstanceType"):
            found[group["InstanceType"]] = found.get(group["InstanceType"], 0) + group["InstanceCount"]
    if not found:
        raise IncompleteAnswer(f"the description of {job} has no instance type")
    return found


def instance_seconds(
    started: datetime | None, ended: datetime, config: Mapping[str, Any], job: str
) -> dict[str, Decimal]:
    """Return the seconds between start and end of a job, times its instances, by type; nothing if it never started.

    Args:
        started: when its instances began to work.
        ended: when it ended.
        config: as in `instances`.
        job: as in `instances`.
    """
    if started is None:
        return {}
    seconds = Decimal((ended - started) // timedelta(milliseconds=1)) / 1000
    return {kind: seconds * count for kind, count in instances(config, job).items()}


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S")
