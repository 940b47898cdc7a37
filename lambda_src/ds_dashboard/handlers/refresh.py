"""Refresh: an operator or the hub's schedule calls it, and it asks the spokes for fresh values."""

from __future__ import annotations

from typing import Any

from ds_dashboard import environment
from ds_dashboard.hub import request
from ds_dashboard.refresh import Refresh


def handler(event: dict[str, Any] | None, context: Any) -> dict[str, str]:
    """Ask all spokes, or those that `event` names; answers `RefreshId` and `EventId`.

    `event` takes `Metrics`, `Projects` and `Environments`, each a list of names, and `RefreshId`.
    """
    refresh = Refresh.from_detail(event)
    event_id = request.emit(refresh, environment.text("DS_DASHBOARD_EVENT_BUS"))
    return {"RefreshId": refresh.refresh_id, "EventId": event_id}
