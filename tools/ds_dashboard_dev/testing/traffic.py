"""The events of a hub and its spokes, all entered in a ledger: sent, emitted by extractions, and redriven."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import canonical_json
from ds_dashboard_dev.testing.events import FAILURE, RESULT, RUN, Event, result_event
from ds_dashboard_dev.testing.installation import Hub, Installation, Spoke, project_of
from ds_dashboard_dev.testing.ledger import Ledger, Totals
from ds_dashboard_dev.testing.waiting import eventually

_MAX_ENTRIES = 10


class NotAccepted(AssertionError):
    """A bus did not accept an event in the time allowed."""


class EventRecorder:
    """Records what a spoke's extraction puts on its bus, with a rule and a queue next to the deployed ones."""

    QUEUE = "recorder"

    def __init__(self, spoke: Spoke) -> None:
        self._spoke = spoke
        rule = {"Name": f"{spoke.name}-{self.QUEUE}", "EventBusName": spoke.bus_name}
        queue_arn = f"arn:aws:sqs:{spoke.region}:{spoke.account}:{spoke.name}-{self.QUEUE}"
        project, environment = spoke.project.split("/")
        pattern = {
            "account": [spoke.account],
            "detail-type": [RESULT, FAILURE, RUN],
            # Other producers in the account put events without a refresh.
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
        spoke.client("events").put_targets(Rule=rule["Name"], EventBusName=spoke.bus_name, Targets=[target])

    def read(self) -> list[Event]:
        """Return what was recorded since the last read; an event that was put twice is there twice."""
        envelopes = (canonical_json.loads(message.body) for message in self._spoke.take(self.QUEUE))
        return [Event(one["account"], canonical_json.dumps(one["detail"]), one["detail-type"]) for one in envelopes]

    def close(self) -> None:
        """Delete the rule and the queue."""
        events, rule = self._spoke.client("events"), f"{self._spoke.name}-{self.QUEUE}"
        events.remove_targets(Rule=rule, EventBusName=self._spoke.bus_name, Ids=[self.QUEUE])
        events.delete_rule(Name=rule, EventBusName=self._spoke.bus_name)
        self._spoke.client("sqs").delete_queue(QueueUrl=self._spoke.queue_url(self.QUEUE))


class Traffic:
    """All events of one hub and its spokes.

    Args:
        hub: the hub.
        spokes: that report to it.

    Attributes:
        ledger: in which everything is entered.
        recorded: events of extractions, each time one was put on a bus.
    """

    def __init__(self, hub: Hub, *spokes: Spoke) -> None:
        self.hub, self.spokes = hub, spokes
        self.open_ledger()
        self.recorded: list[Event] = []
        self._recorders = [EventRecorder(spoke) for spoke in spokes]

    def close(self) -> None:
        """Delete what records events, so that the installations can be destroyed."""
        for recorder in self._recorders:
            recorder.close()

    def open_ledger(self) -> None:
        """Start a new ledger."""
        self.ledger = Ledger(self.hub)

    def disregard_foreign(self) -> None:
        """Leave out what others sent while this was not in use."""
        self.hub.settle()
        for recorder in self._recorders:
            recorder.read()
        self.ledger.disregard_foreign()

    def send(
        self, installation: Installation, events: Sequence[Event], *, bus_arn: str | None = None, patience: float = 60
    ) -> None:
        """Put events on a bus as a careful producer does: serialized once, and sent until the bus accepts them.

        Args:
            installation: whose account sends, by default to its own bus.
            events: what is sent.
            bus_arn: another bus.
            patience: how many seconds the bus has for ten events.

        Raises:
            NotAccepted: the bus did not accept all of them in that time.
        """
        for start in range(0, len(events), _MAX_ENTRIES):
            waiting = list(events[start : start + _MAX_ENTRIES])
            # Entered before it is sent: an event whose answer was lost has been sent all the same.
            self.ledger.enter(waiting)
            limit = time.monotonic() + patience
            while waiting := _not_accepted(installation, waiting, bus_arn):
                if time.monotonic() > limit:
                    raise NotAccepted(f"{bus_arn or installation.bus_arn} did not accept {len(waiting)}: {waiting[0]}")
                time.sleep(random.uniform(0.05, 0.3))
                self.ledger.enter_again(len(waiting))

    def send_values(self, spoke: Spoke, metric: str, count: int) -> None:
        """Put `count` different results of a spoke's own project on its bus."""
        self.send(spoke, [result_event(spoke.account, spoke.project, metric, number) for number in range(count)])

    def enqueue(self, *events: Event) -> None:
        """Send events to the archive's queue, each under a new id, as redeliveries of a rule."""
        self.ledger.enter(events)
        self.hub.enqueue([event.body() for event in events])

    def record(self) -> None:
        """Enter what the extractions have emitted since the last time."""
        for recorder in self._recorders:
            events = recorder.read()
            self.ledger.enter(events)
            self.recorded += events

    def recorded_of(self, kind: str, refresh_id: str) -> list[dict[str, Any]]:
        """Return the details of the recorded events of one kind that answer a refresh."""
        self.record()
        details = [json.loads(event.detail) for event in self.recorded if event.kind == kind]
        return [detail for detail in details if detail.get("RefreshId") == refresh_id]

    def wait_for_runs(self, refresh_id: str, *spokes: Spoke) -> None:
        """Wait until the extractions of `spokes` have put the run event of a refresh, which they put last."""
        wanted = {spoke.project for spoke in spokes}
        eventually(
            lambda: wanted <= {project_of(run) for run in self.recorded_of(RUN, refresh_id)},
            f"runs of {wanted} for refresh {refresh_id}",
        )

    def redrive(self) -> int:
        """Send all dead letters of the hub and the spokes again to where they were going; returns how many."""
        moved = sum(
            _redrive(installation, role)
            for installation in (self.hub, *self.spokes)
            for role in installation.dead_letter_queues
        )
        self.ledger.dead_letters += moved
        self.ledger.redriven += moved
        return moved

    def totals(self) -> Totals:
        """Return the ledger's totals, once the archive is idle and the rejected queue is collected."""
        self.record()
        self.hub.settle()
        self.ledger.collect()
        return self.ledger.totals()


def _not_accepted(installation: Installation, waiting: Sequence[Event], bus_arn: str | None) -> list[Event]:
    """Send events once; returns those that must be sent again."""
    try:
        answers = installation.put_entries([event.entry() for event in waiting], bus_arn)
    except (ClientError, BotoCoreError):
        return list(waiting)
    return [event for event, answer in zip(waiting, answers, strict=True) if "EventId" not in answer]


def _redrive(installation: Installation, role: str) -> int:
    """Send the dead letters of one queue again; returns how many."""
    letters = [(message.body, canonical_json.loads(message.body)) for message in installation.take(role)]
    for _, record in letters:
        if "requestPayload" in record:
            # Lambda's record of an invocation that failed.
            function = record["requestContext"]["functionArn"].split(":")[6]
            payload = canonical_json.dumps(record["requestPayload"])
            installation.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    events = [(body, content) for body, content in letters if "requestPayload" not in content]
    if isinstance(installation, Hub) and role != "to-spokes-dead-letters":
        installation.enqueue([body for body, _ in events])
    else:
        installation.put_again([content for _, content in events])
    return len(letters)
