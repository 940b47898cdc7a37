"""Every alarm rings by the metric that it watches, and its subscriber is notified."""

from __future__ import annotations

import pytest

from ds_dashboard_dev.testing.installation import Hub
from ds_dashboard_dev.testing.pair import NAME

from .alarm_causes import CAUSES, Cause
from .conftest import World


@pytest.mark.parametrize(("cause", "alarms"), CAUSES, ids=[cause.__name__ for cause, _ in CAUSES])
def test_an_alarm_rings(world: World, cause: Cause, alarms: list[str]) -> None:
    """The notification arrives; an alarm that was never seen to ring may be one that cannot."""
    world.cause(cause)
    for alarm in alarms:
        world.wait_for_alarm(f"{NAME}-{alarm}")


def test_every_alarm_has_a_cause(world: World) -> None:
    assert {f"{NAME}-{alarm}" for _, alarms in CAUSES for alarm in alarms} == world.alarms()


def test_the_end_of_an_alarm_is_notified_too(world: World) -> None:
    """Whoever was woken wants to know when it is over. A new alarm is OK first."""
    for alarm in world.alarms() - {f"{NAME}-hub-silent-spokes"}:  # which has no data before the first watch
        world.wait_for_alarm(alarm, "OK")


def test_an_alarm_reports_that_the_watch_does_not_run_any_more(world: World, hub: Hub) -> None:
    """A disabled schedule leaves no error anywhere. A copy of the alarm watches a hub without one."""
    cloudwatch = hub.client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{NAME}-hub-silent-spokes"])["MetricAlarms"]
    read_only = {"AlarmConfigurationUpdatedTimestamp", "AlarmArn"}
    state = {name for name in alarm if name.startswith("State")}
    copy = {name: value for name, value in alarm.items() if name not in read_only | state}
    copy.update(AlarmName="copy", Dimensions=[{"Name": "Name", "Value": "unwatched"}])
    cloudwatch.put_metric_alarm(**copy)
    cloudwatch.set_alarm_state(AlarmName="copy", StateValue="OK", StateReason="It has been counted until now.")
    world.inboxes[hub.account].wait_for("copy", "INSUFFICIENT_DATA")
