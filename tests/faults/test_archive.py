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


def test_a_batch_is_completed_after_the_archive_was_killed(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Part of the batch is in the table when the process dies, and no record says which part."""
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


def test_a_batch_is_completed_after_the_archive_timed_out(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Lambda ends the function while it waits for a table."""
    south, metric = pair.south, unused("OutOfTime")
    with (
        function_with(pair.hub, "archive", Timeout=4),
        pair.cloud.fault(BATCH, kind="delay", delay=6, caller=ARCHIVE, skip=1, count=2) as late,
    ):
        with paused_archive(pair.hub):
            traffic.send_values(south, metric, 60)
        eventually(lambda: late.hits == 2, "an archive that waits")
        eventually(
            lambda: len(pair.hub.history(MetricName=metric)) == 60, "the values of the retries and of the delayed calls"
        )
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
def test_the_archive_retries_while_tables_throttle(
    pair: Pair, traffic: Traffic, balance: Balance, name: str, fault: dict[str, str]
) -> None:
    """Within its own timeout: whole requests, and single statements of requests that succeed."""
    north = pair.north
    with pair.cloud.fault(caller=ARCHIVE, **fault) as throttled:
        traffic.send_values(north, unused(f"Throttled-{name}"), 60)
        eventually(lambda: throttled.hits == 6, "six throttled calls")
    totals = balance()
    assert (totals.items, totals.dead_letters) == (60, 0)


def test_the_archive_returns_in_time_while_tables_throttle(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Each event is rejected once: a function that Lambda ends would be given the whole batch again."""
    south, metric = pair.south, unused("ThrottledForLong")
    bad = [result_event(south.account, "North/dev", metric, number, refused="Unregistered") for number in range(5)]
    good = [result_event(south.account, south.project, metric, number) for number in range(5)]
    pair.hub.shorten_retries(15)
    with function_with(pair.hub, "archive", Timeout=8):
        with pair.cloud.fault("dynamodb:*", code="ThrottlingException", caller=ARCHIVE) as throttled:
            with paused_archive(pair.hub):
                traffic.send(south, [*bad, *good])
            eventually(lambda: sum(pair.hub.depth("rejected")) == 5, "the rejected events")
        assert throttled.hits > 1
        totals = balance()
    assert (totals.items, totals.rejected, totals.dead_letters) == (5, 5, 0)


def test_messages_become_dead_letters_while_tables_deny_access(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """After the maximum number of receives. None is missing once they are redriven."""
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


def test_a_write_whose_answer_was_lost_is_not_repeated(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """The call seems to have failed, but the retry finds the item in the table."""
    north = pair.north
    with pair.cloud.fault("dynamodb:*", kind="lost", caller=ARCHIVE, count=3) as lost:
        traffic.send_values(north, unused("LostAnswers"), 60)
        eventually(lambda: lost.hits == 3, "three lost answers")
    assert balance().items == 60


def test_nothing_is_rejected_while_parameter_store_is_unreachable(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """A new archive has no registrations cached, so it has to look them up."""
    north = pair.north
    metric = unused("NoRegistry")
    with new_archive(pair.hub), pair.cloud.fault("ssm:GetParameters", kind="reset", caller=ARCHIVE) as away:
        traffic.send_values(north, metric, 20)
        eventually(lambda: away.hits >= 4, "lookups of the archive")
        assert pair.hub.history(MetricName=metric) == []
    totals = balance()
    assert (totals.items, totals.rejected) == (20, 0)


def test_events_without_a_registration_are_rejected_and_can_be_redriven(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """They are rejected with the reason, and archived after the registration is restored."""
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
    # An archive looks up a missing registration again only after a minute.
    with new_archive(pair.hub):
        assert traffic.ledger.redrive_rejected() == 10
        pair.hub.settle()
    totals = balance()
    assert (totals.items, totals.redriven, totals.rejected) == (10, 10, 0)


def test_valid_events_are_archived_while_the_rejected_queue_denies_access(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """A rejected event is retried until the queue accepts it; valid events of its batch do not wait."""
    south, metric = pair.south, unused("NoRejection")
    bad = [result_event(south.account, "North/dev", metric, number, refused="Unregistered") for number in range(5)]
    good = [result_event(south.account, south.project, metric, number) for number in range(5)]
    with pair.cloud.fault(
        "sqs:SendMessage", code="AccessDenied", resource=f"{NAME}-rejected", caller=ARCHIVE
    ) as denied:
        with paused_archive(pair.hub):
            traffic.send(south, [*bad, *good])
        eventually(lambda: denied.hits >= 5, "denied calls")
        eventually(lambda: len(pair.hub.history(MetricName=metric)) == 5, "the valid events")
    totals = balance()
    assert (totals.items, totals.refused) == (5, 5)
    assert totals.rejected >= 5


def test_events_wait_in_the_spokes_while_the_hubs_bus_denies_access(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """EventBridge does not retry what a policy denies. The events become dead letters there, and can be redriven."""
    with bus_without_policy(pair.hub):
        for spoke in pair.spokes:
            traffic.send_values(spoke, unused("Closed"), 15)
    pair.hub.settle()
    assert [spoke.depth("to-hubs-dead-letters")[0] for spoke in pair.spokes] == [15, 15]
    assert traffic.redrive() == 30
    totals = balance()
    assert (totals.items, totals.dead_letters, totals.redriven) == (30, 30, 30)
