"""Every distinct result is one item with its exact value, however often and in whatever order it arrives."""

from __future__ import annotations

import itertools
import random
import threading
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from ds_dashboard.deadline import Deadline
from ds_dashboard.hub.archive import Message, archive

from .conftest import NOW, OTHER, SPOKE, Hub, body, result

AT = "2026-11-24T11:00:00.000000Z"


def test_a_result_is_an_item_with_its_exact_value_and_its_sender(hub: Hub) -> None:
    """The names of the attributes are public."""
    text = body(result(Unit="Count", RefreshId="r-1")).replace(
        '"MetricValue": 1', '"MetricValue": 0.10000000000000000001'
    )
    assert hub.archive(text) == []
    (item,) = hub.history()
    assert item["MetricValue"] == Decimal("0.10000000000000000001")
    assert item["Series"] == "P#dev#Jobs"
    assert (item["AccountId"], item["Region"]) == (SPOKE, "eu-west-1")
    assert item["ExtractionDate"] == item["SentExtractionDate"] == AT
    assert (item["Unit"], item["RefreshId"]) == ("Count", "r-1")
    assert len(item["DedupKey"]) == 64
    assert item["EventId"].startswith("event-")
    (latest,) = hub.items("latest")
    assert (latest["Project"], latest["MetricName"], latest["MetricValue"]) == ("P#dev", "Jobs", item["MetricValue"])


def test_optional_attributes_are_stored(hub: Hub) -> None:
    """Metadata and breakdowns have any shape, and texts any script."""
    detail = result(
        MetricName="µ “quoted” \\ 'x'",
        MetricValue="späť 🚀",
        Metadata={"a": [1, {"b": None, "c": True}], "select": "", "Größe": {}},
        Breakdown=[{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}],
    )
    assert hub.archive(body(detail)) == []
    (item,) = hub.history()
    for key in ("MetricName", "MetricValue", "Metadata", "Breakdown"):
        assert item[key] == detail[key]


def test_a_redelivered_event_changes_nothing(hub: Hub) -> None:
    """It may be in the same batch or in another one, with another event ID."""
    detail = result()
    assert hub.archive(body(detail), body(detail)) == []
    before = hub.history()
    assert hub.archive(body(detail)) == []
    assert hub.history() == before
    assert len(before) == 1


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_fifty_projects_at_one_microsecond_are_fifty_items(hub: Hub, in_one_batch: bool) -> None:
    """Different events with equal keys never overwrite each other, and each keeps the date as sent."""
    for number in range(50):
        hub.register(f"P{number}/dev", SPOKE)
    bodies = [body(result(ProjectName=f"P{number}", MetricValue=number)) for number in range(50)]
    for batch in [bodies] if in_one_batch else [[one] for one in bodies]:
        assert hub.archive(*batch) == []
    assert hub.archive(*random.Random(1).sample(bodies, 50)) == []
    items = hub.history()
    assert sorted(item["MetricValue"] for item in items) == list(range(50))
    assert {item["SentExtractionDate"] for item in items} == {AT}
    assert len(hub.items("latest")) == 50


def test_a_key_that_another_event_has_is_skipped(hub: Hub) -> None:
    """The next microsecond may be the key of another event."""
    after = "2026-11-24T11:00:00.000001Z"
    assert hub.archive(body(result(ExtractionDate=after)), body(result()), body(result(MetricValue=2))) == []
    assert [item["ExtractionDate"][-4:-1] for item in hub.history()] == ["000", "001", "002"]
    assert hub.archive(body(result(MetricValue=2))) == []
    assert len(hub.history()) == 3


def test_an_item_of_the_aws_samples_table_keeps_its_key(hub: Hub) -> None:
    """Items that were copied from there have no DedupKey."""
    hub.dynamodb.put_item(
        TableName=f"{hub.name}-metrics",
        Item={"MetricName": {"S": "Jobs"}, "ExtractionDate": {"S": AT}, "MetricValue": {"N": "7"}},
    )
    assert hub.archive(body(result())) == []
    assert [item["MetricValue"] for item in hub.history()] == [7, 1]


def test_five_archives_at_once_write_each_event_once(hub: Hub) -> None:
    """Several archives run in parallel, and each of them may receive the same event."""
    bodies = [
        body(result(MetricValue=value, ExtractionDate=f"2026-11-24T11:00:00.00000{value % 3}Z")) for value in range(30)
    ]
    failed: list[list[str]] = []

    def run(seed: int) -> None:
        batch = [Message(str(index), one) for index, one in enumerate(random.Random(seed).sample(bodies, len(bodies)))]
        failed.append(archive(batch, hub.settings, hub.registration, NOW, Deadline.after(60.0)))

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [[]] * 5
    assert sorted(item["MetricValue"] for item in hub.history()) == list(range(30))


def test_the_latest_value_is_the_newest_as_sent_in_whatever_order(hub: Hub) -> None:
    """An older event never replaces a newer one."""
    dates = [f"2026-11-24T1{hour}:00:00.000000Z" for hour in (0, 1)] + ["2026-11-24T11:59:59.999999Z"]
    for order in itertools.permutations(range(3)):
        name = f"M{''.join(map(str, order))}"
        for index in order:
            assert hub.archive(body(result(MetricName=name, ExtractionDate=dates[index], MetricValue=index))) == []
    assert {item["MetricValue"] for item in hub.items("latest")} == {2}
    assert len(hub.items("latest")) == 6


def test_the_latest_item_drops_what_the_newer_value_does_not_have(hub: Hub) -> None:
    """A breakdown of yesterday would not belong to a value of today."""
    hub.archive(body(result(Unit="Count", Breakdown=[{"Dimensions": {"a": "b"}, "Value": 1}])))
    hub.archive(body(result(ExtractionDate="2026-11-24T11:30:00Z", MetricValue=9)))
    (latest,) = hub.items("latest")
    assert latest["MetricValue"] == 9
    assert "Breakdown" not in latest
    assert "Unit" not in latest


def test_an_expired_event_is_acknowledged_and_not_written(hub: Hub) -> None:
    """DynamoDB may have deleted its item already, and writing it again would be a duplicate."""
    hub.settings = hub.settings._replace(retention_days=1)
    now = datetime.fromisoformat("2026-11-25T10:30:00+00:00")
    assert hub.archive(body(result()), body(result(ExtractionDate="2026-11-24T13:00:00Z")), now=now) == []
    (item,) = hub.history()
    assert item["ExpiresAt"] == (datetime.fromisoformat("2026-11-24T13:00:00+00:00") + timedelta(days=1)).timestamp()


def test_an_event_that_is_not_written_in_time_is_delivered_again(hub: Hub) -> None:
    """It is not acknowledged."""
    assert hub.archive(body(result()), seconds=0.0) == ["0"]
    assert hub.archive(body(result())) == []
    assert len(hub.history()) == 1


def test_two_spokes_at_one_microsecond_are_two_items(hub: Hub) -> None:
    """They have the same metric and instant, and different accounts."""
    assert hub.archive(body(result()), body(result(ProjectName="Q"), account=OTHER)) == []
    assert {item["AccountId"] for item in hub.history()} == {SPOKE, OTHER}
