"""A queue that is subscribed to a topic for alarms, as a pager would be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.journey.company import REGION
from tests.journey.polling import eventually

from ds_dashboard_local import RunningCloud
from ds_dashboard_local.client.accounts import allow, document

NAME = "alarms"
# The alarms are looked at every ten seconds where no metric comes in.
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says: which alarm is in which state."""

    alarm: str
    state: str


class Inbox:
    """The topic and the queue of one account, and all that has come in so far."""

    def __init__(self, cloud: RunningCloud, account: str) -> None:
        self._sqs = cloud.client("sqs", account, REGION)
        self._told: list[Told] = []
        topic_arn = f"arn:aws:sns:{REGION}:{account}:{NAME}"
        queue_arn = f"arn:aws:sqs:{REGION}:{account}:{NAME}"
        service = {"Service": "sns.amazonaws.com"}
        by_topic = {"ArnEquals": {"aws:SourceArn": topic_arn}}
        policy = document(allow("sqs:SendMessage", queue_arn, Principal=service, Condition=by_topic))
        self._queue: str = self._sqs.create_queue(QueueName=NAME, Attributes={"Policy": policy})["QueueUrl"]
        sns = cloud.client("sns", account, REGION)
        sns.create_topic(Name=NAME)
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)

    def told(self) -> list[Told]:
        """All messages so far, in the order in which they came."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._told.append(_read(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return self._told

    def wait_for(self, alarm: str, state: str = "ALARM") -> None:
        """Wait until somebody was told that the alarm is in this state."""
        told = f"a message that {alarm} is in state {state}"
        eventually(lambda: Told(alarm, state) in self.told(), told, seconds=PATIENCE_SECONDS)


def _read(message: str) -> Told:
    content: dict[str, Any] = json.loads(message)
    return Told(content["AlarmName"], content["NewStateValue"])
