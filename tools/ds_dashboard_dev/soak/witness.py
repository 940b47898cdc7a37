"""A witness of what an extraction puts on its bus: a rule and a queue of its own, beside those that are deployed."""

from __future__ import annotations

import json

from ds_dashboard import canonical_json
from ds_dashboard_dev.soak.events import FAILURE, RESULT, RUN, Event
from ds_dashboard_dev.soak.side import Spoke
from ds_dashboard_local.settings import DEFAULT_REGION as REGION


class Witness:
    """Sees the events of a spoke's extraction, and nothing that its other producers put."""

    QUEUE = "witness"

    def __init__(self, spoke: Spoke) -> None:
        self._spoke = spoke
        bus = spoke.bus_arn.rsplit("/", 1)[-1]
        rule = {"Name": f"{spoke.name}-{self.QUEUE}", "EventBusName": bus}
        queue_arn = f"arn:aws:sqs:{REGION}:{spoke.account}:{spoke.name}-{self.QUEUE}"
        project, environment = spoke.project.split("/")
        pattern = {
            "account": [spoke.account],
            "detail-type": [RESULT, FAILURE, RUN],
            "detail": {"RefreshId": [{"exists": True}], "ProjectName": [project], "Environment": [environment]},
        }
        rule_arn = spoke.client("events").put_rule(**rule, EventPattern=json.dumps(pattern))["RuleArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        spoke.client("sqs").create_queue(QueueName=f"{spoke.name}-{self.QUEUE}", Attributes={"Policy": policy})
        target = {"Id": self.QUEUE, "Arn": queue_arn}
        spoke.client("events").put_targets(Rule=rule["Name"], EventBusName=bus, Targets=[target])

    def seen(self) -> list[Event]:
        """What it has seen since it was asked last; an event that was put twice is there twice."""
        return [_event(message["Body"]) for message in self._spoke.take(self.QUEUE)]


def _event(body: str) -> Event:
    envelope = canonical_json.loads(body)
    return Event(envelope["account"], canonical_json.dumps(envelope["detail"]), envelope["detail-type"])
