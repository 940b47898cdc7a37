"""What the functions do, and their schedules: the smallest thing for each of their permissions."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime

from tests.journey.polling import eventually
from tests.journey.spoke import result

from ds_dashboard import ulid

from .accounts import HUB, NAME, REGION, SPOKE
from .parts import without
from .policies import RolePolicy
from .trials import Trials

ENVELOPE = {"source": "metric_extractor", "detail-type": "metric_extractor", "account": SPOKE, "region": REGION}
# Asks nobody, so that no metric is computed.
NOBODY = {"Projects": ["Nobody"]}


class FunctionTrials(Trials):
    """Functions and schedules."""

    def archive(self) -> bool:
        """A batch with all that the archive does: store, find a place taken, keep the latest, note, doubt, refuse."""
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
        answer = self.invoke(HUB, f"{NAME}-archive", {"Records": records})
        return answer is not None and answer["batchItemFailures"] == []

    def mapping(self) -> bool:
        """Lambda asks the archive's role when the queue is mapped to the function, as an apply does."""
        functions = self.world.client("lambda", HUB)
        queue = f"arn:aws:sqs:{REGION}:{HUB}:{NAME}-events"
        try:
            made = functions.create_event_source_mapping(
                FunctionName=f"{NAME}-archive", EventSourceArn=queue, Enabled=False
            )
        except functions.exceptions.ResourceConflictException:
            return True
        except functions.exceptions.InvalidParameterValueException:
            return False
        functions.delete_event_source_mapping(UUID=made["UUID"])
        return True

    def refresh(self) -> bool:
        """The refresh function puts an event on the hub's bus."""
        return self.invoke(HUB, f"{NAME}-refresh", NOBODY) is not None

    def watch(self) -> bool:
        """The watch reads registry and tables; Silent/dev, which never reported, makes it look at its latest values."""
        answer = self.invoke(HUB, f"{NAME}-watch", {})
        return answer is not None and "Silent/dev" in {spoke["Project"] for spoke in answer["SilentSpokes"]}

    def extract(self) -> bool:
        """The extraction computes each metric and puts each event on the spoke's bus."""
        event = {"id": ulid.new(), "detail": {"RefreshId": ulid.new()}}
        answer = self.invoke(SPOKE, f"{NAME}-extract", event)
        return answer is not None and (answer["Emitted"], answer["Failed"]) == (2, 0)

    def log(self, account: str, function: str) -> bool:
        """A new environment of the function opens a stream of its own, and writes to it."""
        logs = self.world.client("logs", account)

        def written() -> set[str]:
            pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=f"/aws/lambda/{function}")
            streams = [stream for page in pages for stream in page["logStreams"]]
            return {stream["logStreamName"] for stream in streams if stream.get("lastIngestionTime")}

        before = written()
        self.world.client("lambda", account).update_function_configuration(
            FunctionName=function, Description=f"Made anew: {ulid.new()}"
        )
        self.invoke(account, function, {"Records": []} if function.endswith("archive") else NOBODY)
        return self.soon(lambda: written() > before)

    def letter_of_function(self, account: str, function: str, queue: str) -> bool:
        """What was accepted and then failed goes to the function's dead letters."""
        marker, before = ulid.new(), len(self.log_events(account, function))
        event = {"detail": {"Unknown": marker}, "Unknown": marker}
        # The watch reads no event, so it fails where it may not read a table for once.
        denied = {"code": "AccessDeniedException", "caller": "*-watch", "count": 1}
        fails = function.endswith("watch")
        with self.world.cloud.fault("dynamodb:Scan", **denied) if fails else nullcontext():
            self.world.client("lambda", account).invoke(
                FunctionName=function, InvocationType="Event", Payload=json.dumps(event)
            )
            # Nothing of it may be under way when the next trial begins.
            eventually(lambda: len(self.log_events(account, function)) > before, f"the log of {function}")
            return self.lies_on(account, queue, marker)

    def schedule(self, account: str, name: str, function: str) -> bool:
        """The schedule invokes its function."""
        before = self.log_events(account, function)
        when = self.fire(account, name)
        # Who is asked for fresh values names the time; the watch does not, and nobody else invokes it meanwhile.
        marker = "" if function.endswith("watch") else when

        def mentions(lines: list[str]) -> int:
            return sum(marker in line for line in lines)

        return self.soon(lambda: mentions(self.log_events(account, function)) > mentions(before))

    def letter_of_schedule(self, account: str, name: str, role: str, queue: str) -> bool:
        """What a schedule may not invoke goes to its dead letters."""
        policy = RolePolicy(self.world.client("iam", account), role, "schedule")
        with without(policy, "lambda:InvokeFunction"):
            return self.lies_on(account, queue, self.fire(account, name))

    def renew_schedule(self, account: str, name: str, group: str) -> bool:
        """Scheduler refuses a schedule whose role it may not assume."""
        scheduler = self.world.client("scheduler", account)
        schedule = scheduler.get_schedule(Name=name, GroupName=group)
        taken = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
        try:
            scheduler.update_schedule(**{key: value for key, value in schedule.items() if key in taken})
        except scheduler.exceptions.ValidationException:
            return False
        return True

    def renew_function(self, account: str, function: str) -> bool:
        """Lambda refuses a function whose role it may not assume."""
        functions = self.world.client("lambda", account)
        role = functions.get_function_configuration(FunctionName=function)["Role"]
        try:
            functions.update_function_configuration(FunctionName=function, Role=role)
        except functions.exceptions.InvalidParameterValueException:
            return False
        return True
