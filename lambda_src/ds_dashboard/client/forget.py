"""Forgetting spokes and metrics: removing what a hub shows of those that no longer exist.

The tables keep a spoke that was removed or renamed, and a metric that a spoke no longer has, until someone forgets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ds_dashboard.client.errors import HubError, error_code
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.tables import SpokeFilter, query, query_project, scan
from ds_dashboard.identity import Project
from ds_dashboard.shell import command
from ds_dashboard.typed_json import plain_item

Progress = Callable[[int], None]

# Within the connections of one client.
_MAX_CALLS = 8
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a hub has forgotten, or what it would forget.

    Attributes:
        spoke: `<project>/<environment>`.
        metrics: the metrics whose newest value, failure or reason for having none goes, sorted.
        spoke_item: whether the spoke itself goes, with its last run.
        history: the number of values of the history that go; None if the history is kept.
        kept: the metrics that got a new value or failure in the meantime, and therefore stay.
    """

    spoke: str
    metrics: tuple[str, ...]
    spoke_item: bool
    history: int | None
    kept: tuple[str, ...] = ()


def forget(
    installation: Installation,
    project: Project,
    metrics: Sequence[str],
    registered: Mapping[str, str],
    path: str,
    *,
    history: bool,
    dry_run: bool,
    progress: Progress,
) -> Forgotten:
    """Forget a spoke, or some of its metrics.

    Args:
        installation: the hub.
        project: the spoke's project and environment.
        metrics: the metrics to forget; empty for the spoke with all its metrics.
        registered: `<ProjectName>/<Environment>` -> account ID or bus ARN.
        path: the SSM path of the registrations.
        history: whether values of the history go too.
        dry_run: read what would go, and remove nothing.
        progress: receives the number of values of the history that are counted or removed so far.

    Raises:
        HubError: the spoke is registered, or still has one of the metrics, or there is nothing to forget.
    """
    item = _spoke_item(installation, project)
    known = OddAttributes().removed_from(item)
    _check_gone(project, metrics, known, registered, path)
    shown = {one["MetricName"]: one for one in _latest_items(installation, project, metrics)}
    failing = [name for name in known.get("Failures", ()) if not metrics or name in metrics]
    empty = [name for name in known.get("NothingToReport", ()) if not metrics or name in metrics]
    names = tuple(sorted({*shown, *failing, *empty}))
    whole = not metrics and bool(item)
    count = _forget_history(installation, project, metrics, dry_run, progress) if history else None
    if not (names or whole or count):
        raise HubError(
            f"{'metric ' + ', '.join(metrics) + ' of ' if metrics else ''}spoke {project.path}",
            "has nothing to forget" + ("." if history else ", except possibly values of the history."),
            "`ds-dashboard spokes` and `ds-dashboard latest` show what the hub knows.",
        )
    if dry_run:
        return Forgotten(project.path, names, whole, count)
    kept = {name for name, one in shown.items() if not _delete_latest(installation, project, one)}
    if whole:
        whole = _delete_spoke(installation, project, item)
        kept |= set() if whole else {*failing, *empty}
    else:
        removed: list[tuple[str, str, tuple[str, ...]]] = [("Failures", name, ()) for name in failing]
        removed += [("NothingToReport", name, ("NothingToReportAt",)) for name in empty]
        kept |= {
            name for map_name, name, more in removed if not _remove(installation, project, item, map_name, name, more)
        }
    gone = tuple(name for name in names if name not in kept)
    return Forgotten(project.path, gone, whole, count, tuple(sorted(kept)))


def _check_gone(
    project: Project, metrics: Sequence[str], item: Mapping[str, Any], registered: Mapping[str, str], path: str
) -> None:
    """Refuse to forget what would come back with the next extraction."""
    if project.path not in registered:
        return
    if not metrics:
        delete = command("aws", "ssm", "delete-parameter", "--name", f"{path}/{project.path}")
        raise HubError(
            f"spoke {project.path}",
            f"is registered at {path}/{project.path}, so its next values would bring it back.",
            f"Remove the registration first: delete the parameter ({delete}) or its entry in monitored_projects, and "
            "apply the hub's connection. To forget only some metrics, name them.",
        )
    still = [name for name in metrics if name in item.get("Metrics", ())]
    if still:
        raise HubError(
            f"metric {', '.join(still)} of spoke {project.path}",
            "is one of the metrics of its last run, so its next value would bring it back.",
            "Remove it from `metrics` of modules/spoke, apply, and request a refresh. Then forget it.",
        )


def _spoke_item(installation: Installation, project: Project) -> dict[str, Any]:
    answer = installation.client("dynamodb").get_item(
        TableName=installation.table("spokes"), Key={"Project": {"S": project.key}}, ConsistentRead=True
    )
    return plain_item(answer.get("Item", {}))


def _latest_items(installation: Installation, project: Project, metrics: Sequence[str]) -> Iterator[dict[str, Any]]:
    items = query_project(
        installation.client("dynamodb"),
        installation.table("latest"),
        project,
        "MetricName, Age",
        max_pages=None,
        ConsistentRead=True,
    )
    return (item for item in items if not metrics or item["MetricName"] in metrics)


def _delete_latest(installation: Installation, project: Project, item: Mapping[str, Any]) -> bool:
    """Delete the newest value of a metric, unless a newer one has arrived."""
    key = {"Project": {"S": project.key}, "MetricName": {"S": item["MetricName"]}}
    return _unless_changed(
        installation.client("dynamodb").delete_item,
        TableName=installation.table("latest"),
        Key=key,
        **_condition("Age", item),
    )


def _delete_spoke(installation: Installation, project: Project, item: Mapping[str, Any]) -> bool:
    """Delete the item of a spoke, unless a newer run has ended."""
    return _unless_changed(
        installation.client("dynamodb").delete_item,
        TableName=installation.table("spokes"),
        Key={"Project": {"S": project.key}},
        **_condition("LastSeen", item),
    )


def _remove(
    installation: Installation,
    project: Project,
    item: Mapping[str, Any],
    attribute: str,
    metric: str,
    more: Sequence[str],
) -> bool:
    """Remove a metric from a map of the item of a spoke, and from others, unless a newer event has changed it."""
    names = {
        f"#map{number}": name for number, name in enumerate((attribute, *more)) if metric in (item.get(name) or ())
    }
    return _unless_changed(
        installation.client("dynamodb").update_item,
        TableName=installation.table("spokes"),
        Key={"Project": {"S": project.key}},
        UpdateExpression="REMOVE " + ", ".join(f"{name}.#metric" for name in names),
        ConditionExpression="#map0.#metric = :member",
        ExpressionAttributeNames={**names, "#metric": metric},
        ExpressionAttributeValues={":member": _typed(item[attribute][metric])},
    )


def _condition(attribute: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the condition that an attribute is still as it was read."""
    names = {"#attribute": attribute}
    if attribute not in item:
        return {"ConditionExpression": "attribute_not_exists(#attribute)", "ExpressionAttributeNames": names}
    return {
        "ConditionExpression": "#attribute = :value",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":value": _typed(item[attribute])},
    }


def _typed(value: Any) -> Any:
    from boto3.dynamodb.types import TypeSerializer

    return TypeSerializer().serialize(value)


def _unless_changed(call: Callable[..., Any], **arguments: Any) -> bool:
    from botocore.exceptions import ClientError

    try:
        call(**arguments)
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _forget_history(
    installation: Installation, project: Project, metrics: Sequence[str], dry_run: bool, progress: Progress
) -> int:
    """Delete the values of a spoke's history, or count them; returns their number."""
    dynamodb, table = installation.client("dynamodb"), installation.table("metrics")

    def delete(key: Mapping[str, str]) -> None:
        dynamodb.delete_item(TableName=table, Key={name: {"S": value} for name, value in key.items()})

    count = 0
    with ThreadPoolExecutor(_MAX_CALLS) as pool:
        for keys in _in_chunks(_history_keys(dynamodb, table, project, metrics)):
            if not dry_run:
                list(pool.map(delete, keys))
            count += len(keys)
            progress(count)
    return count


def _history_keys(dynamodb: Any, table: str, project: Project, metrics: Sequence[str]) -> Iterator[dict[str, str]]:
    if not metrics:
        arguments = SpokeFilter((project.name,), (project.environment,)).arguments()
        yield from scan(dynamodb, table, ProjectionExpression="MetricName, ExtractionDate", **arguments)
        return
    for metric in metrics:
        yield from query(
            dynamodb,
            table,
            IndexName="BySeries",
            KeyConditionExpression="Series = :series",
            ExpressionAttributeValues={":series": {"S": project.series(metric)}},
            ProjectionExpression="MetricName, ExtractionDate",
        )


def _in_chunks(keys: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    chunk: list[dict[str, str]] = []
    for key in keys:
        chunk.append(key)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
