"""A replay of the hub's event archive is for the hub's archive alone: it writes nothing twice and reaches no spoke."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ds_dashboard_dev.testing.events import result, unused
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.waiting import eventually

from .conftest import GAMMA


def replay(hub: Hub, since: datetime, *, filtered: bool = True) -> None:
    """Replay everything since then, with the module's outputs, and wait until it has ended."""
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


def extractions(spoke: Spoke) -> int:
    """Return how often the spoke's function has started."""
    return len(spoke.log(type="platform.start"))


@pytest.fixture
def since(hub: Hub, spoke: Spoke) -> datetime:
    """A moment after which a refresh was answered, with values and a failure, and a producer put three values."""
    before = datetime.now(UTC).replace(microsecond=0)  # as exact as an event's time
    hub.refreshed("South/dev", Projects=["South"])
    metric = unused("Replayed")
    for number in range(3):
        hub.archived(spoke.put(result(GAMMA, metric, number)))
    return before


def event_ids(hub: Hub, since: datetime) -> set[str]:
    return {
        item["EventId"]
        for item in hub.history()
        if item["ExtractionDate"] >= since.strftime("%Y-%m-%dT%H:%M:%S.%fZ") and "EventId" in item
    }


@pytest.mark.parametrize("filtered", [True, False], ids=["for the archive", "without a filter"])
def test_a_replay_writes_nothing_twice_and_reaches_no_spoke(
    hub: Hub, spoke: Spoke, since: datetime, filtered: bool
) -> None:
    """Not even without the filter: the event archive has no refresh, and the hub would not forward it."""
    ids = event_ids(hub, since)
    assert len(ids) >= 4
    before, started, delivered = hub.tables(), extractions(spoke), hub.deliveries()
    replay(hub, since, filtered=filtered)
    eventually(lambda: all(hub.deliveries()[one] > delivered[one] for one in ids), "a second delivery of each event")
    assert hub.tables() == before
    assert extractions(spoke) == started


def test_a_replay_restores_what_was_deleted(hub: Hub, since: datetime) -> None:
    """What a replay is for."""
    before = hub.tables()
    history, latest = hub.client("dynamodb"), hub.outputs["latest_table_name"]
    ids = event_ids(hub, since)
    for item in [item for item in hub.history() if item.get("EventId") in ids]:
        key = {name: {"S": item[name]} for name in ("MetricName", "ExtractionDate")}
        history.delete_item(TableName=hub.outputs["table_name"], Key=key)
    history.delete_item(TableName=latest, Key={"Project": {"S": "South#dev"}, "MetricName": {"S": "ModelVersion"}})
    assert hub.tables() != before
    replay(hub, since)
    eventually(lambda: hub.tables() == before, "everything that was there before")


def test_no_refresh_is_in_the_event_archive(hub: Hub) -> None:
    """The service's own count: a refresh adds nothing but its answers."""
    hub.settle()

    def count() -> int:
        name = hub.outputs["event_archive_name"]
        return int(hub.client("events").describe_archive(ArchiveName=name)["EventCount"])

    before = count()
    hub.refresh(Projects=["Nobody"])
    hub.refresh(Metrics=["None"], Environments=["nowhere"])
    assert count() == before
