"""What makes each alarm ring: what really goes wrong, as far as a test can wait for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.events import envelope, result, unused
from ds_dashboard_dev.testing.installation import FunctionFailed, Spoke
from ds_dashboard_dev.testing.pair import NAME

from .conftest import GAMMA, SILENT, World

Cause = Callable[[World], None]


def put(spoke: Spoke, project: str = GAMMA) -> str:
    """Put a value on the spoke's bus; returns the event's id."""
    return spoke.put(result(project, unused("Ringing"), 1))


def an_unregistered_project_reports(world: World) -> None:
    put(world.spoke, "Stranger/dev")


def a_metric_fails(world: World) -> None:
    world.hub.refresh(Projects=["South"])


def the_watch_finds_a_silent_spoke(world: World) -> None:
    assert {"Project": SILENT, "LastSeen": None} in world.hub.invoke("watch")["SilentSpokes"]


def the_archive_may_not_write_to_the_tables(world: World) -> None:
    with misconfigure.role_with_statements(
        world.hub,
        "archive",
        "archive",
        lambda statement: None if any("PartiQL" in action for action in statement["Action"]) else statement,
    ):
        event_id = put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-failures")
    world.hub.archived(event_id)


def the_archive_fails(world: World) -> None:
    with misconfigure.function_without_variables(world.hub, "archive"):
        event_id = put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-errors")
    world.hub.archived(event_id)


def the_archive_has_no_concurrency(world: World) -> None:
    with (
        misconfigure.function_with_concurrency(world.hub, "archive", 0),
        pytest.raises(ClientError, match="TooManyRequests"),
    ):
        world.hub.invoke("archive", {"Records": []})


def events_wait_too_long(world: World) -> None:
    """The metric of SQS says so; nobody wants to wait for a quarter of an hour."""
    dimensions = [{"Name": "QueueName", "Value": f"{NAME}-events"}]
    data = {"MetricName": "ApproximateAgeOfOldestMessage", "Dimensions": dimensions, "Value": 901}
    world.hub.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[data])


def an_event_keeps_failing(world: World) -> None:
    """It is given to the archive a second time, and its queue says that it is old."""
    body = envelope(json.dumps(result(GAMMA, unused("KeepsFailing"), 1)), account=world.spoke.account)
    old = {"SentTimestamp": str(int((time.time() - 1000) * 1000)), "ApproximateReceiveCount": "4"}
    world.hub.invoke("archive", {"Records": [{"messageId": "m", "body": body, "attributes": old}]})


def the_archive_gave_up(world: World) -> None:
    """A message is on its dead-letter queue; fifteen failures would take too long."""
    body = envelope(json.dumps(result(GAMMA, unused("GivenUp"), 1)), account=world.spoke.account)
    world.hub.client("sqs").send_message(QueueUrl=world.hub.queue_url("events-dead-letters"), MessageBody=body)


def the_archives_rule_cannot_deliver(world: World) -> None:
    with misconfigure.queue_without_policy(world.hub, "events"):
        put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-rule-failures")


def the_archives_rule_cannot_write_a_dead_letter(world: World) -> None:
    with (
        misconfigure.queue_without_policy(world.hub, "events"),
        misconfigure.queue_without_policy(world.hub, "rule-dead-letters"),
    ):
        put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-rule-letters-lost")


def the_hubs_bus_cannot_be_encrypted(world: World) -> None:
    with misconfigure.key_without_statement(world.hub, "HubBus"):
        world.hub.refresh()


def the_refresh_fails(world: World) -> None:
    with misconfigure.function_without_variables(world.hub, "refresh"), pytest.raises(FunctionFailed):
        world.hub.refresh()


def the_scheduled_refresh_fails(world: World) -> None:
    with misconfigure.function_without_variables(world.hub, "refresh"):
        world.hub.cloud.fire_schedule(f"{NAME}-refresh", world.hub.account)
        world.wait_for_alarm(f"{NAME}-hub-refresh-dropped")


def the_watch_fails(world: World) -> None:
    with misconfigure.function_without_variables(world.hub, "watch"):
        world.hub.cloud.fire_schedule(f"{NAME}-watch", world.hub.account)
        world.wait_for_alarm(f"{NAME}-hub-watch-dropped")


def the_report_fails(world: World) -> None:
    with misconfigure.function_without_variables(world.hub, "report"):
        world.hub.cloud.fire_schedule(f"{NAME}-report", world.hub.account)
        world.wait_for_alarm(f"{NAME}-hub-report-dropped")


def the_spokes_bus_rejects_the_hub(world: World) -> None:
    with misconfigure.bus_without_policy(world.spoke):
        world.hub.refresh()
        world.wait_for_alarm(f"{NAME}-to-spokes-dead-letters-not-empty")


def the_hubs_bus_rejects_the_spoke(world: World) -> None:
    with misconfigure.bus_without_policy(world.hub):
        put(world.spoke)
        world.wait_for_alarm(f"{NAME}-to-hubs-dead-letters-not-empty")


def the_extraction_fails(world: World) -> None:
    with misconfigure.function_without_variables(world.spoke, "extract"):
        world.hub.refresh()
        world.wait_for_alarm(f"{NAME}-spoke-extraction-dropped")


def the_extraction_cannot_be_invoked(world: World) -> None:
    with misconfigure.function_without_policy(world.spoke, "extract"):
        world.hub.refresh()
        world.wait_for_alarm(f"{NAME}-spoke-extraction-rule-failures")


def the_extractions_rule_cannot_write_a_dead_letter(world: World) -> None:
    with (
        misconfigure.queue_without_policy(world.spoke, "spoke-dead-letters"),
        misconfigure.function_without_policy(world.spoke, "extract"),
    ):
        world.hub.refresh()
        world.wait_for_alarm(f"{NAME}-spoke-extraction-rule-letters-lost")


def the_spokes_bus_cannot_be_encrypted(world: World) -> None:
    with misconfigure.key_without_statement(world.spoke, "SpokeBus"):
        put(world.spoke)


CAUSES: list[tuple[Cause, list[str]]] = [
    (an_unregistered_project_reports, ["hub-rejected", "hub-rejected-not-empty"]),
    (a_metric_fails, ["hub-extraction-failures"]),
    (the_watch_finds_a_silent_spoke, ["hub-silent-spokes"]),
    (the_archive_may_not_write_to_the_tables, ["hub-archive-failures"]),
    (the_archive_fails, ["hub-archive-errors"]),
    (the_archive_has_no_concurrency, ["hub-archive-throttles"]),
    (events_wait_too_long, ["hub-events-too-old"]),
    (an_event_keeps_failing, ["hub-events-keep-failing"]),
    (the_archive_gave_up, ["hub-events-dead-letters-not-empty"]),
    (the_archives_rule_cannot_deliver, ["hub-archive-rule-failures", "hub-rule-dead-letters-not-empty"]),
    (the_archives_rule_cannot_write_a_dead_letter, ["hub-archive-rule-letters-lost"]),
    (the_hubs_bus_cannot_be_encrypted, ["hub-bus-dead-letters-not-empty"]),
    (the_refresh_fails, ["hub-refresh-errors"]),
    (the_scheduled_refresh_fails, ["hub-refresh-dropped", "hub-function-dead-letters-not-empty"]),
    (the_watch_fails, ["hub-watch-dropped", "hub-watch-errors"]),
    (the_report_fails, ["hub-report-dropped", "hub-report-errors"]),
    (the_spokes_bus_rejects_the_hub, ["to-spokes-dead-letters-not-empty"]),
    (the_hubs_bus_rejects_the_spoke, ["to-hubs-dead-letters-not-empty"]),
    (the_extraction_fails, ["spoke-extraction-dropped", "spoke-extraction-errors", "spoke-dead-letters-not-empty"]),
    (the_extraction_cannot_be_invoked, ["spoke-extraction-rule-failures"]),
    (the_extractions_rule_cannot_write_a_dead_letter, ["spoke-extraction-rule-letters-lost"]),
    (the_spokes_bus_cannot_be_encrypted, ["spoke-bus-dead-letters-not-empty"]),
]
