"""A queue that is subscribed to a topic for alarms, as a pager would be."""

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


@dataclass(frozen=True, slots=True)
class Notification:
    """What a message says: which alarm is in which state."""

    alarm: str
    state: str


class Inbox:
    """The topic and the queue of one account, and everything that was received so far."""

    def __init__(self, cloud: RunningCloud, account: str) -> None:
        self._sqs = cloud.client("sqs", account, REGION)
        self._received: list[Notification] = []
        topic_arn = f"arn:aws:sns:{REGION}:{account}:{NAME}"
        queue_arn = f"arn:aws:sqs:{REGION}:{account}:{NAME}"
        service = {"Service": "sns.amazonaws.com"}
        by_topic = {"ArnEquals": {"aws:SourceArn": topic_arn}}
        policy = document(allow("sqs:SendMessage", queue_arn, Principal=service, Condition=by_topic))
        self._queue: str = self._sqs.create_queue(QueueName=NAME, Attributes={"Policy": policy})["QueueUrl"]
        sns = cloud.client("sns", account, REGION)
        sns.create_topic(Name=NAME)
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)

    def received(self) -> list[Notification]:
        """Return all notifications so far, in the order in which they came."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._received.append(_parse(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return self._received

    def wait_for(self, alarm: str, state: str = "ALARM") -> None:
        """Wait until a notification said that the alarm is in this state."""
        what = f"a notification that {alarm} is in state {state}"
        eventually(lambda: Notification(alarm, state) in self.received(), what, seconds=_TIMEOUT_SECONDS)


def _parse(message: str) -> Notification:
    content: dict[str, Any] = json.loads(message)
    return Notification(content["AlarmName"], content["NewStateValue"])
