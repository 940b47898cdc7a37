"""The archive and what it needs fail: what was not stored comes again, and what is given up waits to be redriven."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ds_dashboard_dev.soak.events import result
from ds_dashboard_dev.soak.installation import PROJECTS
from ds_dashboard_dev.soak.ledger import Totals

from .world import ARCHIVE, BATCH, World, eventually, unused, values

Balance = Callable[[], Totals]


def test_the_archive_killed_after_half_a_batch(world: World, balance: Balance) -> None:
    """A part of the batch is in the table when the process dies, and nobody is told which."""
    north, metric = world.installation.north, unused("Killed")
    with (
        world.cloud.fault(BATCH, kind="kill", caller=ARCHIVE, skip=1, count=1) as killed,
        # All others wait, so that it is one statement's batch and not the whole.
        world.cloud.fault(BATCH, kind="hang", caller=ARCHIVE),
    ):
        with world.paused():
            world.send(north, values(north, metric, 80))
        eventually(lambda: killed.hits, "a killed archive")
    assert 0 < len(world.history(MetricName=metric)) < 80
    totals = balance()
    assert totals.items == 80
    assert totals.deliveries > 80


def test_the_archive_out_of_time_in_the_middle(world: World, balance: Balance) -> None:
    """Lambda ends it while it waits for the table."""
    south, metric = world.installation.south, unused("OutOfTime")
    function = world.hub.outputs["archive_function_name"]
    with (
        world.timeout(world.hub, function, 4),
        world.cloud.fault(BATCH, kind="delay", delay=6, caller=ARCHIVE, skip=1, count=2) as late,
    ):
        with world.paused():
            world.send(south, values(south, metric, 60))
        eventually(lambda: late.hits == 2, "an archive that waits")
        eventually(lambda: len(world.history(MetricName=metric)) == 60, "what the next tries store, late calls too")
    totals = balance()
    assert totals.items == 60
    assert totals.deliveries > 60


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("requests", {"call": "dynamodb:*", "code": "ThrottlingException", "count": 6}),
        ("statements", {"call": BATCH, "kind": "partial", "entries": 20, "count": 6}),
    ],
)
def test_tables_that_throttle_for_a_while(world: World, balance: Balance, name: str, fault: dict[str, str]) -> None:
    """The archive tries again within its own time: whole requests, and statements in requests that succeed."""
    north = world.installation.north
    with world.cloud.fault(caller=ARCHIVE, **fault) as throttled:
        world.send(north, values(north, unused(f"Throttled-{name}"), 60))
        eventually(lambda: throttled.hits == 6, "six throttled calls")
    totals = balance()
    assert (totals.items, totals.dead_letters) == (60, 0)


def test_tables_that_refuse_for_longer_than_a_message_is_tried(world: World, balance: Balance) -> None:
    """Every message ends as a dead letter of the queue, and none is missing once these are put back."""
    south, metric = world.installation.south, unused("Refused")
    world.hub.hurry(1, most_receives=3)
    with world.cloud.fault("dynamodb:*", code="AccessDeniedException", caller=ARCHIVE):
        world.send(south, values(south, metric, 40))
        world.settle()
        assert world.history(MetricName=metric) == []
        assert world.hub.depth("events-dead-letters") == (40, 0)
    assert world.redrive() == 40
    totals = balance()
    assert (totals.items, totals.dead_letters, totals.redriven) == (40, 40, 40)


def test_answers_of_the_tables_that_are_lost(world: World, balance: Balance) -> None:
    """What the archive was told had failed is in the table: it finds it there."""
    north = world.installation.north
    with world.cloud.fault("dynamodb:*", kind="lost", caller=ARCHIVE, count=3) as lost:
        world.send(north, values(north, unused("LostAnswers"), 60))
        eventually(lambda: lost.hits == 3, "three lost answers")
    assert balance().items == 60


def test_parameter_store_out_of_reach_for_the_archive(world: World, balance: Balance) -> None:
    """An outage refuses nothing. The archive remembers whom it knows, so it is a new one that has to ask."""
    north = world.installation.north
    metric = unused("NoRegistry")
    with world.new_archive(), world.cloud.fault("ssm:GetParameters", kind="reset", caller=ARCHIVE) as away:
        world.send(north, values(north, metric, 20))
        eventually(lambda: away.hits >= 4, "tries of the archive")
        assert world.history(MetricName=metric) == []
    totals = balance()
    assert (totals.items, totals.rejected) == (20, 0)


def test_a_registration_removed_and_restored(world: World, balance: Balance) -> None:
    """Meanwhile its events are refused with the reason, and they are welcome when they are put back."""
    north, project, metric = world.installation.north, PROJECTS[7], unused("Unregistered")
    events = [result(north.account, project, metric, number) for number in range(10)]
    world.hub.unregister(project)
    with world.new_archive():
        world.send(north, events)
        world.settle()
    world.ledger.collect()
    refused = [one["Attributes"] for one in world.ledger.rejected if metric in one["Body"]]
    assert {one["Code"] for one in refused} == {"Unregistered"}
    assert all(f"/monitored_projects/{project}" in one["Reason"] for one in refused)
    assert world.history(MetricName=metric) == []
    world.hub.register(project, north.account)
    # Whom it did not find, an archive looks up again after a minute.
    with world.new_archive():
        assert world.ledger.put_back_rejected() == 10
        world.settle()
    totals = balance()
    assert (totals.items, totals.redriven, totals.rejected) == (10, 10, 0)


def test_a_rejected_queue_that_takes_nothing(world: World, balance: Balance) -> None:
    """What is refused comes again until it can be put aside; what is good in its batch is stored at once."""
    south, metric = world.installation.south, unused("NoRejection")
    bad = [result(south.account, "North/dev", metric, number, refused="Unregistered") for number in range(5)]
    with world.cloud.fault("sqs:SendMessage", code="AccessDenied", resource="soak-rejected", caller=ARCHIVE) as denied:
        with world.paused():
            world.send(south, [*bad, *values(south, metric, 5)])
        eventually(lambda: denied.hits >= 5, "refused rejections")
        eventually(lambda: len(world.history(MetricName=metric)) == 5, "the good ones")
    totals = balance()
    assert (totals.items, totals.refused) == (5, 5)
    assert totals.rejected >= 5


def test_the_hubs_bus_closed_while_spokes_report(world: World, balance: Balance) -> None:
    """EventBridge does not retry what a policy refuses: the events wait in the spokes, and are put again from there."""
    events, bus = world.hub.client("events"), f"{world.hub.name}-hub"
    policy = events.describe_event_bus(Name=bus)["Policy"]
    events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    try:
        for spoke in world.spokes:
            world.send(spoke, values(spoke, unused("Closed"), 15))
    finally:
        events.put_permission(EventBusName=bus, Policy=policy)
    world.settle()
    assert [spoke.depth("to-hubs-dead-letters")[0] for spoke in world.spokes] == [15, 15]
    assert world.redrive() == 30
    totals = balance()
    assert (totals.items, totals.dead_letters, totals.redriven) == (30, 30, 30)
