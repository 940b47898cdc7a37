"""Every event that a spoke emits is one item of the history: none is lost, none is there twice."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .company import SPOKES
from .hub import Hub
from .polling import eventually
from .spoke import Spoke, now, result, unused


def _put_refreshes(central: Hub, *ids: str, **narrowing: Any) -> None:
    """Put refresh events on the hub's bus as an operator may, in one call."""
    entry = {"Source": "metric_extractor", "DetailType": "metric_extractor", "EventBusName": central.bus_arn}
    answer = central.client("events").put_events(
        Entries=[{**entry, "Detail": json.dumps({"RefreshId": one, **narrowing})} for one in ids]
    )
    assert answer["FailedEntryCount"] == 0


def _wait_for_runs(spokes: Sequence[Spoke], refresh_id: str, runs: int) -> None:
    for spoke in spokes:
        spoke.wait_for_log(runs, event="metric_extractor_run", RefreshId=refresh_id)


def test_of_many_refreshes_at_once_every_event_is_one_item(
    central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke
) -> None:
    """Impatient operators: the events that left the spokes are the items in the table, one for one, by their ids."""
    ids = [central.refresh() for _ in range(3)]
    spokes = (alpha, bravo, charlie)
    for refresh_id in ids:
        _wait_for_runs(spokes, refresh_id, 1)
    central.settle()
    sent = [
        line["EventId"] for spoke in spokes for line in spoke.log(event="metric_extractor") if line["RefreshId"] in ids
    ]
    arrived = [item["EventId"] for refresh_id in ids for item in central.history(RefreshId=refresh_id)]
    assert Counter(sent) == Counter(arrived)
    assert len(sent) == len(ids) * sum(central.spokes()[spoke]["Emitted"] for spoke in SPOKES)
    for refresh_id in ids:
        # Fails where a metric of a spoke is there twice.
        assert central.values(refresh_id).keys() == set(SPOKES)


def test_a_refresh_delivered_again_adds_nothing(central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke) -> None:
    """EventBridge delivers at least once: the second delivery emits the same events, and they are known.

    Of a second delivery while the first one still runs, docs/decisions says what becomes.
    """
    refresh_id = str(uuid.uuid4())
    _put_refreshes(central, refresh_id)
    central.wait_for(refresh_id, *SPOKES)
    before = central.history(RefreshId=refresh_id)
    _put_refreshes(central, refresh_id)
    _wait_for_runs((alpha, bravo, charlie), refresh_id, 2)
    central.settle()
    assert central.history(RefreshId=refresh_id) == before
    assert central.values(refresh_id).keys() == set(SPOKES)


def test_a_result_put_again_is_one_item(central: Hub, alpha: Spoke) -> None:
    """A producer that got no answer puts the same event again, and EventBridge gives it a new id."""
    detail = result("Beta", "dev", unused("PutAgain"), 7)
    first, second = alpha.put(detail), alpha.put(detail)
    assert first != second
    eventually(lambda: central.passes()[second], "the second one in the archive's log")
    central.settle()
    (item,) = central.history(MetricName=detail["MetricName"])
    assert item["EventId"] in (first, second)


def test_results_of_one_instant_are_all_kept(central: Hub, alpha: Spoke) -> None:
    """Metric and instant are the table's key, and two projects may share both; neither overwrites the other."""
    instant, metric = now(), unused("SameInstant")
    alpha.put(result("Beta", "dev", metric, 1, ExtractionDate=instant))
    alpha.put(result("Alpha", "prod", metric, 2, ExtractionDate=instant))
    alpha.put(result("Alpha", "prod", metric, 3, ExtractionDate=instant))
    eventually(lambda: len(central.history(MetricName=metric)) == 3, "three items")
    items = central.history(MetricName=metric)
    assert sorted(item["MetricValue"] for item in items) == [1, 2, 3]
    assert {item["SentExtractionDate"] for item in items} == {instant}
    assert len({item["ExtractionDate"] for item in items}) == 3
