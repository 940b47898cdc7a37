"""Refreshes by the hundred, for nobody, and under another name: what is answered, and by whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from ds_dashboard_dev.soak.events import RUN, Event, instant
from ds_dashboard_dev.soak.ledger import Totals

from .world import World, eventually

Balance = Callable[[], Totals]
REFRESHES = 100


@pytest.fixture
def few_at_once(world: World) -> Iterator[None]:
    """Each extraction may run five times at once, as an account's limit would have it."""
    for spoke in world.spokes:
        spoke.client("lambda").put_function_concurrency(FunctionName=spoke.function, ReservedConcurrentExecutions=5)
    yield
    for spoke in world.spokes:
        spoke.client("lambda").delete_function_concurrency(FunctionName=spoke.function)


@pytest.mark.usefixtures("few_at_once")
def test_a_hundred_refreshes_in_one_second(world: World, balance: Balance) -> None:
    """Each is answered once, in full; those that were too many at once wait for their turn."""
    entry = {"DetailType": "metric_extractor", "Source": "metric_extractor"}
    ids = [f"hundred-{number}" for number in range(REFRESHES)]
    details = [json.dumps({"RefreshId": one, "Projects": ["South"], "Metrics": ["Tenth", "Digits"]}) for one in ids]
    batches = [details[start : start + 10] for start in range(0, REFRESHES, 10)]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda batch: world.hub.put([{**entry, "Detail": detail} for detail in batch]), batches))

    def ran() -> set[str]:
        world.watch()
        runs = [json.loads(event.detail)["RefreshId"] for event in world.seen if event.kind == RUN]
        return set(ids) & set(runs)

    eventually(lambda: len(ran()) == REFRESHES, "a run for each refresh")
    totals = balance()
    assert totals.items == 2 * REFRESHES
    answers = Counter((item.get("RefreshId"), item["MetricName"]) for item in world.history(ProjectName="South"))
    assert {answers[(one, metric)] for one in ids for metric in ("Tenth", "Digits")} == {1}
    assert world.redrive() == 0


def test_a_refresh_for_a_project_that_does_not_exist(world: World, balance: Balance) -> None:
    """Every spoke hears it, and none answers: no value, no failure, no dead letter."""
    refresh_id = world.refresh(Projects=["Atlantis"])
    for spoke in world.spokes:
        eventually(partial(spoke.log, "not_asked", refresh_id), f"{spoke.project} has heard it")
    totals = balance()
    assert (totals.sent, totals.items, totals.refused) == (0, 0, 0)
    assert world.redrive() == 0


def test_a_run_event_forged_for_another_project(world: World, balance: Balance) -> None:
    """Who answered a refresh is as safe as a value: it is refused, and the spokes table knows nothing of it."""
    north, at = world.installation.north, instant()
    forged = {
        "ProjectName": "South",
        "Environment": "dev",
        "StartedAt": at,
        "FinishedAt": at,
        "Emitted": 0,
        "Failed": 0,
        "Metrics": [],
        "RefreshId": "forged",
    }
    before = [item for item in world.hub.items("spokes") if item["Project"] == "South#dev"]
    world.send(north, [Event(north.account, json.dumps(forged), RUN, refused="Unregistered")])
    totals = balance()
    assert (totals.refused, totals.rejected, totals.items) == (1, 1, 0)
    assert [item for item in world.hub.items("spokes") if item["Project"] == "South#dev"] == before
