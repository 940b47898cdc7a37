"""Probes: the smallest operation that needs a permission, which reports whether it worked as soon as that is known."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard import dates, ulid
from ds_dashboard.identity import Names
from ds_dashboard_dev.testing.events import FAILURE, RESULT, RUN, envelope, failure, result, run
from ds_dashboard_dev.testing.installation import FunctionFailed, Hub, Installation, Spoke
from ds_dashboard_dev.testing.waiting import eventually

from .policies import FunctionPolicy, KeyPolicy, QueuePolicy, RolePolicy, without

# A refresh of no existing project, so that no metric is computed.
NO_PROJECT = {"Projects": ["Nobody"]}
# Functions for which the event does not matter.
_BY_SCHEDULE = ("watch", "report")
_firing = threading.Lock()


class Probes:
    """The probes of one hub and one spoke.

    Attributes:
        patience: how many seconds to wait for an effect before it counts as missing.
        waited: how many seconds the last probe waited.
    """

    def __init__(self, hub: Hub, spoke: Spoke) -> None:
        self.hub, self.spoke = hub, spoke
        self.patience = 30.0
        self.waited = 0.0
        self._received: defaultdict[tuple[str, str], list[str]] = defaultdict(list)

    # Functions

    def archive(self) -> bool:
        """Archive batches that make the archive read and write every table, reject an event, and notify a topic.

        They also change the sum of a metric, which it publishes in its log.
        """
        metric, now, published = ulid.new(), dates.now(), self._sums_published()
        # The last of them is at an instant after which so many microseconds are taken that the archive asks the index.
        one, *more, other = (
            result("Spoke/dev", metric, value, ExtractionDate=dates.format_instant(now + value % 9 * dates.MICROSECOND))
            for value in range(10)
        )
        is_archived = self._archived(
            *map(self._message, [one, *more]),
            self._message(run("Spoke/dev", ulid.new(), Emitted=1, Metrics=[metric]), RUN),
            self._message(failure("Spoke/dev", metric), FAILURE),
            self._message({**one, "ProjectName": metric}),
            self._message({**one, "MetricName": "Crossed", "MetricValue": 2}),
            self._message({**more[0], "MetricName": "Crossed", "MetricValue": 1}),
        ) and self._archived(self._message(other))
        return is_archived and self._soon(lambda: self._sums_published() > published)

    def _sums_published(self) -> int:
        return sum("DSDashboard/Values" in line for line in self._log_messages(self.hub, "archive"))

    def _message(self, detail: dict[str, Any], kind: str = RESULT) -> str:
        return envelope(json.dumps(detail), account=self.spoke.account, kind=kind)

    def _archived(self, *bodies: str) -> bool:
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        answer = self._invoke(self.hub, "archive", {"Records": records})
        return answer is not None and answer["batchItemFailures"] == []

    def event_source_mapping(self) -> bool:
        """Map the queue to the archive, as an apply does; Lambda then checks the permissions of the archive's role."""
        functions, hub = self.hub.client("lambda"), self.hub
        queue = f"arn:aws:sqs:{hub.region}:{hub.account}:{hub.name}-events"
        try:
            created = functions.create_event_source_mapping(
                FunctionName=hub.function_name("archive"), EventSourceArn=queue, Enabled=False
            )
        except functions.exceptions.ResourceConflictException:
            return True
        except functions.exceptions.InvalidParameterValueException:
            return False
        functions.delete_event_source_mapping(UUID=created["UUID"])
        return True

    def refresh(self) -> bool:
        """Invoke the refresh function, which puts an event on the hub's bus."""
        return self._invoke(self.hub, "refresh", NO_PROJECT) is not None

    def watch(self) -> bool:
        """Invoke the watch, which reads registry and tables, and also the latest values of the silent Silent/dev."""
        answer = self._invoke(self.hub, "watch", {})
        return answer is not None and "Silent/dev" in {spoke["Project"] for spoke in answer["SilentSpokes"]}

    def report(self) -> bool:
        """Write the report, which has the silent Silent/dev and sparklines."""
        if self._invoke(self.hub, "report", {}) is None:
            return False
        bucket = Names(self.hub.name).report_bucket(self.hub.account, self.hub.region)
        content = self.hub.client("s3").get_object(Bucket=bucket, Key="report.html")["Body"].read()
        return "Silent/dev" in gzip.decompress(content).decode()

    def widget(self) -> bool:
        """Show pages in the widget that need every read: newest values, sparklines, histories, registered spokes."""
        series = "/series/Spoke/dev?metric=Crossed"
        pages = [self._invoke(self.hub, "widget", {"address": one}) for one in ("/spokes?read=1", "/", series)]
        return all(page is not None and "may not call" not in page for page in pages) and ">Silent<" in pages[0]

    def extract(self) -> bool:
        """Invoke the extraction, which computes each metric and puts each event on the spoke's bus."""
        answer = self._invoke(self.spoke, "extract", {"id": ulid.new(), "detail": {"RefreshId": ulid.new()}})
        return answer is not None and (answer["Emitted"], answer["Failed"]) == (2, 0)

    def log(self, installation: Installation, role: str) -> bool:
        """Start a new environment of the function, which creates a log stream and writes to it."""
        logs, functions = installation.client("logs"), installation.client("lambda")
        function = installation.function_name(role)

        def written() -> set[str]:
            pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=f"/aws/lambda/{function}")
            streams = [stream for page in pages for stream in page["logStreams"]]
            return {stream["logStreamName"] for stream in streams if stream.get("lastIngestionTime")}

        before = written()
        description = functions.get_function_configuration(FunctionName=function)["Description"]
        functions.update_function_configuration(FunctionName=function, Description=f"New environment: {ulid.new()}")
        try:
            self._invoke(installation, role, {"Records": []} if role == "archive" else NO_PROJECT)
            return self._soon(lambda: written() > before)
        finally:
            functions.update_function_configuration(FunctionName=function, Description=description)

    def update_function(self, installation: Installation, role: str) -> bool:
        """Update a function; Lambda rejects a role that it may not assume."""
        functions, function = installation.client("lambda"), installation.function_name(role)
        role_arn = functions.get_function_configuration(FunctionName=function)["Role"]
        try:
            functions.update_function_configuration(FunctionName=function, Role=role_arn)
        except functions.exceptions.InvalidParameterValueException:
            return False
        return True

    # Schedules

    def schedule(self, installation: Installation, role: str) -> bool:
        """Fire the schedule of a function, which invokes the function."""
        before = self._log_messages(installation, role)
        when = self._fire(installation, role)
        # The log of a refresh contains the scheduled time. The others do not, but nothing else invokes them meanwhile.
        marker = "" if role in _BY_SCHEDULE else when

        def mentions(lines: list[str]) -> int:
            return sum(marker in line for line in lines)

        return self._soon(lambda: mentions(self._log_messages(installation, role)) > mentions(before))

    def update_schedule(self, installation: Installation, role: str) -> bool:
        """Update the schedule of a function; Scheduler rejects a role that it may not assume."""
        scheduler = installation.client("scheduler")
        group, name = f"{installation.name}-{installation.kind}", f"{installation.name}-{role}"
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
        self.hub.put_entries([_entry({"RefreshId": refresh_id, **NO_PROJECT})])
        return self._soon(
            lambda: bool(self.spoke.log(RefreshId=refresh_id)),
            unless=lambda: (
                self._is_dead_letter(self.hub, "to-spokes-dead-letters", refresh_id)
                or self._is_dead_letter(self.spoke, "spoke-dead-letters", refresh_id)
            ),
        )

    def value_reaches_hub(self) -> bool:
        """Put a value on the spoke's bus, which becomes an item of the hub's history."""
        metric = ulid.new()
        self.spoke.put_entries([_entry(result("Spoke/dev", metric, 1))])
        return self._soon(
            lambda: bool(self.hub.history(MetricName=metric)),
            unless=lambda: (
                self._is_dead_letter(self.spoke, "to-hubs-dead-letters", metric)
                or self._is_dead_letter(self.hub, "rule-dead-letters", metric)
            ),
        )

    # Dead letters

    def dead_letter_of_function(self, installation: Installation, role: str, queue: str) -> bool:
        """Invoke a function asynchronously with an event that it fails on, which becomes a dead letter."""
        marker, before = ulid.new(), len(self._log_messages(installation, role))
        event = {"detail": {"Unknown": marker}, "Unknown": marker}
        # These ignore their event, so one of their reads fails instead.
        denied = {"code": "AccessDeniedException", "caller": f"*-{role}", "count": 1}
        with installation.cloud.fault("dynamodb:Scan", **denied) if role in _BY_SCHEDULE else nullcontext():
            installation.client("lambda").invoke(
                FunctionName=installation.function_name(role), InvocationType="Event", Payload=json.dumps(event)
            )
            # The next probe must not meet this invocation.
            eventually(lambda: len(self._log_messages(installation, role)) > before, f"the log of {role}")
            return self._becomes_dead_letter(installation, queue, marker)

    def dead_letter_of_schedule(self, installation: Installation, role: str, queue: str) -> bool:
        """Fire a schedule that may not invoke its function, which becomes a dead letter."""
        name = f"{installation.name}-{installation.region}-{installation.kind}-schedule"
        with without(RolePolicy(installation.client("iam"), name, "schedule"), "lambda:InvokeFunction"):
            return self._becomes_dead_letter(installation, queue, self._fire(installation, role))

    def dead_letter_of_forwarding(self, installation: Installation, peers: str) -> bool:
        """Put an event that the rules may not forward to `peers`, which becomes a dead letter."""
        marker = ulid.new()
        role = f"{installation.name}-{installation.region}-to-{peers}"
        with without(RolePolicy(installation.client("iam"), role, "forward"), "events:PutEvents"):
            request = {"RefreshId": marker, **NO_PROJECT}
            detail = request if installation is self.hub else result("Spoke/dev", marker, 1)
            installation.put_entries([_entry(detail)])
            return self._becomes_dead_letter(installation, f"to-{peers}-dead-letters", marker)

    def dead_letter_of_archive_rule(self) -> bool:
        """Put a value that the archive's rule may not send to the queue, which becomes a dead letter."""
        metric = ulid.new()
        with without(QueuePolicy(self.hub.client("sqs"), self.hub.queue_url("events")), "sqs:SendMessage"):
            self.spoke.put_entries([_entry(result("Spoke/dev", metric, 1))], self.hub.bus_arn)
            return self._becomes_dead_letter(self.hub, "rule-dead-letters", metric)

    def dead_letter_of_extraction_rule(self) -> bool:
        """Put a refresh that may not start the extraction, which becomes a dead letter."""
        refresh_id = ulid.new()
        policy = FunctionPolicy(self.spoke.client("lambda"), self.spoke.function_name("extract"))
        with without(policy, "lambda:InvokeFunction"):
            self.spoke.put_entries([_entry({"RefreshId": refresh_id, **NO_PROJECT})])
            return self._becomes_dead_letter(self.spoke, "spoke-dead-letters", refresh_id)

    def dead_letter_of_bus(self, installation: Installation, queue: str) -> bool:
        """Put an event that the bus may not encrypt with its key, which becomes an encrypted dead letter."""
        before = len(self._dead_letters(installation, queue))
        policy = KeyPolicy(installation.client("kms"), installation.key_arn)
        with without(policy, "kms:EncryptionContext:aws:events"):
            installation.put_entries([_entry({"RefreshId": ulid.new(), **NO_PROJECT})])
            return self._soon(lambda: len(self._dead_letters(installation, queue)) > before)

    # Operations of the probes

    def _invoke(self, installation: Installation, role: str, event: object) -> Any:
        """Return the answer of a function, or None if it failed or did not start."""
        try:
            return installation.invoke(role, event)
        except (ClientError, FunctionFailed):
            return None

    def _fire(self, installation: Installation, role: str) -> str:
        """Fire a schedule, and return its scheduled time, which no other firing of this session has."""
        with _firing:
            time.sleep(1 - time.time() % 1)
            fired = installation.cloud.fire_schedule(f"{installation.name}-{role}", installation.account)
            return str(fired["scheduled_time"])

    def _log_messages(self, installation: Installation, role: str) -> list[str]:
        pages = installation.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=f"/aws/lambda/{installation.function_name(role)}")
        return [event["message"] for page in found for event in page["events"]]

    def _dead_letters(self, installation: Installation, queue: str) -> list[str]:
        """Return the bodies of all dead letters that a queue has received so far."""
        received = self._received[installation.account, queue]
        received += [message.body for message in installation.take(queue)]
        return received

    def _is_dead_letter(self, installation: Installation, queue: str, marker: str) -> bool:
        """Whether a queue has received a dead letter that contains `marker`."""
        return any(marker in body for body in self._dead_letters(installation, queue))

    def _becomes_dead_letter(self, installation: Installation, queue: str, marker: str) -> bool:
        return self._soon(lambda: self._is_dead_letter(installation, queue, marker))

    def _soon(self, happened: Callable[[], bool], unless: Callable[[], bool] = lambda: False) -> bool:
        """Wait until `happened` is true; false if `unless` is true first, or patience runs out."""
        begun, self.waited = time.monotonic(), 0.0
        while not happened():
            self.waited = time.monotonic() - begun
            if unless() or self.waited > self.patience:
                return False
            time.sleep(0.05)
        return True


def _entry(detail: dict[str, Any]) -> dict[str, str]:
    """Return an entry of PutEvents. Entries may be refused, so the probes do not use `Installation.put`."""
    return {"DetailType": RESULT, "Detail": json.dumps(detail)}
