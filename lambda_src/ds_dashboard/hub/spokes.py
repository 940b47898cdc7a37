"""The spokes table: one item for each spoke, from its latest run event and the failures of its metrics.

A failure stays under `Failures` until the metric fails again. It describes the past if the latest table has a newer
value of the metric, or if the item's `Metrics` no longer has it. Whoever shows a failure compares the two.

The failures of a spoke that are in one batch are one write, whose size is bounded: `hub/failures.py` says what stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Kind, Received
from ds_dashboard.hub import calls, failures, tables
from ds_dashboard.hub.tables import Outcome, WriteResult
from ds_dashboard.identity import Project

_CONDITION_FAILED = "ConditionalCheckFailedException"
_REVISION = "FailuresRevision"
_deserialize = TypeDeserializer().deserialize


def write(events: Iterable[Received], table: str, deadline: Deadline) -> dict[str, WriteResult]:
    """Write the newest run event of each spoke and the newest failure of each metric, unless the table has newer ones.

    Args:
        events: run events and failure events; each `dedup_key` occurs once.
        table: the table's name.
        deadline: no call starts after it. What is not written by then has failed.

    Returns:
        The result of each event, by `dedup_key`: written, superseded or failed.
    """
    newest, results = tables.newest_by(
        events, lambda one: (one.project.key, one.detail["MetricName"] if one.kind is Kind.FAILURE else None)
    )
    jobs: dict[tuple[Project, Kind], list[Received]] = {}
    for received in newest:
        jobs.setdefault((received.project, received.kind), []).append(received)

    def write_job(job: tuple[Project, Kind]) -> dict[str, bool]:
        if job[1] is Kind.RUN:
            (run,) = jobs[job]
            return {run.dedup_key: _write_run(run, table)}
        return _write_failures(job[0], jobs[job], table)

    # A spoke whose item is throttled waits for its next attempt until all others had theirs.
    for job, written in zip(jobs, calls.call_each_until(write_job, list(jobs), deadline), strict=True):
        for received in jobs[job]:
            if isinstance(written, Exception):
                results[received.dedup_key] = WriteResult(Outcome.FAILED, f"spokes table: {written}")
            else:
                outcome = Outcome.WRITTEN if written[received.dedup_key] else Outcome.SUPERSEDED
                results[received.dedup_key] = WriteResult(outcome)
    return results


def _write_run(run: Received, table: str) -> bool:
    """Write a run event, and return whether it is newer than the one in the table."""
    finished = dates.format_instant(run.date)
    attributes = {
        "ProjectName": run.detail["ProjectName"],
        "Environment": run.detail["Environment"],
        "AccountId": run.account,
        "Region": run.region,
        "LastSeen": finished,
        "FinishedAt": finished,
        "StartedAt": run.detail["StartedAt"],
        "LastRefreshId": run.detail.get("RefreshId"),
        "Emitted": run.detail["Emitted"],
        "Failed": run.detail["Failed"],
        "Metrics": run.detail["Metrics"],
        "ScheduleExpression": run.detail.get("ScheduleExpression"),
        "PackageVersion": run.detail.get("PackageVersion"),
        "BotoVersion": run.detail.get("BotoVersion"),
        "EventId": run.event_id,
    }

    def update() -> bool:
        return _update(
            run.project, table, attributes, condition="attribute_not_exists(#FinishedAt) OR #FinishedAt < :FinishedAt"
        )

    try:
        return update()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
    # The item has reached DynamoDB's limit: its failures were written before they were bounded.
    _write_failures(run.project, [], table)
    return update()


def _write_failures(project: Project, new: list[Received], table: str) -> dict[str, bool]:
    """Write the failures of a spoke, and return for each `dedup_key` whether it is newer than that in the table.

    Raises:
        calls.Conflict: another archive has changed the failures in the meantime.
    """
    names = {"#Failures": "Failures", "#Metrics": "Metrics", "#FinishedAt": "FinishedAt", "#revision": _REVISION}
    answer = aws.client("dynamodb", brief=True).get_item(
        TableName=table,
        Key={"Project": {"S": project.key}},
        ConsistentRead=True,
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
    )
    item = {name: _deserialize(value) for name, value in answer.get("Item", {}).items()}
    # Another program, or an operator who forgets failures, may have written anything. What cannot be read is replaced.
    before, metrics, finished = failures.stored(item.get("Failures")), item.get("Metrics"), item.get("FinishedAt")
    deployed = [one for one in metrics if isinstance(one, str)] if isinstance(metrics, list) else None
    last_run = finished if isinstance(finished, str) else None
    content = {received.detail["MetricName"]: failures.content(received) for received in new}
    newer = {
        metric: failure
        for metric, failure in content.items()
        if metric not in before or before[metric]["ExtractionDate"] < failure["ExtractionDate"]
    }
    after = failures.bounded({**before, **newer}, deployed, last_run)
    if after != item.get("Failures", {}):
        found = item.get(_REVISION)
        revision = found if isinstance(found, Decimal) else None
        written = _update(
            project,
            table,
            {"Failures": after, _REVISION: (revision or 0) + 1},
            condition=f"NOT attribute_type(#{_REVISION}, :before)" if revision is None else f"#{_REVISION} = :before",
            values={":before": "N" if revision is None else revision},
        )
        if not written:
            raise calls.Conflict
    return {received.dedup_key: received.detail["MetricName"] in newer for received in new}


def _update(
    project: Project, table: str, attributes: dict[str, Any], *, condition: str, values: dict[str, Any] | None = None
) -> bool:
    """Set attributes of a spoke's item, or create it; returns False if the condition is not met."""
    given = {**{f":{name}": value for name, value in attributes.items()}, **(values or {})}
    try:
        aws.client("dynamodb", brief=True).update_item(
            TableName=table,
            Key={"Project": {"S": project.key}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ConditionExpression=condition,
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues={name: tables.typed(value) for name, value in given.items()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != _CONDITION_FAILED:
            raise
        return False
    return True
