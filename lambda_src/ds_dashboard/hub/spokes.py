"""The spokes table: one item for each spoke, from its latest run event and the failures of its metrics.

A failure stays under `Failures` until the metric fails again. It describes the past if the latest table has a newer
value of the metric, or if the item's `Metrics` no longer has it. Whoever shows a failure compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates
from ds_dashboard.event import Kind, Received
from ds_dashboard.hub import tables
from ds_dashboard.hub.tables import Outcome, WriteResult

_CONDITION_FAILED = "ConditionalCheckFailedException"
_serialize = TypeSerializer().serialize


def write(events: Iterable[Received], table: str) -> dict[str, WriteResult]:
    """Write the newest run event of each spoke and the newest failure of each metric, unless the table has newer ones.

    Args:
        events: run events and failure events; each `dedup_key` occurs once.
        table: the table's name.

    Returns:
        The result of each event, by `dedup_key`: written, superseded or failed.
    """
    newest, results = tables.newest_by(
        events, lambda one: (one.project.key, one.detail["MetricName"] if one.kind is Kind.FAILURE else None)
    )
    for received in newest:
        try:
            written = (_write_failure if received.kind is Kind.FAILURE else _write_run)(received, table)
            results[received.dedup_key] = WriteResult(Outcome.WRITTEN if written else Outcome.SUPERSEDED)
        except (ClientError, BotoCoreError) as error:
            results[received.dedup_key] = WriteResult(Outcome.FAILED, str(error))
    return results


def _write_run(run: Received, table: str) -> bool:
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
    return _update(
        run,
        table,
        expression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        condition="attribute_not_exists(#FinishedAt) OR #FinishedAt < :FinishedAt",
        names={f"#{name}": name for name in attributes},
        values={f":{name}": value for name, value in attributes.items()},
    )


def _write_failure(failure: Received, table: str) -> bool:
    metric, date = failure.detail["MetricName"], dates.format_instant(failure.date)
    content = {
        "ErrorType": failure.detail["ErrorType"],
        "ErrorMessage": failure.detail["ErrorMessage"],
        "ExtractionDate": date,
        "RefreshId": failure.detail.get("RefreshId"),
        "EventId": failure.event_id,
    }
    newer = "attribute_not_exists(#Failures.#metric) OR #Failures.#metric.ExtractionDate < :date"

    def update(condition: str) -> bool:
        return _update(
            failure,
            table,
            expression="SET #Failures.#metric = :failure",
            condition=condition,
            names={"#Failures": "Failures", "#metric": metric},
            values={":failure": content, ":date": date},
        )

    def create() -> bool:
        return _update(
            failure,
            table,
            expression="SET #Failures = :failures",
            condition="attribute_not_exists(#Failures)",
            names={"#Failures": "Failures"},
            values={":failures": {metric: content}},
        )

    # The first update fails if the table has a newer failure, or if this is the spoke's first failure and there is no
    # map yet. If another archive creates the map in the meantime, the last update writes into that.
    return update(f"attribute_exists(#Failures) AND ({newer})") or create() or update(newer)


def _update(
    received: Received, table: str, *, expression: str, condition: str, names: dict[str, str], values: dict[str, Any]
) -> bool:
    """Update the spoke's item, or create it; returns False if the condition is not met."""
    try:
        aws.client("dynamodb").update_item(
            TableName=table,
            Key={"Project": {"S": received.project.key}},
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={name: _serialize(value) for name, value in values.items()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != _CONDITION_FAILED:
            raise
        return False
    return True
