"""Refreshes: a hundred at once, for a project that does not exist, and a forged answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from ds_dashboard_dev.testing.events import RUN, Event, run
from ds_dashboard_dev.testing.ledger import Totals
from ds_dashboard_dev.testing.misconfigure import function_with_concurrency
from ds_dashboard_dev.testing.pair import Pair
from ds_dashboard_dev.testing.traffic import Traffic
from ds_dashboard_dev.testing.waiting import eventually

Balance = Callable[[], Totals]
REFRESHES = 100


@pytest.fixture
def few_at_once(pair: Pair) -> Iterator[None]:
    """Each extraction may run five times at once, as an account's limit would have it."""
    with ExitStack() as stack:
        for spoke in pair.spokes:
            stack.enter_context(function_with_concurrency(spoke, "extract", 5))
        yield


@pytest.mark.usefixtures("few_at_once")
def test_a_hundred_refreshes_in_one_second_are_each_answered_once(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """An extraction that exceeds the concurrency limit is retried."""
    entry = {"DetailType": "metric_extractor", "Source": "metric_extractor"}
    ids = [f"hundred-{number}" for number in range(REFRESHES)]
    details = [json.dumps({"RefreshId": one, "Projects": ["South"], "Metrics": ["Tenth", "Digits"]}) for one in ids]
    batches = [details[start : start + 10] for start in range(0, REFRESHES, 10)]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda batch: pair.hub.put_entries([{**entry, "Detail": detail} for detail in batch]), batches))

    def answered() -> set[str]:
        traffic.record()
        runs = [json.loads(event.detail)["RefreshId"] for event in traffic.recorded if event.kind == RUN]
        return set(ids) & set(runs)

    eventually(lambda: len(answered()) == REFRESHES, "a run for each refresh")
    totals = balance()
    assert totals.items == 2 * REFRESHES
    answers = Counter((item.get("RefreshId"), item["MetricName"]) for item in pair.hub.history(ProjectName="South"))
    assert {answers[(one, metric)] for one in ids for metric in ("Tenth", "Digits")} == {1}
    assert traffic.redrive() == 0


def test_no_spoke_responds_to_a_refresh_for_a_project_that_does_not_exist(
    pair: Pair, traffic: Traffic, balance: Balance
) -> None:
    """Every spoke receives it, and none answers: no value, no failure, no dead letter."""
    refresh_id = pair.hub.refresh(Projects=["Atlantis"])
    for spoke in pair.spokes:
        spoke.wait_for_log(event="not_asked", RefreshId=refresh_id)
    totals = balance()
    assert (totals.sent, totals.items, totals.refused) == (0, 0, 0)
    assert traffic.redrive() == 0


def test_a_run_event_forged_for_another_project_is_rejected(pair: Pair, traffic: Traffic, balance: Balance) -> None:
    """The spokes table does not change."""
    north, forged = pair.north, run("South/dev", "forged")
    before = [item for item in pair.hub.items("spokes") if item["Project"] == "South#dev"]
    traffic.send(north, [Event(north.account, json.dumps(forged), RUN, refused="Unregistered")])
    totals = balance()
    assert (totals.refused, totals.rejected, totals.items) == (1, 1, 0)
    assert [item for item in pair.hub.items("spokes") if item["Project"] == "South#dev"] == before
