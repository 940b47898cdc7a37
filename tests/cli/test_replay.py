"""`ds-dashboard replay`."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.tables import HubTables

from ds_dashboard import dates
from ds_dashboard_dev.testing.pair import NAME
from ds_dashboard_dev.testing.waiting import eventually

from .applied import Applied


def test_a_replay_restores_lost_events_and_duplicates_none(applied: Applied) -> None:
    """No spoke gets a refresh again: only the archive's rule receives the replayed events."""
    refresh_id = applied.refresh("--wait", "--timeout", "60")["RefreshId"]

    def values() -> list[dict[str, Any]]:
        return [line for line in applied.history() if line.get("RefreshId") == refresh_id]

    (before,) = values()
    runs = len(applied.spoke.log(event="metric_extractor_run"))
    key = {name: {"S": before[name]} for name in ("MetricName", "ExtractionDate")}
    applied.hub.client("dynamodb").delete_item(TableName=f"{NAME}-metrics", Key=key)
    everything = len(applied.history())
    result = applied.run("replay", "--since", "1h", "--wait")
    assert result.stdout.startswith(f"{NAME}-")
    assert "All events are replayed" in result.stderr
    assert eventually(values, "the deleted value") == [before]
    applied.hub.settle()
    assert len(applied.history()) == everything + 1
    assert len(applied.spoke.log(event="metric_extractor_run")) == runs


def test_a_hub_without_an_event_archive_is_reported(hub: HubTables) -> None:
    """The message names the variable that creates the archive."""
    result = hub.run("replay", "--since", "1h", code=1)
    assert f"event archive {hub.name}-hub: does not exist" in result.stderr
    assert "event_archive_days" in result.stderr


def test_an_invalid_period_is_rejected(applied: Applied) -> None:
    """No replay is started."""
    assert "ends before it starts" in applied.run("replay", "--since", "1h", "--until", "2h", code=2).stderr
    applied.run("replay", code=2)


@pytest.fixture
def archiving(hub: HubTables) -> HubTables:
    """A hub with an event archive."""
    bus = hub.account.events.create_event_bus(Name=f"{hub.name}-hub")["EventBusArn"]
    hub.account.events.put_rule(
        Name=f"{hub.name}-archive", EventBusName=f"{hub.name}-hub", EventPattern='{"source":["x"]}'
    )
    hub.account.events.create_archive(ArchiveName=f"{hub.name}-hub", EventSourceArn=bus)
    return hub


def test_a_replay_says_which_events_it_can_miss(archiving: HubTables) -> None:
    """An event archive receives events up to ten minutes late, and a replay does not wait for them."""
    assert "can be missing" in archiving.run("replay", "--since", "1h").stderr
    assert "can be missing" in archiving.run("replay", "--since", "1h", "--until", "9m").stderr
    assert "can be missing" not in archiving.run("replay", "--since", "1h", "--until", "11m").stderr


@pytest.mark.parametrize("until", ["9999-12-31T23:59", "2100-01-01"])
def test_a_period_ends_now_at_the_latest(archiving: HubTables, monkeypatch: pytest.MonkeyPatch, until: str) -> None:
    """`--until` with the date of tomorrow means all of today, and --settle waits for ten minutes and not for years."""
    waits: list[float] = []
    monkeypatch.setattr("ds_dashboard_cli.commands.replay.time", SimpleNamespace(sleep=waits.append))
    result = archiving.run("replay", "--since", "1h", "--until", until, "--settle")
    assert until[:4] not in result.stderr
    assert [590 < wait <= 600 for wait in waits] == [True]


def test_settle_waits_until_the_event_archive_is_complete(
    archiving: HubTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The period ends when the command began, not after the wait."""
    waited: list[float] = []
    monkeypatch.setattr("ds_dashboard_cli.commands.replay.time", SimpleNamespace(sleep=waited.append))
    result = archiving.run("replay", "--since", "1h", "--settle")
    assert "can be missing" not in result.stderr
    assert 590 < sum(waited) <= 600
    replay = archiving.account.events.describe_replay(ReplayName=result.stdout.strip())
    assert dates.now() - replay["EventEndTime"] < timedelta(minutes=1)
    archiving.run("replay", "--since", "1h", "--until", "11m", "--settle")
    assert len(waited) == 1
