"""Every alarm rings by the metric that it watches, and somebody who has subscribed hears of it."""

from __future__ import annotations

import pytest
from tests.journey.hub import Hub

from .causes import CAUSES, NAME, Cause
from .conftest import World


@pytest.mark.parametrize(("cause", "alarms"), CAUSES, ids=[cause.__name__ for cause, _ in CAUSES])
def test_it_rings(world: World, cause: Cause, alarms: list[str]) -> None:
    """Up to the message that arrives; an alarm that was never heard may be one that cannot ring."""
    world.cause(cause)
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
