"""Watch: the hub's schedule calls it every hour, to miss those who are silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ds_dashboard import dates, environment
from ds_dashboard.hub import silence


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Count the silent spokes; answers their names and when each was last seen."""
    silent = silence.watch(
        environment.text("DS_DASHBOARD_NAME"),
        silence.Watched(
            path=environment.text("DS_DASHBOARD_MONITORED_PROJECTS_PATH").rstrip("/"),
            spokes_table=environment.text("DS_DASHBOARD_SPOKES_TABLE"),
            latest_table=environment.text("DS_DASHBOARD_LATEST_TABLE"),
        ),
        timedelta(hours=float(environment.text("DS_DASHBOARD_SILENT_AFTER_HOURS"))),
        dates.now(),
    )
    return {"SilentSpokes": [{"Project": spoke.project, "LastSeen": spoke.last_seen} for spoke in silent]}
