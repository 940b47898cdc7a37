"""What the demo asks of the central hub: a refresh, its answers, its tables and its rejected queue."""

import json
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from ds_dashboard_dev.failure import Failure
from ds_dashboard_local.cloud import RunningCloud

_plain = TypeDeserializer().deserialize
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.2


class Hub:
    """The central hub of the demo, seen through its public outputs.

    Args:
        outputs: of ``examples/local/accounts``.
    """

    def __init__(self, cloud: RunningCloud, account: str, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        self._dynamodb = cloud.client("dynamodb", account)
        self._functions = cloud.client("lambda", account)
        self._sqs = cloud.client("sqs", account)

    def refresh(self) -> str:
        """Ask all spokes for fresh values; returns the refresh's id."""
        answer = self._functions.invoke(FunctionName=self._outputs["refresh_function_name"], Payload=b"{}")
        payload = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise Failure(f"The refresh function failed: {payload}", cure="Its log group says more.")
        return str(payload["RefreshId"])

    def wait_for(self, refresh_id: str, spokes: int, progress: Callable[[int, int], None]) -> None:
        """Wait until all spokes have answered and their values stand in the tables.

        Args:
            progress: is told how many spokes have answered, and how many values have arrived.
        """
        limit = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < limit:
            answered = [item for item in self.items("spokes_table_name") if item.get("LastRefreshId") == refresh_id]
            values = [item for item in self.items("latest_table_name") if item.get("RefreshId") == refresh_id]
            progress(len(answered), len(values))
            if len(answered) == spokes and len(values) == sum(int(item["Emitted"]) for item in answered):
                return
            time.sleep(_POLL_SECONDS)
        raise Failure(
            f"{spokes - len(answered)} of {spokes} spokes have not answered refresh {refresh_id} in time.",
            cure="KEEP=1 leaves the local cloud running; look at the log groups of ds-dashboard-extract and -archive.",
        )

    def items(self, table: str) -> list[dict[str, Any]]:
        """All items of the table that the output ``table`` names."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._outputs[table], ConsistentRead=True)
        return [_readable(item) for page in pages for item in page["Items"]]

    def history(self, metric: str) -> list[dict[str, Any]]:
        """The values of a metric, oldest first."""
        answer = self._dynamodb.query(
            TableName=self._outputs["table_name"],
            KeyConditionExpression="MetricName = :metric",
            ExpressionAttributeValues={":metric": {"S": metric}},
        )
        return [_readable(item) for item in answer["Items"]]

    def wait_for_rejected(self) -> dict[str, str]:
        """The next message of the rejected queue: its reason, and what was sent."""
        limit = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < limit:
            answer = self._sqs.receive_message(
                QueueUrl=self._outputs["rejected_queue_url"], MessageAttributeNames=["All"], WaitTimeSeconds=5
            )
            for message in answer.get("Messages", []):
                return {"Reason": message["MessageAttributes"]["Reason"]["StringValue"], "Body": message["Body"]}
        raise Failure("The forged event did not reach the rejected queue in time.", cure="Please report this.")


def _readable(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item with plain values, and beside them its spoke and its date as people write them."""
    values = {name: _plain(value) for name, value in item.items()}
    values = {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in values.items()}
    if "ProjectName" in values:
        values["Spoke"] = f"{values['ProjectName']}/{values['Environment']}"
    if "ExtractionDate" in values:
        values["Extracted"] = values["ExtractionDate"][:19].replace("T", " ")
    return values
