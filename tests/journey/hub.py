"""A hub as its operators see it: its functions, tables and queues, by the outputs of modules/hub."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from ds_dashboard_local import RunningCloud

from .company import REGION
from .logs import log_lines
from .polling import eventually

_plain = TypeDeserializer().deserialize
Item = dict[str, Any]


class RefreshFailed(Exception):
    """The refresh function failed; the message is its error's."""


class Hub:
    """One hub.

    Args:
        outputs: of modules/hub.
    """

    def __init__(self, cloud: RunningCloud, account: str, outputs: Mapping[str, Any]) -> None:
        self.cloud, self.account, self.outputs = cloud, account, outputs
        self.bus_arn: str = outputs["event_bus_arn"]
        self._rejected: list[dict[str, str]] = []

    def client(self, service: str) -> Any:
        """The root of the hub's account."""
        return self.cloud.client(service, self.account, REGION)

    def invoke(self, output: str, event: object = None) -> Any:
        """Call the function that the output `output` names, and return its answer."""
        answer = self.client("lambda").invoke(FunctionName=self.outputs[output], Payload=json.dumps(event))
        payload = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RefreshFailed(f"{payload['errorType']}: {payload['errorMessage']}")
        return payload

    def refresh(self, **narrowing: Any) -> str:
        """Ask for fresh values; returns the refresh's id."""
        return str(self.invoke("refresh_function_name", narrowing)["RefreshId"])

    def refreshed(self, *spokes: str, **narrowing: Any) -> str:
        """Ask for fresh values, and wait until `spokes` (`Alpha/dev`) have answered in full."""
        refresh_id = self.refresh(**narrowing)
        self.wait_for(refresh_id, *spokes)
        return refresh_id

    def wait_for(self, refresh_id: str, *spokes: str) -> None:
        """Wait until `spokes` have answered the refresh, and all that they say they emitted has arrived."""

        def complete() -> bool:
            runs = {name: run for name, run in self.spokes().items() if run.get("LastRefreshId") == refresh_id}
            if not set(spokes) <= set(runs):
                return False
            values = self.history(RefreshId=refresh_id)
            failures = self.failures(refresh_id)
            return all(
                len([item for item in values if project(item) == name]) == runs[name]["Emitted"]
                and len(failures.get(name, {})) == runs[name]["Failed"]
                for name in spokes
            )

        eventually(complete, f"complete answers of {', '.join(spokes)} to refresh {refresh_id}")

    def items(self, output: str) -> list[Item]:
        """All items of the table that the output `output` names."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs[output])
        return [{name: _plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]

    def history(self, **attributes: Any) -> list[Item]:
        """The items of the history table that have these attributes, by metric and date."""
        found = [item for item in self.items("table_name") if _has(item, attributes)]
        return sorted(found, key=lambda item: (item["MetricName"], item["ExtractionDate"]))

    def values(self, refresh_id: str) -> dict[str, dict[str, Decimal | str]]:
        """What the spokes answered to a refresh, from the history: spoke to metric to value."""
        found: dict[str, dict[str, Decimal | str]] = {}
        for item in self.history(RefreshId=refresh_id):
            of_spoke = found.setdefault(project(item), {})
            assert item["MetricName"] not in of_spoke, f"{item['MetricName']} is there twice"
            of_spoke[item["MetricName"]] = item["MetricValue"]
        return found

    def latest(self, spoke: str) -> dict[str, Item]:
        """The newest value of each metric of a spoke (`Alpha/dev`)."""
        return {item["MetricName"]: item for item in self.items("latest_table_name") if project(item) == spoke}

    def spokes(self) -> dict[str, Item]:
        """The spokes table, by `Alpha/dev`."""
        return {item["Project"].replace("#", "/"): item for item in self.items("spokes_table_name")}

    def failures(self, refresh_id: str) -> dict[str, dict[str, Item]]:
        """The failures that belong to a refresh: spoke to metric to what is kept of it."""
        return {
            name: {
                metric: failure
                for metric, failure in item.get("Failures", {}).items()
                if failure["RefreshId"] == refresh_id
            }
            for name, item in self.spokes().items()
        }

    def rejected(self, match: Callable[[dict[str, str]], bool]) -> list[dict[str, str]]:
        """The refused messages so far that match, each with `Body` and its attributes."""
        queue = self.outputs["rejected_queue_url"]
        while (
            found := self.client("sqs")
            .receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            .get("Messages")
        ):
            for message in found:
                attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
                self._rejected.append({"Body": message["Body"], **attributes})
                self.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [message for message in self._rejected if match(message)]

    def wait_for_rejected(self, marker: str) -> dict[str, str]:
        """The one refused message whose body has `marker` in it."""
        (message,) = eventually(
            lambda: self.rejected(lambda one: marker in one["Body"]), f"a refused message with {marker}"
        )
        return message

    def idle(self) -> bool:
        """Whether nothing waits for the archive, and nothing is under way there."""
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs["queue_url"], AttributeNames=["All"])
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return all(answer["Attributes"][name] == "0" for name in counts)

    def archived(self, event_id: str) -> Item:
        """The item of the history that an event has become, once it is there."""
        (item,) = eventually(lambda: self.history(EventId=event_id), f"the item of event {event_id}")
        return item

    def log(self, output: str, **wanted: Any) -> list[dict[str, Any]]:
        """The lines of the log of the function that `output` names which have these keys and values."""
        return log_lines(self.client("logs"), self.outputs[output], **wanted)

    def passes(self) -> Counter[str]:
        """How often each event's id stands in the archive's log: how often it came by."""
        lines = self.log("archive_function_name", event="batch")
        return Counter(event_id for line in lines for event_id in line["EventIds"])

    def settle(self) -> None:
        """Wait until the archive has dealt with all that has arrived."""
        eventually(self.idle, "an empty queue of the archive")


def project(item: Item) -> str:
    """`Alpha/dev` of an item."""
    return f"{item['ProjectName']}/{item['Environment']}"


def _has(item: Item, attributes: Mapping[str, Any]) -> bool:
    return all(item.get(name) == value for name, value in attributes.items())
