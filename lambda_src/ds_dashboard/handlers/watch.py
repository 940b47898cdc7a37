"""Watch: invoked by the hub's schedule every hour, to find silent spokes."""

from __future__ import annotations

from typing import Any

from ds_dashboard import dates
from ds_dashboard.hub import calls, watch
from ds_dashboard.settings import WatchSettings


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Count the silent spokes; returns their names and when each was last seen."""
    silent = watch.watch(WatchSettings.from_environment(), dates.now(), calls.deadline_of(context))
    return {"SilentSpokes": [{"Project": spoke.project, "LastSeen": spoke.last_seen} for spoke in silent]}
