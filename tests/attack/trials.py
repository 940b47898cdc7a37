"""What the smallest trials of the world are made of: call, put, look for a letter, wait."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke

from .conftest import World

_firing = threading.Lock()


class Trials:
    """Small things to do in the world, each of which tells whether it worked as soon as that is known.

    Attributes:
        patience: how many seconds what is expected may take; what has not happened by then does not happen.
        waited: how many it took the last time.
    """

    def __init__(self, world: World, hub: Hub, spoke: Spoke) -> None:
        self.world, self.hub, self.spoke = world, hub, spoke
        self.patience = 30.0
        self.waited = 0.0
        self._taken: dict[tuple[str, str], list[str]] = {}

    def invoke(self, account: str, function: str, event: object) -> Any:
        """The answer of a function, or None where it failed or did not start."""
        try:
            answer = self.world.client("lambda", account).invoke(FunctionName=function, Payload=json.dumps(event))
        except ClientError:
            return None
        return None if "FunctionError" in answer else json.load(answer["Payload"])

    def put(self, account: str, bus: str, detail: dict[str, Any]) -> None:
        entry = {"Source": "metric_extractor", "DetailType": "metric_extractor", "EventBusName": bus}
        self.world.client("events", account).put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])

    def fire(self, account: str, schedule: str) -> str:
        """Fire a schedule; returns the time that it names, a second that no other firing names."""
        with _firing:
            time.sleep(1 - time.time() % 1)
            when: str = self.world.cloud.fire_schedule(schedule, account)["scheduled_time"]
            return when

    def log_events(self, account: str, function: str) -> list[str]:
        """The lines of a function's log."""
        pages = self.world.client("logs", account).get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=f"/aws/lambda/{function}")
        return [event["message"] for page in found for event in page["events"]]

    def letters(self, account: str, queue: str) -> list[str]:
        """The bodies of all that has come to a queue so far."""
        sqs, taken = self.world.client("sqs", account), self._taken.setdefault((account, queue), [])
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def has_letter(self, account: str, queue: str, marker: str) -> bool:
        """Whether a letter with `marker` in it has come to a queue."""
        return any(marker in letter for letter in self.letters(account, queue))

    def lies_on(self, account: str, queue: str, marker: str) -> bool:
        """Whether such a letter comes."""
        return self.soon(lambda: self.has_letter(account, queue, marker))

    def soon(self, happened: Callable[[], bool], unless: Callable[[], bool] = lambda: False) -> bool:
        """Whether it happens before the patience is over, or something else shows that it will not."""
        begun, self.waited = time.monotonic(), 0.0
        while not happened():
            self.waited = time.monotonic() - begun
            if unless() or self.waited > self.patience:
                return False
            time.sleep(0.05)
        return True
