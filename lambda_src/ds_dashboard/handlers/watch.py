"""Watch: invoked by the hub's schedule every hour, to find silent spokes and to publish sums of values."""

from __future__ import annotations

from typing import Any

from ds_dashboard import dates
from ds_dashboard.hub import calls, totals, watch
from ds_dashboard.hub.settings import WatchSettings
from ds_dashboard.variables import from_environment

# What the search for silent spokes may use of the time.
_SEARCH_SHARE = 0.5


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Count the silent spokes, and publish sums of values; returns the spokes' names and when each was last seen."""
    settings, now, deadline = from_environment(WatchSettings.read), dates.now(), calls.deadline_of(context)
    until = deadline.share(_SEARCH_SHARE) if settings.sums else deadline
    try:
        silent = watch.watch(settings, now, until)
    finally:
        if settings.sums:
            totals.publish(settings.sums, now, deadline)
    return {"SilentSpokes": [{"Project": spoke.project, "LastSeen": spoke.last_seen} for spoke in silent]}
