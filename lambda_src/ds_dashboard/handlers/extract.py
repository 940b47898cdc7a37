"""Extract: a refresh on the spoke's bus, or the spoke's own schedule, calls it."""

from __future__ import annotations

from typing import Any

from ds_dashboard.handlers import remaining
from ds_dashboard.refresh import Refresh
from ds_dashboard.spoke import extraction
from ds_dashboard.spoke.settings import Settings

_recent = extraction.RecentRuns()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a refresh event; answers the counts of the run."""
    refresh = Refresh.from_detail(event.get("detail"), event_id=event.get("id"))
    return extraction.extract(refresh, Settings.from_environment(), _recent, remaining.seconds_left(context))
