"""The archive, and what it depends on, fail: what was not written is retried, and a dead letter can be redriven."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ds_dashboard_dev.soak.chaos import ARCHIVE, BATCH
from ds_dashboard_dev.testing.events import result_event, unused
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.misconfigure import bus_without_policy, function_with, new_archive, paused_archive
from ds_dashboard_dev.testing.pair import NAME, PROJECTS, Pair
from ds_dashboard_dev.testing.traffic import Traffic
from ds_dashboard_dev.testing.waiting import eventually

Balance = Callable[[], Totals]


def test_the_archive_killed_after_half_a_batch(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """A part of the batch is in the table when the process dies, and nobody is told which."""
    north, metric = pair.north, unused("Killed")
    with (
        pair.cloud.fault(BATCH, kind="kill", caller=ARCHIVE, skip=1, count=1) as killed,
        # All others wait, so that it is one statement's batch and not the whole.
        pair.cloud.fault(BATCH, kind="hang", caller=ARCHIVE),
    ):
        with paused_archive(pair.hub):
            traffic.send_values(north, metric, 80)
        eventually(lambda: killed.hits, "a killed archive")
    assert 0 < len(pair.hub.history(MetricName=metric)) < 80
    totals = balance()
    assert totals.items == 80
    assert totals.deliveries > 80


def test_the_archive_out_of_time_in_the_middle(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Lambda ends it while it waits for the table."""
    south, metric = pair.south, unused("OutOfTime")
    with (
        function_with(pair.hub, "archive", Timeout=4),
        pair.cloud.fault(BATCH, kind="delay", delay=6, caller=ARCHIVE, skip=1, count=2) as late,
    ):
        with paused_archive(pair.hub):
            traffic.send_values(south, metric, 60)
        eventually(lambda: late.hits == 2, "an archive that waits")
        eventually(lambda: len(pair.hub.history(MetricName=metric)) == 60, "what the next tries store, late calls too")
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
def test_tables_that_throttle_for_a_while(
    pair: Pair, traffic: Traffic, balance: Balance, name: str, fault: dict[str, str]
) -> None:
    """The archive tries again within its own time: whole requests, and statements in requests that succeed."""
    north = pair.north
    with pair.cloud.fault(caller=ARCHIVE, **fault) as throttled:
        traffic.send_values(north, unused(f"Throttled-{name}"), 60)
        eventually(lambda: throttled.hits == 6, "six throttled calls")
    totals = balance()
    assert (totals.items, totals.dead_letters) == (60, 0)


def test_tables_that_refuse_for_longer_than_a_message_is_tried(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Every message ends as a dead letter of the queue, and none is missing once these are put back."""
    south, metric = pair.south, unused("Refused")
    pair.hub.shorten_retries(1, max_receives=3)
    with pair.cloud.fault("dynamodb:*", code="AccessDeniedException", caller=ARCHIVE):
        traffic.send_values(south, metric, 40)
        pair.hub.settle()
        assert pair.hub.history(MetricName=metric) == []
        assert pair.hub.depth("events-dead-letters") == (40, 0)
    assert traffic.redrive() == 40
    totals = balance()
    assert (totals.items, totals.dead_letters, totals.redriven) == (40, 40, 40)


def test_answers_of_the_tables_that_are_lost(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """What the archive was told had failed is in the table: it finds it there."""
    north = pair.north
    with pair.cloud.fault("dynamodb:*", kind="lost", caller=ARCHIVE, count=3) as lost:
        traffic.send_values(north, unused("LostAnswers"), 60)
        eventually(lambda: lost.hits == 3, "three lost answers")
    assert balance().items == 60


def test_parameter_store_out_of_reach_for_the_archive(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """An outage refuses nothing. The archive remembers whom it knows, so it is a new one that has to ask."""
    north = pair.north
    metric = unused("NoRegistry")
    with new_archive(pair.hub), pair.cloud.fault("ssm:GetParameters", kind="reset", caller=ARCHIVE) as away:
        traffic.send_values(north, metric, 20)
        eventually(lambda: away.hits >= 4, "tries of the archive")
        assert pair.hub.history(MetricName=metric) == []
    totals = balance()
    assert (totals.items, totals.rejected) == (20, 0)


def test_a_registration_removed_and_restored(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Meanwhile its events are refused with the reason, and they are welcome when they are put back."""
    north, project, metric = pair.north, PROJECTS[7], unused("Unregistered")
    events = [result_event(north.account, project, metric, number) for number in range(10)]
    # A slow archive would otherwise get the same event again, and reject it twice.
    pair.hub.shorten_retries(60)
    pair.hub.unregister(project)
    with new_archive(pair.hub):
        traffic.send(north, events)
        pair.hub.settle()
    traffic.ledger.collect()
    refused = [one.attributes for one in traffic.ledger.rejected if metric in one.body]
    assert {one["Code"] for one in refused} == {"Unregistered"}
    assert all(f"/monitored_projects/{project}" in one["Reason"] for one in refused)
    assert pair.hub.history(MetricName=metric) == []
    pair.hub.register(project, north.account)
    # Whom it did not find, an archive looks up again after a minute.
    with new_archive(pair.hub):
        assert traffic.ledger.redrive_rejected() == 10
        pair.hub.settle()
    totals = balance()
    assert (totals.items, totals.redriven, totals.rejected) == (10, 10, 0)


def test_a_rejected_queue_that_takes_nothing(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """What is refused comes again until it can be put aside; what is good in its batch is stored at once."""
    south, metric = pair.south, unused("NoRejection")
    bad = [result_event(south.account, "North/dev", metric, number, refused="Unregistered") for number in range(5)]
    good = [result_event(south.account, south.project, metric, number) for number in range(5)]
    with pair.cloud.fault(
        "sqs:SendMessage", code="AccessDenied", resource=f"{NAME}-rejected", caller=ARCHIVE
    ) as denied:
        with paused_archive(pair.hub):
            traffic.send(south, [*bad, *good])
        eventually(lambda: denied.hits >= 5, "refused rejections")
        eventually(lambda: len(pair.hub.history(MetricName=metric)) == 5, "the good ones")
    totals = balance()
    assert (totals.items, totals.refused) == (5, 5)
    assert totals.rejected >= 5


def test_the_hubs_bus_closed_while_spokes_report(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """EventBridge does not retry what a policy refuses: the events wait in the spokes, and are put again from there."""
    with bus_without_policy(pair.hub):
        for spoke in pair.spokes:
            traffic.send_values(spoke, unused("Closed"), 15)
    pair.hub.settle()
    assert [spoke.depth("to-hubs-dead-letters")[0] for spoke in pair.spokes] == [15, 15]
    assert traffic.redrive() == 30
    totals = balance()
    assert (totals.items, totals.dead_letters, totals.redriven) == (30, 30, 30)
