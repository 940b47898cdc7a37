"""Probes: the smallest operation that needs a permission, which reports whether it worked as soon as that is known."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from tests.journey.hub import Hub
from tests.journey.polling import eventually
from tests.journey.spoke import Spoke, result

from ds_dashboard import ulid

from .accounts import HUB, NAME, REGION, SPOKE
from .conftest import World
from .policies import FunctionPolicy, KeyPolicy, QueuePolicy, RolePolicy, without

ENVELOPE = {"source": "metric_extractor", "detail-type": "metric_extractor", "account": SPOKE, "region": REGION}
# A refresh of no existing project, so that no metric is computed.
NO_PROJECT = {"Projects": ["Nobody"]}
_firing = threading.Lock()


class Probes:
    """The probes of one hub and one spoke.

    Attributes:
        patience: how many seconds to wait for an effect before it counts as missing.
        waited: how many seconds the last probe waited.
    """

    def __init__(self, world: World, hub: Hub, spoke: Spoke) -> None:
        self.world, self.hub, self.spoke = world, hub, spoke
        self.patience = 30.0
        self.waited = 0.0
        self._received: dict[tuple[str, str], list[str]] = {}

    # Functions

    def archive(self) -> bool:
        """Archive batches that make the archive read and write every table, and reject an event."""
        metric, instant = ulid.new(), datetime.now(UTC).isoformat()
        one, other = (result("Spoke", "dev", metric, value, ExtractionDate=instant) for value in (1, 2))
        run = {"StartedAt": instant, "FinishedAt": instant, "Emitted": 1, "Failed": 0, "Metrics": [metric]}
        failure = {"MetricName": metric, "ErrorType": "E", "ErrorMessage": "m", "ExtractionDate": instant}
        project = {"ProjectName": "Spoke", "Environment": "dev"}
        return self._archived(
            {"detail": one},
            {"detail": {**run, **project}, "detail-type": "metric_extractor_run"},
            {"detail": {**failure, **project}, "detail-type": "metric_extractor_failure"},
            {"detail": {**one, "ProjectName": metric}},
        ) and self._archived({"detail": other})

    def _archived(self, *events: dict[str, object]) -> bool:
        records = [
            {"messageId": str(number), "body": json.dumps({**ENVELOPE, "id": ulid.new(), **event})}
            for number, event in enumerate(events)
        ]
        answer = self._invoke(HUB, f"{NAME}-archive", {"Records": records})
        return answer is not None and answer["batchItemFailures"] == []

    def event_source_mapping(self) -> bool:
        """Map the queue to the archive, as an apply does; Lambda then checks the permissions of the archive's role."""
        functions = self.world.client("lambda", HUB)
        queue = f"arn:aws:sqs:{REGION}:{HUB}:{NAME}-events"
        try:
            created = functions.create_event_source_mapping(
                FunctionName=f"{NAME}-archive", EventSourceArn=queue, Enabled=False
            )
        except functions.exceptions.ResourceConflictException:
            return True
        except functions.exceptions.InvalidParameterValueException:
            return False
        functions.delete_event_source_mapping(UUID=created["UUID"])
        return True

    def refresh(self) -> bool:
        """Invoke the refresh function, which puts an event on the hub's bus."""
        return self._invoke(HUB, f"{NAME}-refresh", NO_PROJECT) is not None

    def watch(self) -> bool:
        """Invoke the watch, which reads registry and tables, and also the latest values of the silent Silent/dev."""
        answer = self._invoke(HUB, f"{NAME}-watch", {})
        return answer is not None and "Silent/dev" in {spoke["Project"] for spoke in answer["SilentSpokes"]}

    def extract(self) -> bool:
        """Invoke the extraction, which computes each metric and puts each event on the spoke's bus."""
        event = {"id": ulid.new(), "detail": {"RefreshId": ulid.new()}}
        answer = self._invoke(SPOKE, f"{NAME}-extract", event)
        return answer is not None and (answer["Emitted"], answer["Failed"]) == (2, 0)

    def log(self, account: str, function: str) -> bool:
        """Start a new environment of the function, which creates a log stream and writes to it."""
        logs = self.world.client("logs", account)

        def written() -> set[str]:
            pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=f"/aws/lambda/{function}")
            streams = [stream for page in pages for stream in page["logStreams"]]
            return {stream["logStreamName"] for stream in streams if stream.get("lastIngestionTime")}

        before = written()
        self.world.client("lambda", account).update_function_configuration(
            FunctionName=function, Description=f"New environment: {ulid.new()}"
        )
        self._invoke(account, function, {"Records": []} if function.endswith("archive") else NO_PROJECT)
        return self._soon(lambda: written() > before)

    def update_function(self, account: str, function: str) -> bool:
        """Update a function; Lambda rejects a role that it may not assume."""
        functions = self.world.client("lambda", account)
        role = functions.get_function_configuration(FunctionName=function)["Role"]
        try:
            functions.update_function_configuration(FunctionName=function, Role=role)
        except functions.exceptions.InvalidParameterValueException:
            return False
        return True

    # Schedules

    def schedule(self, account: str, name: str, function: str) -> bool:
        """Fire a schedule, which invokes its function."""
        before = self._log_messages(account, function)
        when = self._fire(account, name)
        # The log of a refresh contains the scheduled time. The watch's does not, but nothing else invokes it meanwhile.
        marker = "" if function.endswith("watch") else when

        def mentions(lines: list[str]) -> int:
            return sum(marker in line for line in lines)

        return self._soon(lambda: mentions(self._log_messages(account, function)) > mentions(before))

    def update_schedule(self, account: str, name: str, group: str) -> bool:
        """Update a schedule; Scheduler rejects a role that it may not assume."""
        scheduler = self.world.client("scheduler", account)
        schedule = scheduler.get_schedule(Name=name, GroupName=group)
        accepted = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
        try:
            scheduler.update_schedule(**{key: value for key, value in schedule.items() if key in accepted})
        except scheduler.exceptions.ValidationException:
            return False
        return True

    # Buses and rules

    def request_reaches_spoke(self) -> bool:
        """Put a refresh on the hub's bus, which starts the spoke's extraction."""
        refresh_id = ulid.new()
        self._put(HUB, self.hub.bus_arn, {"RefreshId": refresh_id, **NO_PROJECT})
        return self._soon(
            lambda: bool(self.spoke.log(RefreshId=refresh_id)),
            unless=lambda: (
                self._is_dead_letter(HUB, f"{NAME}-to-spokes-dead-letters", refresh_id)
                or self._is_dead_letter(SPOKE, f"{NAME}-spoke-dead-letters", refresh_id)
            ),
        )

    def value_reaches_hub(self) -> bool:
        """Put a value on the spoke's bus, which becomes an item of the hub's history."""
        metric = ulid.new()
        self._put(SPOKE, self.spoke.bus_arn, result("Spoke", "dev", metric, 1))
        return self._soon(
            lambda: bool(self.hub.history(MetricName=metric)),
            unless=lambda: (
                self._is_dead_letter(SPOKE, f"{NAME}-to-hubs-dead-letters", metric)
                or self._is_dead_letter(HUB, f"{NAME}-rule-dead-letters", metric)
            ),
        )

    # Dead letters

    def dead_letter_of_function(self, account: str, function: str, queue: str) -> bool:
        """Invoke a function asynchronously with an event that it fails on, which becomes a dead letter."""
        marker, before = ulid.new(), len(self._log_messages(account, function))
        event = {"detail": {"Unknown": marker}, "Unknown": marker}
        # The watch ignores its event, so one of its reads fails instead.
        denied = {"code": "AccessDeniedException", "caller": "*-watch", "count": 1}
        watch = function.endswith("watch")
        with self.world.cloud.fault("dynamodb:Scan", **denied) if watch else nullcontext():
            self.world.client("lambda", account).invoke(
                FunctionName=function, InvocationType="Event", Payload=json.dumps(event)
            )
            # The next probe must not meet this invocation.
            eventually(lambda: len(self._log_messages(account, function)) > before, f"the log of {function}")
            return self._becomes_dead_letter(account, queue, marker)

    def dead_letter_of_schedule(self, account: str, name: str, role: str, queue: str) -> bool:
        """Fire a schedule that may not invoke its function, which becomes a dead letter."""
        policy = RolePolicy(self.world.client("iam", account), role, "schedule")
        with without(policy, "lambda:InvokeFunction"):
            return self._becomes_dead_letter(account, queue, self._fire(account, name))

    def dead_letter_of_forwarding(self, account: str, bus: str, role: str, queue: str) -> bool:
        """Put an event that a rule may not forward, which becomes a dead letter."""
        marker = ulid.new()
        with without(RolePolicy(self.world.client("iam", account), role, "forward"), "events:PutEvents"):
            detail = {"RefreshId": marker, **NO_PROJECT} if account == HUB else result("Spoke", "dev", marker, 1)
            self._put(account, bus, detail)
            return self._becomes_dead_letter(account, queue, marker)

    def dead_letter_of_archive_rule(self) -> bool:
        """Put a value that the archive's rule may not send to the queue, which becomes a dead letter."""
        metric = ulid.new()
        with without(QueuePolicy(self.world.client("sqs", HUB), self.hub.outputs["queue_url"]), "sqs:SendMessage"):
            self._put(SPOKE, self.hub.bus_arn, result("Spoke", "dev", metric, 1))
            return self._becomes_dead_letter(HUB, f"{NAME}-rule-dead-letters", metric)

    def dead_letter_of_extraction_rule(self) -> bool:
        """Put a refresh that may not start the extraction, which becomes a dead letter."""
        refresh_id = ulid.new()
        with without(FunctionPolicy(self.world.client("lambda", SPOKE), f"{NAME}-extract"), "lambda:InvokeFunction"):
            self._put(SPOKE, self.spoke.bus_arn, {"RefreshId": refresh_id, **NO_PROJECT})
            return self._becomes_dead_letter(SPOKE, f"{NAME}-spoke-dead-letters", refresh_id)

    def dead_letter_of_bus(self, account: str, bus: str, key: str, queue: str) -> bool:
        """Put an event that the bus may not encrypt with its key, which becomes an encrypted dead letter."""
        before = len(self._dead_letters(account, queue))
        with without(KeyPolicy(self.world.client("kms", account), key), "kms:EncryptionContext:aws:events"):
            self._put(account, bus, {"RefreshId": ulid.new(), **NO_PROJECT})
            return self._soon(lambda: len(self._dead_letters(account, queue)) > before)

    # Operations of the probes

    def _invoke(self, account: str, function: str, event: object) -> Any:
        """Return the answer of a function, or None if it failed or did not start."""
        try:
            answer = self.world.client("lambda", account).invoke(FunctionName=function, Payload=json.dumps(event))
        except ClientError:
            return None
        return None if "FunctionError" in answer else json.load(answer["Payload"])

    def _put(self, account: str, bus: str, detail: dict[str, Any]) -> None:
        entry = {"Source": "metric_extractor", "DetailType": "metric_extractor", "EventBusName": bus}
        self.world.client("events", account).put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])

    def _fire(self, account: str, schedule: str) -> str:
        """Fire a schedule, and return its scheduled time, which no other firing of this session has."""
        with _firing:
            time.sleep(1 - time.time() % 1)
            when: str = self.world.cloud.fire_schedule(schedule, account)["scheduled_time"]
            return when

    def _log_messages(self, account: str, function: str) -> list[str]:
        pages = self.world.client("logs", account).get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=f"/aws/lambda/{function}")
        return [event["message"] for page in found for event in page["events"]]

    def _dead_letters(self, account: str, queue: str) -> list[str]:
        """Return the bodies of all dead letters that a queue has received so far."""
        sqs, received = self.world.client("sqs", account), self._received.setdefault((account, queue), [])
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                received.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return received

    def _is_dead_letter(self, account: str, queue: str, marker: str) -> bool:
        """Whether a queue has received a dead letter that contains `marker`."""
        return any(marker in body for body in self._dead_letters(account, queue))

    def _becomes_dead_letter(self, account: str, queue: str, marker: str) -> bool:
        return self._soon(lambda: self._is_dead_letter(account, queue, marker))

    def _soon(self, happened: Callable[[], bool], unless: Callable[[], bool] = lambda: False) -> bool:
        """Wait until `happened` is true; false if `unless` is true first, or patience runs out."""
        begun, self.waited = time.monotonic(), 0.0
        while not happened():
            self.waited = time.monotonic() - begun
            if unless() or self.waited > self.patience:
                return False
            time.sleep(0.05)
        return True
