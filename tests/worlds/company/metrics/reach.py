"""A metric that tries calls which its role must not be able to make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics import Metric

_HUB = "**PARTITION**:%s:**REGION**:**ARG:hub_account_id**"


class Reach(Metric):
    """The results of declared calls on the hub's resources, and of undeclared calls in the spoke's own account."""

    arguments = {"hub_account_id": {"type": "string", "description": "Account of the hub."}}
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": ["dynamodb:PutItem", "dynamodb:Scan"],
            "Resource": f"arn:{_HUB % 'dynamodb'}:table/lookout-latest",
        },
        {
            "Action": ["sqs:ReceiveMessage", "sqs:SendMessage"],
            "Resource": f"arn:{_HUB % 'sqs'}:lookout-events",
        },
    ]

    def _compute_value(self) -> str:
        hub = self.arguments["hub_account_id"]
        region = self.client("dynamodb").meta.region_name
        table = f"arn:aws:dynamodb:{region}:{hub}:table/lookout-latest"
        item = {"Project": {"S": "Beta#dev"}, "MetricName": {"S": "Reach"}}
        queue = f"https://sqs.{region}.amazonaws.com/{hub}/lookout-events"
        entry = {"Source": "metric_extractor", "DetailType": "metric_extractor", "Detail": "{}"}
        hub_bus = f"arn:aws:events:{region}:{hub}:event-bus/lookout-hub"
        calls: dict[str, Callable[[], Any]] = {
            "hub table read": lambda: self.client("dynamodb").scan(TableName=table),
            "hub table write": lambda: self.client("dynamodb").put_item(TableName=table, Item=item),
            "hub queue read": lambda: self.client("sqs").receive_message(QueueUrl=queue),
            "hub queue write": lambda: self.client("sqs").send_message(QueueUrl=queue, MessageBody="{}"),
            "hub bus": lambda: self._put({**entry, "EventBusName": hub_bus}),
            "default bus": lambda: self._put({**entry, "EventBusName": "default"}),
            "another parameter": lambda: self.client("ssm").get_parameter(Name="/alpha/secret"),
            "another service": lambda: self.client("sagemaker").list_models(),
        }
        return json.dumps({name: _outcome(call) for name, call in calls.items()})

    def _put(self, entry: dict[str, str]) -> None:
        answer = self.client("events").put_events(Entries=[entry])["Entries"][0]
        if "ErrorCode" in answer:
            raise ClientError({"Error": {"Code": answer["ErrorCode"]}}, "PutEvents")


def _outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"
