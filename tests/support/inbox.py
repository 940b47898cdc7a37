"""Topics with a subscribed queue, as a pager would be: what was published to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local import RunningCloud
from ds_dashboard_local.client.accounts import allow, document
from ds_dashboard_local.settings import DEFAULT_REGION as REGION

NAME = "alarms"
# The local cloud evaluates alarms every ten seconds if no metric comes in.
_TIMEOUT_SECONDS = 60.0


class Topic:
    """A topic of an account, and a queue that is subscribed to it."""

    def __init__(self, cloud: RunningCloud, account: str, name: str) -> None:
        self._sqs, sns = cloud.client("sqs", account, REGION), cloud.client("sns", account, REGION)
        self.arn: str = sns.create_topic(Name=name)["TopicArn"]
        queue_arn = f"arn:aws:sqs:{REGION}:{account}:{name}"
        service = {"Service": "sns.amazonaws.com"}
        by_topic = {"ArnEquals": {"aws:SourceArn": self.arn}}
        policy = document(allow("sqs:SendMessage", queue_arn, Principal=service, Condition=by_topic))
        self._queue: str = self._sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=queue_arn)

    def take(self) -> list[dict[str, Any]]:
        """Return the notifications since the last call, each with its `Subject` and its `Message`."""
        found: list[dict[str, Any]] = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found


@dataclass(frozen=True, slots=True)
class Notification:
    """What a message says: which alarm is in which state."""

    alarm: str
    state: str


class Inbox:
    """The topic for alarms of one account, and everything that was received so far."""

    def __init__(self, cloud: RunningCloud, account: str) -> None:
        self._topic = Topic(cloud, account, NAME)
        self._received: list[Notification] = []

    def received(self) -> list[Notification]:
        """Return all notifications so far, in the order in which they came."""
        self._received += [_parse(one["Message"]) for one in self._topic.take()]
        return self._received

    def wait_for(self, alarm: str, state: str = "ALARM") -> None:
        """Wait until a notification said that the alarm is in this state."""
        what = f"a notification that {alarm} is in state {state}"
        eventually(lambda: Notification(alarm, state) in self.received(), what, seconds=_TIMEOUT_SECONDS)


def _parse(message: str) -> Notification:
    content: dict[str, Any] = json.loads(message)
    return Notification(content["AlarmName"], content["NewStateValue"])
