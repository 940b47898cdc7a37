"""The key of a result in the history: found in a bounded number of calls, whatever others have sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from ds_dashboard import aws, dates, event
from ds_dashboard.hub import history

from .conftest import NOW, OTHER, SPOKE, Hub, body, result

AT = datetime.fromisoformat("2026-11-24T11:00:00+00:00")
# Sequential calls of one result: an INSERT and a query for each near key, one query for the key after them, one of the
# index, and the last INSERT.
MAX_CALLS = 2 * history._NEAR_KEYS + 3


class Counting:
    """DynamoDB that counts its calls."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._client, name)


@pytest.fixture
def counting(hub: Hub) -> Counting:
    """The calls to DynamoDB of a hub's archive."""
    client = Counting(hub.dynamodb)
    aws.use("dynamodb", client)
    return client


def instants(number: int) -> Iterator[str]:
    """Yield consecutive microseconds."""
    return (dates.format_instant(AT + index * dates.MICROSECOND) for index in range(number))


def fill(hub: Hub, number: int, *others: dict[str, Any]) -> None:
    """Write items of Q/dev at consecutive microseconds from AT on, and then these items."""
    items = [{"ExtractionDate": date, "DedupKey": f"flood-{date}", "Series": "Q#dev#Jobs"} for date in instants(number)]
    items += others
    texts = iter([{name: {"S": text} for name, text in {"MetricName": "Jobs", **item}.items()} for item in items])
    while batch := list(islice(texts, 25)):
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        hub.dynamodb.batch_write_item(RequestItems={hub.settings.history_table: requests})


def of_project(hub: Hub, name: str) -> list[dict[str, Any]]:
    return [item for item in hub.history() if item.get("ProjectName") == name]


def test_a_flood_of_consecutive_microseconds_keeps_no_other_value_out(hub: Hub, counting: Counting) -> None:
    """Values of another project at a full hour, which plain producers use, were dead letters after 15 attempts."""
    fill(hub, 2000)
    counting.calls.clear()
    sent = body(result(MetricValue=7))
    assert hub.archive(sent) == []
    latest = 2
    assert counting.calls.total() <= MAX_CALLS + latest
    assert hub.archive(sent) == []
    (item,) = of_project(hub, "P")
    assert item["SentExtractionDate"] == dates.format_instant(AT)
    # It sorts at its instant, and is a date for everybody who reads dates.
    assert dates.format_instant(AT) < item["ExtractionDate"] < dates.format_instant(AT + dates.MICROSECOND)
    assert dates.parse(item["ExtractionDate"]) == AT + dates.MICROSECOND
    assert datetime.fromisoformat(item["ExtractionDate"]) == AT + dates.MICROSECOND
    assert [one["MetricValue"] for one in hub.items("latest")] == [7]


def test_a_batch_of_values_at_a_flooded_instant_needs_as_many_steps_as_one(hub: Hub, counting: Counting) -> None:
    """Each value that is sent again finds its own item."""
    fill(hub, 300)
    counting.calls.clear()
    bodies = [body(result(MetricValue=value)) for value in range(40)]
    assert hub.archive(*bodies) == []
    # What a single value needs, except that each has its own query of the index, and there are 25 INSERTs in a call.
    assert counting.calls["query"] <= history._NEAR_KEYS + 1 + len(bodies)
    assert counting.calls["batch_execute_statement"] <= history._NEAR_KEYS + 2 + 4
    assert hub.archive(*bodies, *bodies[:5]) == []
    assert sorted(item["MetricValue"] for item in of_project(hub, "P")) == list(range(40))


@pytest.mark.parametrize("moved_by", [1, 3, 4, 5, 57, 300])
def test_a_value_that_an_earlier_version_moved_is_recognized(hub: Hub, counting: Counting, moved_by: int) -> None:
    """Earlier versions used the first free microsecond, however far it was. Their tables stay as they are."""
    sent = body(result())
    received = event.receive(sent, NOW)
    fill(hub, moved_by)
    # As an earlier version wrote it; others took the microseconds after it.
    after = AT + moved_by * dates.MICROSECOND
    own = {"ExtractionDate": dates.format_instant(after), "DedupKey": received.dedup_key, "Series": "P#dev#Jobs"}
    fill(hub, 0, own, {"ExtractionDate": dates.format_instant(after + dates.MICROSECOND), "DedupKey": "another"})
    before = hub.history()
    counting.calls.clear()
    assert hub.archive(sent, sent) == []
    assert counting.calls["query"] <= history._NEAR_KEYS + 2
    assert hub.history() == before


def test_values_of_one_batch_find_what_an_earlier_version_moved(hub: Hub) -> None:
    """Also if another value of the batch has found out before that the near keys are taken."""
    bodies = [body(result(MetricValue=value)) for value in range(12)]
    keys = [event.receive(one, NOW).dedup_key for one in bodies]
    moved = [
        {"ExtractionDate": date, "DedupKey": key, "Series": "P#dev#Jobs"}
        for date, key in zip(instants(20), ["x"] * 8 + keys, strict=True)
    ]
    fill(hub, 0, *moved)
    before = hub.history()
    assert hub.archive(*bodies) == []
    assert hub.history() == before


def test_values_of_two_spokes_at_one_instant_stay_near_it(hub: Hub) -> None:
    """The usual case has the usual form: microseconds."""
    assert hub.archive(body(result()), body(result(ProjectName="Q"), account=OTHER)) == []
    assert [item["ExtractionDate"] for item in hub.history()] == list(instants(2))


def test_values_at_the_first_instant_of_the_calendar_have_keys(hub: Hub) -> None:
    """There is no microsecond before it."""
    bodies = [body(result(ExtractionDate="0001-01-01T00:00:00Z", MetricValue=value)) for value in range(8)]
    assert hub.archive(*bodies) == []
    assert hub.archive(*bodies) == []
    assert len(hub.history()) == 8


def test_a_value_at_a_taken_instant_is_in_the_period_of_its_instant(hub: Hub) -> None:
    """Commands select periods by the key."""
    fill(hub, 50)
    hub.archive(body(result()), body(result(MetricName="Other")))
    (item,) = of_project(hub, "P")[:1]
    low, high = (dates.format_instant(AT + timedelta(seconds=offset)) for offset in (0, 1))
    assert low <= item["ExtractionDate"] < high
    assert item["AccountId"] == SPOKE
