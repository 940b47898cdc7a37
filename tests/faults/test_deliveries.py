"""Events that are delivered more than once, at the same time, or out of order: each distinct event is one item."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from ds_dashboard_dev.testing.events import instant, result_event, unused
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.misconfigure import paused_archive
from ds_dashboard_dev.testing.pair import NAME, PROJECTS, Pair
from ds_dashboard_dev.testing.traffic import Traffic

Balance = Callable[[], Totals]


def test_a_redelivered_event_is_one_item(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """SQS delivers at least once: archived events come again, up to five times, among other events."""
    north = pair.north
    with pair.cloud.fault(kind="redeliver", resource=f"{NAME}-events", times=5) as fault:
        traffic.send_values(north, unused("Again"), 60)
        pair.hub.settle()
    totals = balance()
    assert fault.hits == 60
    assert totals.items == totals.accepted == 60
    assert 120 <= totals.deliveries <= 60 * 6


def test_an_event_that_a_rule_delivers_three_times_is_one_item(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """EventBridge delivers at least once, too."""
    south = pair.south
    with pair.cloud.fault(kind="duplicate", resource=f"{NAME}-archive", times=3):
        traffic.send_values(south, unused("Twice"), 20)
    totals = balance()
    assert (totals.items, totals.deliveries) == (20, 60)


def test_two_spokes_can_report_a_metric_in_the_same_microsecond(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Metric and date are the table's key. Both events are items, each of its own project."""
    at, metric = instant(), unused("SameInstant")
    for spoke in pair.spokes:
        traffic.send(spoke, [result_event(spoke.account, spoke.project, metric, 7, at=at)])
    assert balance().items == 2
    kept = pair.hub.history(MetricName=metric)
    assert {item["ProjectName"] for item in kept} == {"North", "South"}
    assert {item["SentExtractionDate"] for item in kept} == {at}


def test_fifty_projects_can_report_a_metric_in_the_same_microsecond(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """Each is written at the next free microsecond, and found there when it is delivered again."""
    north, at, metric = pair.north, instant(), unused("SameInstant")
    events = [result_event(north.account, project, metric, number, at=at) for number, project in enumerate(PROJECTS)]
    traffic.send(north, events)
    pair.hub.settle()
    traffic.enqueue(*random.Random(1).sample(events, 50))
    totals = balance()
    assert (totals.items, totals.sent) == (50, 100)
    assert len({item["ExtractionDate"] for item in pair.hub.history(MetricName=metric)}) == 50


def test_concurrent_archives_write_each_event_once(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Ten keys, twenty events for each, every event twice: five full batches that compete for the same keys."""
    north, at, metric = pair.north, instant(), unused("Contended")
    events = [
        result_event(north.account, project, f"{metric}-{key}", number, at=at)
        for key in range(10)
        for number, project in enumerate(PROJECTS[:20])
    ]
    shuffled = random.Random(2).sample([*events, *events], 2 * len(events))
    with paused_archive(pair.hub):
        traffic.send(north, shuffled)
    totals = balance()
    assert (totals.sent, totals.items) == (400, 200)


def test_the_latest_value_is_the_newest_whichever_arrives_last(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """Thirty values of one series, the newest in the middle: batches are small, so the table is written often."""
    south, metric = pair.south, unused("OutOfOrder")
    ages = [timedelta(minutes=minute) for minute in range(30)]
    events = [
        result_event(south.account, south.project, metric, int(age.total_seconds()), at=instant(age))
        for age in random.Random(3).sample(ages, 30)
    ]
    for event in events:
        traffic.send(south, [event])
    assert balance().items == 30
    (shown,) = [item for item in pair.hub.items("latest") if item["MetricName"] == metric]
    assert shown["MetricValue"] == 0


def test_a_late_event_is_archived_and_one_dated_ahead_is_rejected(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """A value dated ahead would stay the latest of its series; the rejection has the reason."""
    south, metric = pair.south, unused("Clock")
    hour = timedelta(hours=1)
    traffic.send(
        south,
        [
            result_event(south.account, south.project, metric, 1, at=instant(hour)),
            result_event(south.account, south.project, metric, 2, at=instant(-hour), refused="DateAhead"),
        ],
    )
    totals = balance()
    assert (totals.items, totals.refused, totals.rejected) == (1, 1, 1)
    (reason,) = [one.attributes["Reason"] for one in traffic.ledger.rejected if metric in one.body]
    assert "60 minutes ahead of its arrival; 15 are allowed" in reason or "59 minutes ahead" in reason
