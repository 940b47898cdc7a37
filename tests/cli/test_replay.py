"""`ds-dashboard replay`."""

from __future__ import annotations

from typing import Any

from tests.support.tables import HubTables

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
