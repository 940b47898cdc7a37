"""A hub and a spoke as their operators see them: by the outputs of their modules, and by the names of their queues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from ds_dashboard import canonical_json
from ds_dashboard_local import RunningCloud
from ds_dashboard_local.settings import DEFAULT_REGION as REGION

SOURCE = "metric_extractor"
_plain = TypeDeserializer().deserialize
Item = dict[str, Any]
Message = dict[str, Any]


class Side:
    """What hub and spoke have in common: an account, a name, queues.

    Args:
        outputs: of the module.
    """

    LETTERS: tuple[str, ...] = ()

    def __init__(self, cloud: RunningCloud, account: str, name: str, outputs: Mapping[str, Any]) -> None:
        self.cloud, self.account, self.name, self.outputs = cloud, account, name, outputs
        self.bus_arn: str = outputs["event_bus_arn"]
        self._urls: dict[str, str] = {}

    def client(self, service: str) -> Any:
        """The root of the account."""
        return self.cloud.client(service, self.account, REGION)

    def queue_url(self, role: str) -> str:
        """The queue `<name>-<role>`."""
        if role not in self._urls:
            name = f"{self.name}-{role}"
            self._urls[role] = self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        return self._urls[role]

    def depth(self, role: str) -> tuple[int, int]:
        """How many messages of a queue can be received now, and how many are under way or come again later."""
        visible, hidden = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
        answer = self.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url(role), AttributeNames=[visible, hidden]
        )
        return int(answer["Attributes"][visible]), int(answer["Attributes"][hidden])

    def take(self, role: str) -> list[Message]:
        """Take what stands on a queue: each message with `Body` and, as plain texts, its `Attributes`."""
        sqs, url, taken = self.client("sqs"), self.queue_url(role), []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            handles = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(found)]
            sqs.delete_message_batch(QueueUrl=url, Entries=handles)
            for message in found:
                attributes = {name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()}
                taken.append({"Body": message["Body"], "Attributes": attributes})
        return taken

    def put(self, entries: list[dict[str, str]], bus_arn: str | None = None) -> list[dict[str, Any]]:
        """One PutEvents, on the own bus or on `bus_arn`; the answer of each entry."""
        addressed = [{"Source": SOURCE, **entry, "EventBusName": bus_arn or self.bus_arn} for entry in entries]
        answers: list[dict[str, Any]] = self.client("events").put_events(Entries=addressed)["Entries"]
        return answers

    def put_again(self, envelopes: Sequence[Mapping[str, Any]]) -> None:
        """Put events on the own bus once more, as they were: EventBridge gives them other ids."""
        entries = [
            {
                "Source": envelope["source"],
                "DetailType": envelope["detail-type"],
                "Detail": canonical_json.dumps(envelope["detail"]),
            }
            for envelope in envelopes
        ]
        for start in range(0, len(entries), 10):
            answers = self.put(entries[start : start + 10])
            assert all("EventId" in answer for answer in answers), answers


class Hub(Side):
    """A hub: its tables, its queue, its functions."""

    QUEUE = "events"
    LETTERS = (
        "events-dead-letters",
        "rule-dead-letters",
        "bus-dead-letters",
        "function-dead-letters",
        "to-spokes-dead-letters",
    )

    def register(self, project: str, account: str) -> None:
        """Believe `account` what it says of `project` (`Project00/dev`)."""
        name = f"{self.registry_path}/{project}"
        self.client("ssm").put_parameter(Name=name, Value=account, Type="String", Overwrite=True)

    def unregister(self, project: str) -> None:
        """Believe nobody any more."""
        self.client("ssm").delete_parameter(Name=f"{self.registry_path}/{project}")

    @property
    def registry_path(self) -> str:
        """Where the projects stand in Parameter Store."""
        path = "DS_DASHBOARD_MONITORED_PROJECTS_PATH"
        function = self.client("lambda").get_function_configuration(FunctionName=self.outputs["archive_function_name"])
        return str(function["Environment"]["Variables"][path])

    def enqueue(self, bodies: Sequence[str]) -> None:
        """Put messages on the archive's queue, as an operator may."""
        sqs, url = self.client("sqs"), self.queue_url(self.QUEUE)
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body)

    def items(self, table: str) -> list[Item]:
        """All items of `<name>-<table>`."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=f"{self.name}-{table}")
        return [{name: _plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]

    def invoke(self, output: str, event: object = None) -> Any:
        """Call the function that an output names, and return its answer."""
        answer = self.client("lambda").invoke(FunctionName=self.outputs[output], Payload=json.dumps(event))
        return json.load(answer["Payload"])

    def hurry(self, visibility_seconds: int, most_receives: int | None = None) -> None:
        """Let a message that failed come again after so many seconds, and be given up after so many times."""
        sqs, url = self.client("sqs"), self.queue_url(self.QUEUE)
        attributes = {"VisibilityTimeout": str(visibility_seconds)}
        if most_receives is not None:
            policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
            changed = {**json.loads(policy["RedrivePolicy"]), "maxReceiveCount": most_receives}
            attributes["RedrivePolicy"] = json.dumps(changed)
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


class Spoke(Side):
    """A spoke: its bus and its function.

    Args:
        project: `North/dev`, as the hub registers it.
    """

    LETTERS = ("spoke-dead-letters", "to-hubs-dead-letters")

    def __init__(self, cloud: RunningCloud, account: str, name: str, project: str, outputs: Mapping[str, Any]) -> None:
        super().__init__(cloud, account, name, outputs)
        self.project = project

    @property
    def function(self) -> str:
        """The extraction function."""
        return str(self.outputs["function_name"])

    def log(self, event: str, refresh_id: str) -> list[dict[str, Any]]:
        """What the extraction has logged of an event of one refresh."""
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=f"/aws/lambda/{self.function}", filterPattern=f'"{refresh_id}"')
        )
        lines = [json.loads(each["message"]) for page in pages for each in page["events"]]
        return [line for line in lines if (line.get("event"), line.get("RefreshId")) == (event, refresh_id)]
