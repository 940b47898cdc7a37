"""`ds-dashboard replay`."""

from __future__ import annotations

from typing import Any

from ds_dashboard_local.client.accounts import eventually

from .applied import NAME, Applied
from .world import Hub


def test_what_was_lost_comes_back_and_nothing_is_there_twice(applied: Applied) -> None:
    """No spoke is asked again: the refreshes are not for the archive's rule."""
    refresh_id = applied.refresh()["RefreshId"]

    def values() -> list[dict[str, Any]]:
        return [line for line in applied.history() if line.get("RefreshId") == refresh_id]

    (before,) = values()
    runs = _runs(applied)
    key = {name: {"S": before[name]} for name in ("MetricName", "ExtractionDate")}
    applied.hub.dynamodb.delete_item(TableName=f"{NAME}-metrics", Key=key)
    everything = len(applied.history())
    told = applied.run("replay", "--since", "1h", "--wait")
    assert told.stdout.startswith(f"{NAME}-")
    assert "All of them are replayed" in told.stderr
    assert eventually(values) == [before]
    eventually(lambda: applied.waiting(applied.hub, "events") == 0)
    assert len(applied.history()) == everything + 1
    assert _runs(applied) == runs


def _runs(applied: Applied) -> int:
    return sum('"metric_extractor_run"' in line for line in applied.spoke.log_lines(f"/aws/lambda/{NAME}-extract"))


def test_a_hub_that_keeps_no_events_is_told_how_to(hub: Hub) -> None:
    """The variable that makes it keep them."""
    refusal = hub.run("replay", "--since", "1h", code=1)
    assert f"archive {hub.name}-hub: there is none" in refusal.stderr
    assert "event_archive_days" in refusal.stderr


def test_a_period_that_cannot_be_meant_is_refused(applied: Applied) -> None:
    """Before anything is started."""
    assert "ends before it begins" in applied.run("replay", "--since", "1h", "--until", "2h", code=2).stderr
    applied.run("replay", code=2)
