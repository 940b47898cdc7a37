"""PutEvents of an extraction and of a producer go wrong: what was not taken is sent again, as the same event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ds_dashboard_dev.soak.installation import SOUND
from ds_dashboard_dev.soak.ledger import Totals

from .world import World, eventually, results_of, unused, values

Balance = Callable[[], Totals]
EXTRACT = "*-extract"


def _all_answered(world: World, refresh_id: str) -> None:
    """Every metric of South has one value in the history for this refresh."""
    world.answered(refresh_id, world.installation.south)
    world.settle()
    assert Counter(item["MetricName"] for item in world.history(RefreshId=refresh_id)) == Counter(SOUND)


def _results(world: World, refresh_id: str) -> list[dict[str, Any]]:
    """The values that extractions have put on a bus for this refresh, each time they did."""
    world.watch()
    return results_of(world.seen, refresh_id)


def test_put_events_that_fails_for_some_entries(world: World, balance: Balance) -> None:
    """It answers 200. The extraction sends those again, and only those."""
    with world.cloud.fault("events:PutEvents", kind="partial", entries=2, caller=EXTRACT, count=2) as failed:
        refresh_id = world.refresh(Projects=["South"])
        _all_answered(world, refresh_id)
    assert failed.hits == 2
    assert len(_results(world, refresh_id)) == 3
    assert balance().items == 3


def test_put_events_that_is_throttled(world: World, balance: Balance) -> None:
    with world.cloud.fault("events:PutEvents", code="ThrottlingException", caller=EXTRACT, count=3) as throttled:
        _all_answered(world, world.refresh(Projects=["South"]))
    assert throttled.hits == 3
    assert balance().items == 3


def test_a_retried_put_events_whose_first_try_had_gone_through(world: World, balance: Balance) -> None:
    """Another event id, the same event: of the extraction, whose SDK tries again, and of a producer that does."""
    south, metric = world.installation.south, unused("PutTwice")
    with world.cloud.fault("events:PutEvents", kind="lost", caller=EXTRACT, count=1):
        refresh_id = world.refresh(Projects=["South"])
        _all_answered(world, refresh_id)
        eventually(lambda: len(_results(world, refresh_id)) == 6, "the values of the second try")
    with world.cloud.fault("events:PutEvents", kind="lost", account=south.account, count=2):
        world.send(south, values(south, metric, 10))
    totals = balance()
    assert totals.items == 3 + 10
    assert totals.deliveries >= 6 + 20


def test_an_extraction_out_of_time_half_way(world: World, balance: Balance) -> None:
    """Two of four events were put when Lambda ended it: the request is a dead letter, and is answered when put back."""
    south = world.installation.south
    with (
        world.timeout(south, south.function, 3),
        world.cloud.fault("events:PutEvents", kind="partial", entries=2, caller=EXTRACT, count=1),
        world.cloud.fault("events:PutEvents", kind="hang", caller=EXTRACT) as hung,
    ):
        refresh_id = world.refresh(Projects=["South"])
        eventually(lambda: hung.hits, "an extraction that waits for the bus")
        eventually(lambda: south.depth("spoke-dead-letters")[0], "a dead letter")
    world.watch()
    world.settle()
    first = world.history(RefreshId=refresh_id)
    assert len(first) == 2
    assert world.redrive() == 1
    world.answered(refresh_id, south)
    totals = balance()
    # Computed twice, two of the values are of two instants, and both are true.
    assert totals.items == 2 + 3
    assert {item["MetricName"] for item in world.history(RefreshId=refresh_id)} == set(SOUND)
