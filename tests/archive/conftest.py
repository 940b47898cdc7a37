"""A hub in a local cloud: its archive runs in the test's process, against real tables and queues."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub.archive import Message, archive
from ds_dashboard.hub.registration import Registration
from ds_dashboard.hub.settings import ArchiveSettings
from ds_dashboard.hub.totals import Publisher
from ds_dashboard.typed_json import plain_item
from ds_dashboard_local import LocalCloud

HUB, SPOKE, OTHER = "111111111111", "222222222222", "333333333333"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REGION = "eu-west-1"
RUN = {
    "ProjectName": "P",
    "Environment": "dev",
    "StartedAt": "2026-11-24T10:59:00.000000Z",
    "FinishedAt": "2026-11-24T11:00:00.000000Z",
    "Emitted": 1,
    "Failed": 0,
    "Metrics": ["Jobs"],
}
FAILURE = {
    "MetricName": "Jobs",
    "ErrorType": "MetricDenied",
    "ErrorMessage": "Jobs needs sagemaker:ListTrainingJobs",
    "ExtractionDate": "2026-11-24T11:00:00.000000Z",
    "Environment": "dev",
    "ProjectName": "P",
    "RefreshId": "r-1",
}
_numbers = itertools.count()


def _key_schema(*keys: str) -> list[Any]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


class Hub:
    """The tables and queues of one hub, and what they contain."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.name = f"hub{next(_numbers)}"
        self.dynamodb = cloud.client("dynamodb", HUB, REGION)
        self.sqs = cloud.client("sqs", HUB, REGION)
        self.ssm = cloud.client("ssm", HUB, REGION)
        for service, client in (("dynamodb", self.dynamodb), ("sqs", self.sqs), ("ssm", self.ssm)):
            aws.use(service, client)
        self._table(
            "metrics",
            "MetricName",
            "ExtractionDate",
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "BySeries",
                    "KeySchema": _key_schema("Series", "ExtractionDate"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        self._table("latest", "Project", "MetricName")
        self._table("spokes", "Project")
        self.rejected_url = self.sqs.create_queue(QueueName=f"{self.name}-rejected")["QueueUrl"]
        self.settings = ArchiveSettings(
            name=self.name,
            history_table=f"{self.name}-metrics",
            latest_table=f"{self.name}-latest",
            spokes_table=f"{self.name}-spokes",
            rejected_queue_url=self.rejected_url,
            monitored_projects_path=f"/{self.name}",
            retention_days=None,
            region=REGION,
        )
        self.publisher: Publisher | None = None
        self.registration = Registration(f"/{self.name}", REGION)
        for project in ("P/dev", "P/prod"):
            self.register(project, SPOKE)
        self.register("Q/dev", OTHER)

    def _table(self, suffix: str, *keys: str, **indexes: Any) -> None:
        attributes = [*keys, *(["Series"] if indexes else [])]
        self.dynamodb.create_table(
            TableName=f"{self.name}-{suffix}",
            KeySchema=_key_schema(*keys),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
            BillingMode="PAY_PER_REQUEST",
            **indexes,
        )

    def register(self, project: str, account: str) -> None:
        self.ssm.put_parameter(Name=f"/{self.name}/{project}", Value=account, Type="String", Overwrite=True)

    def archive(self, *bodies: str, now: datetime = NOW, seconds: float = 60.0) -> list[str]:
        """Archive a batch, and return the positions of the messages that are delivered again."""
        messages = [Message(str(index), body) for index, body in enumerate(bodies)]
        return archive(messages, self.settings, self.registration, now, Deadline.after(seconds), self.publisher)

    def items(self, suffix: str) -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=f"{self.name}-{suffix}", ConsistentRead=True)
        return [plain_item(item) for page in pages for item in page["Items"]]

    def history(self) -> list[dict[str, Any]]:
        return sorted(self.items("metrics"), key=lambda item: (item["MetricName"], item["ExtractionDate"]))

    def rejected(self) -> list[dict[str, Any]]:
        """Return the messages in the rejected queue, each with its body, code and reason."""
        messages: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.rejected_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            if not answer.get("Messages"):
                return messages
            for message in answer["Messages"]:
                attributes = {key: value["StringValue"] for key, value in message.get("MessageAttributes", {}).items()}
                messages.append({"body": message["Body"], **attributes})


@pytest.fixture
def hub(local_cloud: LocalCloud) -> Iterator[Hub]:
    """A new hub for each test."""
    yield Hub(local_cloud)
    aws.forget()


def result(**changes: Any) -> dict[str, Any]:
    """Return the detail of a result, with changes."""
    return {
        "MetricName": "Jobs",
        "MetricValue": 1,
        "ExtractionDate": "2026-11-24T11:00:00.000000Z",
        "Metadata": {},
        "Environment": "dev",
        "ProjectName": "P",
        **changes,
    }


def body(detail: dict[str, Any], *, account: str = SPOKE, kind: str = "metric_extractor", **envelope: Any) -> str:
    """Return an event as EventBridge delivers it to the queue; each one has another ID."""
    whole = {
        "version": "0",
        "id": f"event-{next(_numbers)}",
        "detail-type": kind,
        "source": "metric_extractor",
        "account": account,
        "time": "2026-11-24T11:00:01Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
        **envelope,
    }
    return json.dumps(whole, default=lambda value: float(value) if isinstance(value, Decimal) else None)
