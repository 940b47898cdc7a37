"""What arrived on the hub's bus is replayed for its archive alone: nothing is doubled, and no spoke is asked again."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.journey.hub import Hub, Item
from tests.journey.polling import eventually
from tests.journey.spoke import Spoke, result, unused

Tables = dict[str, list[Item]]


def replay(hub: Hub, since: datetime, *, filtered: bool = True) -> None:
    """Replay all since then, by what the module's outputs say, and wait for the end of it."""
    events, name = hub.client("events"), f"replay-{uuid.uuid4()}"
    destination: dict[str, Any] = {"Arn": hub.outputs["event_bus_arn"]}
    if filtered:
        destination["FilterArns"] = [hub.outputs["archive_rule_arn"]]
    events.start_replay(
        ReplayName=name,
        EventSourceArn=hub.outputs["event_archive_arn"],
        EventStartTime=since,
        EventEndTime=datetime.now(UTC) + timedelta(minutes=1),
        Destination=destination,
    )
    eventually(lambda: events.describe_replay(ReplayName=name)["State"] == "COMPLETED", f"the end of {name}")


def tables(hub: Hub) -> Tables:
    """All that is in the hub's tables."""
    names = ("table_name", "latest_table_name", "spokes_table_name")
    return {name: sorted(hub.items(name), key=lambda item: sorted(map(str, item.items()))) for name in names}


def extractions(spoke: Spoke) -> int:
    """How often the spoke's function has been started."""
    return len(spoke.log(type="platform.start"))


@pytest.fixture
def since(hub: Hub, spoke: Spoke) -> datetime:
    """A moment after which a refresh was answered, with a value and a failure, and three values came from elsewhere."""
    before = datetime.now(UTC).replace(microsecond=0)  # as exactly as an event's time
    hub.refreshed("Alpha/dev", Projects=["Alpha"])
    metric = unused("Replayed")
    for number in range(3):
        hub.archived(spoke.put(result("Gamma", "dev", metric, number)))
    return before


def event_ids(hub: Hub, since: datetime) -> set[str]:
    return {
        item["EventId"]
        for item in hub.history()
        if item["ExtractionDate"] >= since.strftime("%Y-%m-%dT%H:%M:%S.%fZ") and "EventId" in item
    }


@pytest.mark.parametrize("filtered", [True, False], ids=["for the archive", "without a filter"])
def test_a_replay_doubles_nothing_and_asks_nobody(hub: Hub, spoke: Spoke, since: datetime, filtered: bool) -> None:
    """Not even where somebody forgets the filter: there is no refresh in the archive, and none would be forwarded."""
    ids = event_ids(hub, since)
    assert len(ids) >= 4
    hub.settle()
    before, asked, passed = tables(hub), extractions(spoke), hub.passes()
    replay(hub, since, filtered=filtered)
    eventually(lambda: all(hub.passes()[one] > passed[one] for one in ids), "all events a second time")
    hub.settle()
    assert tables(hub) == before
    assert extractions(spoke) == asked


def test_what_was_lost_is_there_again(hub: Hub, since: datetime) -> None:
    """What a replay is for: somebody has deleted what they should not have."""
    hub.settle()
    before = tables(hub)
    history, latest = hub.client("dynamodb"), hub.outputs["latest_table_name"]
    ids = event_ids(hub, since)
    for item in [item for item in hub.history() if item.get("EventId") in ids]:
        key = {name: {"S": item[name]} for name in ("MetricName", "ExtractionDate")}
        history.delete_item(TableName=hub.outputs["table_name"], Key=key)
    history.delete_item(TableName=latest, Key={"Project": {"S": "Alpha#dev"}, "MetricName": {"S": "ModelVersion"}})
    assert tables(hub) != before
    replay(hub, since)
    eventually(lambda: tables(hub) == before, "all that was there before")


def test_no_refresh_is_in_the_archive(hub: Hub) -> None:
    """Counted by the service: a refresh adds nothing but what is answered to it."""
    hub.settle()

    def kept() -> int:
        name = hub.outputs["event_archive_name"]
        return int(hub.client("events").describe_archive(ArchiveName=name)["EventCount"])

    before = kept()
    hub.refresh(Projects=["Nobody"])
    hub.refresh(Metrics=["None"], Environments=["nowhere"])
    assert kept() == before
