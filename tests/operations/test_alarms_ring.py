"""Every alarm rings by the metric that it watches, and somebody who has subscribed hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.journey.company import REGION
from tests.journey.hub import Hub, RefreshFailed
from tests.journey.spoke import Spoke, result, unused

from . import broken
from .conftest import World

NAME = "watchtower"
Cause = Callable[[Hub, Spoke, World], None]


def put(spoke: Spoke, project: str = "Gamma") -> str:
    """A value on the spoke's bus; returns its event's id."""
    return spoke.put(result(project, "dev", unused("Ringing"), 1))


def no_writing(statement: dict[str, Any]) -> dict[str, Any] | None:
    return None if any("PartiQL" in action for action in statement["Action"]) else statement


def a_stranger_reports(hub: Hub, spoke: Spoke, world: World) -> None:
    put(spoke, "Stranger")


def a_metric_fails(hub: Hub, spoke: Spoke, world: World) -> None:
    hub.refresh(Projects=["Alpha"])


def somebody_looks_for_the_silent(hub: Hub, spoke: Spoke, world: World) -> None:
    assert {"Project": "Silent/dev", "LastSeen": None} in hub.invoke("watch_function_name")["SilentSpokes"]


def the_tables_cannot_be_written(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.role(hub.client("iam"), f"{NAME}-{REGION}-archive", "archive", no_writing):
        event_id = put(spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-failures")
    hub.archived(event_id)


def the_archive_fails(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.environment(hub.client("lambda"), hub.outputs["archive_function_name"]):
        event_id = put(spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-errors")
    hub.archived(event_id)


def the_archive_gets_no_concurrency(hub: Hub, spoke: Spoke, world: World) -> None:
    lambda_, function = hub.client("lambda"), hub.outputs["archive_function_name"]
    lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        lambda_.invoke(FunctionName=function, Payload=b'{"Records": []}')
    lambda_.delete_function_concurrency(FunctionName=function)


def events_wait_for_long(hub: Hub, spoke: Spoke, world: World) -> None:
    """Nobody wants to wait for a quarter of an hour: told as SQS would tell it."""
    dimensions = [{"Name": "QueueName", "Value": f"{NAME}-events"}]
    data = {"MetricName": "ApproximateAgeOfOldestMessage", "Dimensions": dimensions, "Value": 901}
    hub.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[data])


def the_archive_gave_up(hub: Hub, spoke: Spoke, world: World) -> None:
    """What it gives up after fifteen tries lies there; so many outages are not waited for."""
    hub.client("sqs").send_message(QueueUrl=hub.outputs["dead_letter_queue_url"], MessageBody="{}")


def the_archives_rule_cannot_deliver(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.queue_policy(hub.client("sqs"), f"{NAME}-events"):
        put(spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-rule-failures")


def nor_keep_a_letter(hub: Hub, spoke: Spoke, world: World) -> None:
    sqs = hub.client("sqs")
    with broken.queue_policy(sqs, f"{NAME}-events"), broken.queue_policy(sqs, f"{NAME}-rule-dead-letters"):
        put(spoke)
        world.wait_for_alarm(f"{NAME}-hub-archive-rule-letters-lost")


def the_hubs_bus_cannot_be_encrypted(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.key(hub.client("kms"), world.outputs["hub_key"], "HubBus"):
        hub.refresh()


def the_refresh_fails(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.environment(hub.client("lambda"), hub.outputs["refresh_function_name"]), pytest.raises(RefreshFailed):
        hub.refresh()


def the_scheduled_refresh_fails(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.environment(hub.client("lambda"), hub.outputs["refresh_function_name"]):
        world.cloud.fire_schedule(f"{NAME}-refresh", hub.account)
        world.wait_for_alarm(f"{NAME}-hub-refresh-dropped")


def the_watch_fails(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.environment(hub.client("lambda"), hub.outputs["watch_function_name"]):
        world.cloud.fire_schedule(f"{NAME}-watch", hub.account)
        world.wait_for_alarm(f"{NAME}-hub-watch-dropped")


def the_hub_is_not_let_in(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.bus_policy(spoke.client("events"), f"{NAME}-spoke"):
        hub.refresh()
        world.wait_for_alarm(f"{NAME}-to-spokes-dead-letters-not-empty")


def the_spoke_is_not_let_in(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.bus_policy(hub.client("events"), f"{NAME}-hub"):
        put(spoke)
        world.wait_for_alarm(f"{NAME}-to-hubs-dead-letters-not-empty")


def the_extraction_fails(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.environment(spoke.client("lambda"), spoke.outputs["function_name"]):
        hub.refresh()
        world.wait_for_alarm(f"{NAME}-spoke-extraction-dropped")


def the_extraction_cannot_be_started(hub: Hub, spoke: Spoke, world: World) -> None:
    not_permitted(hub, spoke)
    world.wait_for_alarm(f"{NAME}-spoke-extraction-rule-failures")


def nor_its_letter_be_kept(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.queue_policy(spoke.client("sqs"), f"{NAME}-spoke-dead-letters"):
        not_permitted(hub, spoke)
        world.wait_for_alarm(f"{NAME}-spoke-extraction-rule-letters-lost")


def not_permitted(hub: Hub, spoke: Spoke) -> None:
    """Ask while EventBridge may not invoke the function."""
    lambda_, function = spoke.client("lambda"), spoke.outputs["function_name"]
    lambda_.remove_permission(FunctionName=function, StatementId="ExtractionRule")
    hub.refresh()
    account, rule = spoke.account, f"{NAME}-spoke/{NAME}-extract"
    lambda_.add_permission(
        FunctionName=function,
        StatementId="ExtractionRule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{REGION}:{account}:rule/{rule}",
    )


def the_spokes_bus_cannot_be_encrypted(hub: Hub, spoke: Spoke, world: World) -> None:
    with broken.key(spoke.client("kms"), world.outputs["spoke_key"], "SpokeBus"):
        put(spoke)


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


@pytest.mark.parametrize(("cause", "alarms"), CAUSES, ids=lambda value: getattr(value, "__name__", ""))
def test_it_rings(world: World, hub: Hub, spoke: Spoke, cause: Cause, alarms: list[str]) -> None:
    """Up to the message that arrives; an alarm that was never heard may be one that cannot ring."""
    cause(hub, spoke, world)
    for alarm in alarms:
        world.wait_for_alarm(f"{NAME}-{alarm}")


def test_no_alarm_is_left_out(world: World) -> None:
    assert {f"{NAME}-{alarm}" for _, alarms in CAUSES for alarm in alarms} == world.alarms()


def test_the_end_of_it_is_told_too(world: World) -> None:
    """Who was woken wants to know when it is over. It is over when an alarm starts, too."""
    for alarm in world.alarms() - {f"{NAME}-hub-silent-spokes"}:  # which says nothing before somebody has looked
        world.wait_for_alarm(alarm, "OK")


def test_it_is_told_when_nobody_looks_for_the_silent_any_more(world: World, hub: Hub) -> None:
    """A schedule that was switched off leaves no error anywhere. The copy of the alarm watches a hub without one."""
    cloudwatch = hub.client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{NAME}-hub-silent-spokes"])["MetricAlarms"]
    written = {"AlarmConfigurationUpdatedTimestamp", "AlarmArn"}
    state = {name for name in alarm if name.startswith("State")}
    copy = {name: value for name, value in alarm.items() if name not in written | state}
    copy.update(AlarmName="copy", Dimensions=[{"Name": "Name", "Value": "unwatched"}])
    cloudwatch.put_metric_alarm(**copy)
    cloudwatch.set_alarm_state(AlarmName="copy", StateValue="OK", StateReason="It has been counted until now.")
    world.inboxes[hub.account].wait_for("copy", "INSUFFICIENT_DATA")
