"""What makes each alarm ring: what really goes wrong, as far as it can be waited for."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.journey.company import REGION
from tests.journey.hub import RefreshFailed
from tests.journey.spoke import SOURCE, Spoke, now, result, unused

from . import broken
from .conftest import World

NAME = "watchtower"
Cause = Callable[[World], None]


def put(spoke: Spoke, project: str = "Gamma") -> str:
    """A value on the spoke's bus; returns its event's id."""
    return spoke.put(result(project, "dev", unused("Ringing"), 1))


def no_writing(statement: dict[str, Any]) -> dict[str, Any] | None:
    return None if any("PartiQL" in action for action in statement["Action"]) else statement


def a_stranger_reports(world: World) -> None:
    put(world.spoke, "Stranger")


def a_metric_fails(world: World) -> None:
    world.hub.refresh(Projects=["Alpha"])


def somebody_looks_for_the_silent(world: World) -> None:
    assert {"Project": "Silent/dev", "LastSeen": None} in world.hub.invoke("watch_function_name")["SilentSpokes"]


def the_tables_cannot_be_written(world: World) -> None:
    with broken.role(world.hub.client("iam"), f"{NAME}-{REGION}-archive", "archive", no_writing):
        event_id = put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-failures")
    world.hub.archived(event_id)


def the_archive_fails(world: World) -> None:
    with broken.environment(world.hub.client("lambda"), world.hub.outputs["archive_function_name"]):
        event_id = put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-errors")
    world.hub.archived(event_id)


def the_archive_gets_no_concurrency(world: World) -> None:
    lambda_, function = world.hub.client("lambda"), world.hub.outputs["archive_function_name"]
    lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        lambda_.invoke(FunctionName=function, Payload=b'{"Records": []}')
    lambda_.delete_function_concurrency(FunctionName=function)


def events_wait_for_long(world: World) -> None:
    """Nobody wants to wait for a quarter of an hour: told as SQS would tell it."""
    dimensions = [{"Name": "QueueName", "Value": f"{NAME}-events"}]
    data = {"MetricName": "ApproximateAgeOfOldestMessage", "Dimensions": dimensions, "Value": 901}
    world.hub.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[data])


def the_archive_gave_up(world: World) -> None:
    """What it gives up after fifteen tries lies there; so many outages are not waited for."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": SOURCE,
        "source": SOURCE,
        "account": world.spoke.account,
        "time": now(),
        "region": REGION,
        "resources": [],
        "detail": result("Gamma", "dev", unused("GivenUp"), 1),
    }
    queue = world.hub.outputs["dead_letter_queue_url"]
    world.hub.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def the_archives_rule_cannot_deliver(world: World) -> None:
    with broken.queue_policy(world.hub.client("sqs"), f"{NAME}-events"):
        put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-rule-failures")


def nor_keep_a_letter(world: World) -> None:
    sqs = world.hub.client("sqs")
    with broken.queue_policy(sqs, f"{NAME}-events"), broken.queue_policy(sqs, f"{NAME}-rule-dead-letters"):
        put(world.spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-rule-letters-lost")


def the_hubs_bus_cannot_be_encrypted(world: World) -> None:
    with broken.key(world.hub.client("kms"), world.outputs["hub_key"], "HubBus"):
        world.hub.refresh()


def the_refresh_fails(world: World) -> None:
    with (
        broken.environment(world.hub.client("lambda"), world.hub.outputs["refresh_function_name"]),
        pytest.raises(RefreshFailed),
    ):
        world.hub.refresh()


def the_scheduled_refresh_fails(world: World) -> None:
    with broken.environment(world.hub.client("lambda"), world.hub.outputs["refresh_function_name"]):
        world.cloud.fire_schedule(f"{NAME}-refresh", world.hub.account)
        world.wait_for_alarm(f"{NAME}-hub-refresh-dropped")


def the_watch_fails(world: World) -> None:
    with broken.environment(world.hub.client("lambda"), world.hub.outputs["watch_function_name"]):
        world.cloud.fire_schedule(f"{NAME}-watch", world.hub.account)
        world.wait_for_alarm(f"{NAME}-hub-watch-dropped")


def the_hub_is_not_let_in(world: World) -> None:
    with broken.bus_policy(world.spoke.client("events"), f"{NAME}-spoke"):
        world.hub.refresh()
        world.wait_for_alarm(f"{NAME}-to-spokes-dead-letters-not-empty")


def the_spoke_is_not_let_in(world: World) -> None:
    with broken.bus_policy(world.hub.client("events"), f"{NAME}-hub"):
        put(world.spoke)
        world.wait_for_alarm(f"{NAME}-to-hubs-dead-letters-not-empty")


def the_extraction_fails(world: World) -> None:
    with broken.environment(world.spoke.client("lambda"), world.spoke.outputs["function_name"]):
        world.hub.refresh()
        world.wait_for_alarm(f"{NAME}-spoke-extraction-dropped")


def the_extraction_cannot_be_started(world: World) -> None:
    not_permitted(world)
    world.wait_for_alarm(f"{NAME}-spoke-extraction-rule-failures")


def nor_its_letter_be_kept(world: World) -> None:
    with broken.queue_policy(world.spoke.client("sqs"), f"{NAME}-spoke-dead-letters"):
        not_permitted(world)
        world.wait_for_alarm(f"{NAME}-spoke-extraction-rule-letters-lost")


def not_permitted(world: World) -> None:
    """Ask while EventBridge may not invoke the function."""
    lambda_, function = world.spoke.client("lambda"), world.spoke.outputs["function_name"]
    lambda_.remove_permission(FunctionName=function, StatementId="ExtractionRule")
    world.hub.refresh()
    account, rule = world.spoke.account, f"{NAME}-spoke/{NAME}-extract"
    lambda_.add_permission(
        FunctionName=function,
        StatementId="ExtractionRule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{REGION}:{account}:rule/{rule}",
    )


def the_spokes_bus_cannot_be_encrypted(world: World) -> None:
    with broken.key(world.spoke.client("kms"), world.outputs["spoke_key"], "SpokeBus"):
        put(world.spoke)


CAUSES: list[tuple[Cause, list[str]]] = [
    (a_stranger_reports, ["hub-rejected", "hub-rejected-not-empty"]),
    (a_metric_fails, ["hub-extraction-failures"]),
    (somebody_looks_for_the_silent, ["hub-silent-spokes"]),
    (the_tables_cannot_be_written, ["hub-archive-failures"]),
    (the_archive_fails, ["hub-archive-errors"]),
    (the_archive_gets_no_concurrency, ["hub-archive-throttles"]),
    (events_wait_for_long, ["hub-events-too-old"]),
    (the_archive_gave_up, ["hub-events-dead-letters-not-empty"]),
    (the_archives_rule_cannot_deliver, ["hub-archive-rule-failures", "hub-rule-dead-letters-not-empty"]),
    (nor_keep_a_letter, ["hub-archive-rule-letters-lost"]),
    (the_hubs_bus_cannot_be_encrypted, ["hub-bus-dead-letters-not-empty"]),
    (the_refresh_fails, ["hub-refresh-errors"]),
    (the_scheduled_refresh_fails, ["hub-refresh-dropped", "hub-function-dead-letters-not-empty"]),
    (the_watch_fails, ["hub-watch-dropped", "hub-watch-errors"]),
    (the_hub_is_not_let_in, ["to-spokes-dead-letters-not-empty"]),
    (the_spoke_is_not_let_in, ["to-hubs-dead-letters-not-empty"]),
    (the_extraction_fails, ["spoke-extraction-dropped", "spoke-extraction-errors", "spoke-dead-letters-not-empty"]),
    (the_extraction_cannot_be_started, ["spoke-extraction-rule-failures"]),
    (nor_its_letter_be_kept, ["spoke-extraction-rule-letters-lost"]),
    (the_spokes_bus_cannot_be_encrypted, ["spoke-bus-dead-letters-not-empty"]),
]
