"""A hub and a spoke as their operators see them: by the outputs of their modules, and by the names of their queues."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from boto3.dynamodb.types import TypeSerializer

from ds_dashboard import canonical_json
from ds_dashboard.typed_json import plain_item
from ds_dashboard_dev.testing.events import RESULT, SOURCE
from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local import RunningCloud
from ds_dashboard_local.settings import DEFAULT_REGION as REGION

_VISIBLE, _IN_FLIGHT = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
_serialize = TypeSerializer().serialize
Item = dict[str, Any]


class FunctionFailed(Exception):
    """A function of an installation failed; the message is its error's."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message received from a queue, with its attributes as plain texts."""

    body: str
    attributes: Mapping[str, str]


class Installation:
    """One applied module, hub or spoke: its account, its bus, its queues, its functions.

    Args:
        cloud: where it is applied.
        account: its account's id.
        outputs: of the module.
        region: its region.
    """

    kind: ClassVar[str]
    dead_letter_queues: ClassVar[tuple[str, ...]]
    # Outputs of the module, by the role of the queue and of the function that they name.
    queue_outputs: ClassVar[Mapping[str, str]]
    function_outputs: ClassVar[Mapping[str, str]]

    def __init__(self, cloud: RunningCloud, account: str, outputs: Mapping[str, Any], region: str = REGION) -> None:
        self.cloud, self.account, self.region, self.outputs = cloud, account, region, outputs
        self.name: str = outputs["name"]
        self.bus_name: str = outputs["event_bus_name"]
        self.bus_arn: str = outputs["event_bus_arn"]
        self._queue_urls = {role: str(outputs[output]) for role, output in self.queue_outputs.items()}

    def function_name(self, role: str) -> str:
        """Return the name of the function of a role, such as archive or extract."""
        output = self.function_outputs.get(role)
        return str(self.outputs[output]) if output else f"{self.name}-{role}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of the account's root."""
        return self.cloud.client(service, self.account, self.region)

    @property
    def key_arn(self) -> str:
        """The KMS key under which the installation is encrypted."""
        function = self.function_name(next(iter(self.function_outputs)))
        return str(self.client("lambda").get_function_configuration(FunctionName=function)["KMSKeyArn"])

    def queue_url(self, role: str) -> str:
        """Return the URL of the queue `<name>-<role>`."""
        if role not in self._queue_urls:
            name = f"{self.name}-{role}"
            self._queue_urls[role] = self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        return self._queue_urls[role]

    def depth(self, role: str) -> tuple[int, int]:
        """Return how many messages of a queue can be received now, and how many are in flight or delayed."""
        answer = self.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url(role), AttributeNames=[_VISIBLE, _IN_FLIGHT]
        )["Attributes"]
        return int(answer[_VISIBLE]), int(answer[_IN_FLIGHT])

    def take(self, role: str) -> list[Message]:
        """Receive and delete everything that is visible on a queue."""
        sqs, url, taken = self.client("sqs"), self.queue_url(role), []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            handles = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(found)]
            sqs.delete_message_batch(QueueUrl=url, Entries=handles)
            for message in found:
                attributes = {name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()}
                taken.append(Message(message["Body"], attributes))
        return taken

    def wait_for_messages(self, role: str, count: int) -> list[Message]:
        """Take messages off a queue until there are at least `count` and no more are visible."""
        taken: list[Message] = []

        def enough() -> bool:
            found = self.take(role)
            taken.extend(found)
            return len(taken) >= count and not found

        eventually(enough, f"{count} messages on {self.name}-{role}")
        return taken

    def put_entries(self, entries: Sequence[Mapping[str, str]], bus_arn: str | None = None) -> list[dict[str, Any]]:
        """Call PutEvents once, on the installation's bus or on `bus_arn`; returns the answer for each entry."""
        addressed = [{"Source": SOURCE, **entry, "EventBusName": bus_arn or self.bus_arn} for entry in entries]
        answers: list[dict[str, Any]] = self.client("events").put_events(Entries=addressed)["Entries"]
        return answers

    def put(self, detail: object, *, kind: str = RESULT, source: str = SOURCE, bus_arn: str | None = None) -> str:
        """Put one event on the installation's bus, or on `bus_arn`; returns its id.

        Args:
            detail: the detail, serialized or not.
            kind: the detail type.
            source: the event's source.
            bus_arn: another bus.
        """
        text = detail if isinstance(detail, str) else json.dumps(detail)
        (answer,) = self.put_entries([{"Source": source, "DetailType": kind, "Detail": text}], bus_arn)
        assert "EventId" in answer, answer
        return str(answer["EventId"])

    def put_again(self, envelopes: Sequence[Mapping[str, Any]]) -> None:
        """Put delivered events on the installation's bus once more; EventBridge gives them new ids."""
        for start in range(0, len(envelopes), 10):
            entries = [
                {
                    "Source": envelope["source"],
                    "DetailType": envelope["detail-type"],
                    "Detail": canonical_json.dumps(envelope["detail"]),
                }
                for envelope in envelopes[start : start + 10]
            ]
            answers = self.put_entries(entries)
            assert all("EventId" in answer for answer in answers), answers

    def invoke(self, function: str, event: object = None) -> Any:
        """Invoke the function of a role and return its answer.

        Raises:
            FunctionFailed: the function raised an error.
        """
        answer = self.client("lambda").invoke(FunctionName=self.function_name(function), Payload=json.dumps(event))
        payload = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise FunctionFailed(f"{payload['errorType']}: {payload['errorMessage']}")
        return payload

    def log_of(self, function: str, **wanted: Any) -> list[dict[str, Any]]:
        """Return the log lines of a role's function that have these keys and values."""
        # CloudWatch searches for an id much faster than all lines can be read.
        pattern = {"filterPattern": f'"{wanted["RefreshId"]}"'} if "RefreshId" in wanted else {}
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=f"/aws/lambda/{self.function_name(function)}", **pattern)
        )
        lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
        return [line for line in lines if all(line.get(name) == value for name, value in wanted.items())]


class Hub(Installation):
    """A hub: its tables, its registry, its functions."""

    kind = "hub"
    QUEUE = "events"
    dead_letter_queues = (
        "events-dead-letters",
        "rule-dead-letters",
        "bus-dead-letters",
        "function-dead-letters",
        "to-spokes-dead-letters",
    )
    queue_outputs: ClassVar = {
        "events": "queue_url",
        "events-dead-letters": "dead_letter_queue_url",
        "rejected": "rejected_queue_url",
    }
    function_outputs: ClassVar = {role: f"{role}_function_name" for role in ("archive", "refresh", "watch")}
    table_outputs: ClassVar = {
        "metrics": "table_name",
        "latest": "latest_table_name",
        "spokes": "spokes_table_name",
    }

    def __init__(self, cloud: RunningCloud, account: str, outputs: Mapping[str, Any], region: str = REGION) -> None:
        super().__init__(cloud, account, outputs, region)
        self._rejected: list[Message] = []

    # Registry

    @property
    def registry_path(self) -> str:
        """The path in Parameter Store under which projects are registered."""
        path = "DS_DASHBOARD_MONITORED_PROJECTS_PATH"
        function = self.client("lambda").get_function_configuration(FunctionName=self.function_name("archive"))
        return str(function["Environment"]["Variables"][path])

    def register(self, project: str, account: str) -> None:
        """Register `account` for `project` (`Alpha/dev`)."""
        name = f"{self.registry_path}/{project}"
        self.client("ssm").put_parameter(Name=name, Value=account, Type="String", Overwrite=True)

    def unregister(self, project: str) -> None:
        """Delete the registration of `project`."""
        self.client("ssm").delete_parameter(Name=f"{self.registry_path}/{project}")

    # Refreshes

    def refresh(self, **filters: Any) -> str:
        """Request fresh values; returns the refresh's id.

        Raises:
            FunctionFailed: the refresh function refused `filters`, or failed.
        """
        return str(self.invoke("refresh", filters)["RefreshId"])

    def refreshed(self, *projects: str, **filters: Any) -> str:
        """Request fresh values and wait until `projects` (`Alpha/dev`) have answered in full; returns the id."""
        refresh_id = self.refresh(**filters)
        self.wait_for(refresh_id, *projects)
        return refresh_id

    def wait_for(self, refresh_id: str, *projects: str) -> None:
        """Wait until `projects` have answered a refresh, and everything that they say they emitted is in the tables.

        The archive writes the history first, then the latest values.
        """

        def complete() -> bool:
            runs = {name: run for name, run in self.spokes().items() if run.get("LastRefreshId") == refresh_id}
            if not set(projects) <= set(runs):
                return False
            written = self.history(RefreshId=refresh_id)
            arrived = Counter(project_of(item) for item in written)
            failures = self.failures(refresh_id)
            return all(
                arrived[name] == runs[name]["Emitted"] and len(failures.get(name, {})) == runs[name]["Failed"]
                for name in projects
            ) and self._are_shown(written)

        eventually(complete, f"complete answers of {', '.join(projects)} to refresh {refresh_id}")

    def _are_shown(self, written: Sequence[Item]) -> bool:
        """Return whether each of these items of the history, or a newer one, is the latest of its metric."""
        latest = {(project_of(item), item["MetricName"]): item for item in self.items("latest")}
        pairs = [(item, latest.get((project_of(item), item["MetricName"]))) for item in written]
        return all(
            shown and (shown["EventId"] == item["EventId"] or shown["ExtractionDate"] >= item["ExtractionDate"])
            for item, shown in pairs
        )

    # Tables

    def items(self, table: str, **attributes: Any) -> list[Item]:
        """Return the items of a table (metrics, latest or spokes) with these attributes, by default all."""
        scan: dict[str, Any] = {"TableName": self.outputs[self.table_outputs[table]]}
        if attributes:
            # DynamoDB filters, because the client takes much longer to read an item.
            scan["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in attributes)
            scan["ExpressionAttributeNames"] = {f"#{name}": name for name in attributes}
            scan["ExpressionAttributeValues"] = {f":{name}": _serialize(value) for name, value in attributes.items()}
        pages = self.client("dynamodb").get_paginator("scan").paginate(**scan)
        return [plain_item(item) for page in pages for item in page["Items"]]

    def tables(self) -> dict[str, list[Item]]:
        """Return everything in the three tables, sorted, once the archive is idle."""
        self.settle()
        return {
            table: sorted(self.items(table), key=lambda item: sorted(map(str, item.items())))
            for table in self.table_outputs
        }

    def history(self, **attributes: Any) -> list[Item]:
        """Return the items of the history table with these attributes, by metric and date."""
        return sorted(
            self.items("metrics", **attributes), key=lambda item: (item["MetricName"], item["ExtractionDate"])
        )

    def values(self, refresh_id: str) -> dict[str, dict[str, Decimal | str]]:
        """Return the values in the history that answer a refresh: project to metric to value."""
        found: dict[str, dict[str, Decimal | str]] = {}
        for item in self.history(RefreshId=refresh_id):
            of_project = found.setdefault(project_of(item), {})
            assert item["MetricName"] not in of_project, f"{item['MetricName']} is there twice"
            of_project[item["MetricName"]] = item["MetricValue"]
        return found

    def latest(self, project: str) -> dict[str, Item]:
        """Return the latest value of each metric of `project` (`Alpha/dev`), by metric."""
        return {item["MetricName"]: item for item in self.items("latest") if project_of(item) == project}

    def spokes(self) -> dict[str, Item]:
        """Return the items of the spokes table, by project (`Alpha/dev`)."""
        return {item["Project"].replace("#", "/"): item for item in self.items("spokes")}

    def failures(self, refresh_id: str) -> dict[str, dict[str, Item]]:
        """Return the failures that answer a refresh: project to metric to failure."""
        return {
            name: {
                metric: failure
                for metric, failure in item.get("Failures", {}).items()
                if failure["RefreshId"] == refresh_id
            }
            for name, item in self.spokes().items()
        }

    def archived(self, event_id: str) -> Item:
        """Wait until an event is in the history and in the latest values, and return its item of the history."""

        def written() -> list[Item]:
            found = self.history(EventId=event_id)
            return found if self._are_shown(found) else []

        (item,) = eventually(written, f"the item of event {event_id}")
        return item

    # The archive's queues

    def rejected(self, match: Callable[[Message], bool]) -> list[Message]:
        """Return the messages rejected so far that match; they are taken off the rejected queue."""
        self._rejected += self.take("rejected")
        return [message for message in self._rejected if match(message)]

    def wait_for_rejected(self, marker: str) -> Message:
        """Wait until a message with `marker` in its body is rejected, and return it; there must be only one."""
        (message,) = eventually(
            lambda: self.rejected(lambda one: marker in one.body), f"a rejected message with {marker}"
        )
        return message

    def enqueue(self, bodies: Sequence[str]) -> None:
        """Send messages to the archive's queue, as an operator may."""
        for body in bodies:
            self.client("sqs").send_message(QueueUrl=self.queue_url(self.QUEUE), MessageBody=body)

    def settle(self) -> None:
        """Wait until the archive's queue is empty and nothing is in flight."""
        eventually(
            lambda: not any(self.depth(self.QUEUE)), f"an empty queue of the archive of {self.name}", seconds=120
        )

    def deliveries(self) -> Counter[str]:
        """Return how often each event was delivered to the archive, by event id, from the archive's log."""
        return Counter(event_id for line in self.log_of("archive", event="batch") for event_id in line["EventIds"])

    def shorten_retries(self, visibility_seconds: int, max_receives: int | None = None) -> None:
        """Make a failed message visible again after so many seconds, and a dead letter after so many receives."""
        sqs, url = self.client("sqs"), self.queue_url(self.QUEUE)
        attributes = {"VisibilityTimeout": str(visibility_seconds)}
        if max_receives is not None:
            policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
            changed = {**json.loads(policy["RedrivePolicy"]), "maxReceiveCount": max_receives}
            attributes["RedrivePolicy"] = json.dumps(changed)
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


class Spoke(Installation):
    """A spoke: its bus and its extraction function.

    Args:
        cloud: where it is applied.
        account: its account's id.
        outputs: of the module.
        project: `Alpha/dev`, as the hub registers it.
        region: its region.
    """

    kind = "spoke"
    dead_letter_queues = ("spoke-dead-letters", "to-hubs-dead-letters")
    queue_outputs: ClassVar = {"spoke-dead-letters": "dead_letter_queue_url"}
    function_outputs: ClassVar = {"extract": "function_name"}

    def __init__(
        self, cloud: RunningCloud, account: str, outputs: Mapping[str, Any], project: str, region: str = REGION
    ) -> None:
        super().__init__(cloud, account, outputs, region)
        self.project = project

    def log(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the extraction's log lines that have these keys and values."""
        return self.log_of("extract", **wanted)

    def wait_for_log(self, lines: int = 1, **wanted: Any) -> None:
        """Wait until the extraction's log has so many lines with these keys and values."""
        what = f"{lines} lines with {wanted} in the log of {self.name}-extract"
        eventually(lambda: len(self.log(**wanted)) >= lines, what)


def project_of(item: Item) -> str:
    """Return the project of a table's item, as `Alpha/dev`."""
    return f"{item['ProjectName']}/{item['Environment']}"
