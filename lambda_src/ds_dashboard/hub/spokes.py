"""The spokes table: one item a spoke, from its latest run and the failures of its metrics.

A failure stays under `Failures` until the metric fails again. It is history, not the present state, where the latest
table has a newer value of the metric, or the item's `Metrics` no longer name it: whoever shows it compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws, dates
from ds_dashboard.event import Kind, Received

_CONDITION_FAILED = "ConditionalCheckFailedException"
_serialize = TypeSerializer().serialize


def note(received: Iterable[Received], table: str) -> dict[str, str]:
    """Write runs and failures where they are newer than what the table has.

    Returns the reasons of failures by `dedup_key`; who is not named is done.
    """
    newest: dict[tuple[str, str], Received] = {}
    for one in received:
        subject = (one.project.key, one.detail["MetricName"] if one.kind is Kind.FAILURE else "")
        if subject not in newest or (newest[subject].date, newest[subject].dedup_key) < (one.date, one.dedup_key):
            newest[subject] = one
    failed: dict[str, str] = {}
    for one in newest.values():
        try:
            (_note_failure if one.kind is Kind.FAILURE else _note_run)(one, table)
        except (ClientError, BotoCoreError) as error:
            failed[one.dedup_key] = str(error)
    return failed


def _note_run(run: Received, table: str) -> None:
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
    _update(
        run,
        table,
        expression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        condition="attribute_not_exists(#FinishedAt) OR #FinishedAt < :FinishedAt",
        names={f"#{name}": name for name in attributes},
        values={f":{name}": value for name, value in attributes.items()},
    )


def _note_failure(failure: Received, table: str) -> None:
    metric = failure.detail["MetricName"]
    values = {
        ":failure": {
            "ErrorType": failure.detail["ErrorType"],
            "ErrorMessage": failure.detail["ErrorMessage"],
            "ExtractionDate": dates.format_instant(failure.date),
            "RefreshId": failure.detail.get("RefreshId"),
            "EventId": failure.event_id,
        },
        ":date": dates.format_instant(failure.date),
    }
    names = {"#Failures": "Failures", "#metric": metric}
    newer = "attribute_not_exists(#Failures.#metric) OR #Failures.#metric.ExtractionDate < :date"
    written = _update(
        failure,
        table,
        expression="SET #Failures.#metric = :failure",
        condition=f"attribute_exists(#Failures) AND ({newer})",
        names=names,
        values=values,
    )
    if not written:
        # Either an older failure, or the spoke's first one: only then is there no map to write into.
        made = _update(
            failure,
            table,
            expression="SET #Failures = :failures",
            condition="attribute_not_exists(#Failures)",
            names={"#Failures": "Failures"},
            values={":failures": {metric: values[":failure"]}},
        )
        if not made:
            _update(
                failure,
                table,
                expression="SET #Failures.#metric = :failure",
                condition=newer,
                names=names,
                values=values,
            )


def _update(
    received: Received, table: str, *, expression: str, condition: str, names: dict[str, str], values: dict[str, Any]
) -> bool:
    """Update the spoke's item, making it if need be; `False` where the condition did not hold."""
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
