"""Every event that a spoke emits becomes one item of the history: none is lost, and none is written twice."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from tests.worlds.company.world import ALPHA, SPOKES, Company

from ds_dashboard_dev.testing.events import instant, result, unused
from ds_dashboard_dev.testing.installation import Hub, Item, Message, Spoke
from ds_dashboard_dev.testing.misconfigure import bus_without_policy
from ds_dashboard_dev.testing.waiting import eventually

# The archive checks the registration of a denied project again after 60 seconds.
RECHECK_SECONDS = 75


def _wait_for_runs(spokes: Sequence[Spoke], refresh_id: str, runs: int) -> None:
    for spoke in spokes:
        spoke.wait_for_log(runs, event="metric_extractor_run", RefreshId=refresh_id)


def test_simultaneous_refreshes_write_each_event_once(central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke) -> None:
    """The ids of the events that left the spokes are the ids in the table, one for one."""
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
        # `values` fails if a spoke has a metric twice.
        assert central.values(refresh_id).keys() == set(SPOKES)


def test_a_refresh_delivered_twice_adds_nothing(central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke) -> None:
    """EventBridge delivers at least once. The second delivery emits the same events, which the archive recognizes.

    docs/decisions describes a second delivery that starts while the first one still runs.
    """
    refresh_id = str(uuid.uuid4())
    central.put({"RefreshId": refresh_id})
    central.wait_for(refresh_id, *SPOKES)
    before = central.history(RefreshId=refresh_id)
    central.put({"RefreshId": refresh_id})
    _wait_for_runs((alpha, bravo, charlie), refresh_id, 2)
    central.settle()
    assert central.history(RefreshId=refresh_id) == before
    assert central.values(refresh_id).keys() == set(SPOKES)


def test_a_result_put_twice_is_one_item(central: Hub, alpha: Spoke) -> None:
    """A producer that got no answer puts the same event again, and EventBridge assigns a new id."""
    detail = result("Beta/dev", unused("PutAgain"), 7)
    first, second = alpha.put(detail), alpha.put(detail)
    assert first != second
    eventually(lambda: central.deliveries()[second], "the second one in the archive's log")
    central.settle()
    (item,) = central.history(MetricName=detail["MetricName"])
    assert item["EventId"] in (first, second)


def test_results_of_one_instant_are_separate_items(central: Hub, alpha: Spoke) -> None:
    """The table's key is metric and instant. Two projects may share both, and neither overwrites the other."""
    date, metric = instant(), unused("SameInstant")
    alpha.put(result("Beta/dev", metric, 1, ExtractionDate=date))
    alpha.put(result("Alpha/prod", metric, 2, ExtractionDate=date))
    alpha.put(result("Alpha/prod", metric, 3, ExtractionDate=date))
    eventually(lambda: len(central.history(MetricName=metric)) == 3, "three items")
    items = central.history(MetricName=metric)
    assert sorted(item["MetricValue"] for item in items) == [1, 2, 3]
    assert {item["SentExtractionDate"] for item in items} == {date}
    assert len({item["ExtractionDate"] for item in items}) == 3


def test_events_of_an_outage_are_dead_letters_and_arrive_once_when_put_again(central: Hub, alpha: Spoke) -> None:
    """Values, failures and the run event: none is lost, and those that are put twice are written once."""
    with bus_without_policy(central):
        refresh_id = central.refresh(Projects=["Alpha"])
        alpha.wait_for_log(event="metric_extractor_run", RefreshId=refresh_id)
        (run,) = alpha.log(event="metric_extractor_run", RefreshId=refresh_id)
        messages = alpha.wait_for_messages("to-hubs-dead-letters", run["Emitted"] + run["Failed"] + 1)
        assert {message.attributes["ERROR_CODE"] for message in messages} == {"NO_PERMISSIONS"}
        events = [json.loads(message.body) for message in messages]
        assert {event["detail"]["RefreshId"] for event in events} == {refresh_id}
        assert len({event["id"] for event in events}) == len(events) == 13
        central.settle()
        assert central.history(RefreshId=refresh_id) == []
    alpha.put_again([*events, *events[:3]])
    central.wait_for(refresh_id, "Alpha/dev")
    central.settle()
    assert len(central.values(refresh_id)["Alpha/dev"]) == run["Emitted"] == 9
    assert central.failures(refresh_id)["Alpha/dev"].keys() == {"Broken", "NotANumber", "Undeclared"}


@pytest.fixture
def rejected_message(company: Company, central: Hub) -> Message:
    """The rejected message of an event that Alpha's account sent for Late/dev, which is not registered."""
    return central.wait_for_rejected(company.unregistered_event_id)


@pytest.fixture
def registered(central: Hub) -> Iterator[None]:
    """Register Late/dev."""
    central.register("Late/dev", ALPHA)
    yield
    central.unregister("Late/dev")


def test_a_rejected_event_is_archived_once_its_project_is_registered(
    rejected_message: Message, registered: None, company: Company, central: Hub
) -> None:
    """The operator sends the message to the archive's queue as it is; registering takes no apply."""
    assert rejected_message.attributes["Code"] == "Unregistered"
    assert "there is no parameter /monitored_projects/Late/dev" in rejected_message.attributes["Reason"]

    def send_again() -> list[Item]:
        central.enqueue([rejected_message.body])
        central.settle()
        return central.history(EventId=company.unregistered_event_id)

    (item,) = eventually(send_again, "the item of the event sent again", seconds=RECHECK_SECONDS)
    assert (item["ProjectName"], item["MetricName"], item["MetricValue"]) == ("Late", "Arrivals", 1)
