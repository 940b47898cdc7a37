"""Refresh: invoked by an operator or by the hub's schedule."""

from __future__ import annotations

from typing import Any

from ds_dashboard.event import Refresh
from ds_dashboard.hub import calls, refresh
from ds_dashboard.hub.settings import RefreshSettings
from ds_dashboard.variables import from_environment


def handler(event: dict[str, Any] | None, context: Any) -> dict[str, str]:
    """Request fresh values from all spokes, or from those that `event` names; returns `RefreshId` and `EventId`.

    `event` may have `Metrics`, `Projects` and `Environments`, each a list of names, `RefreshId`, `AsOf`, and
    `Arguments`, a map of metric -> argument -> string.
    """
    request = Refresh.from_detail(event)
    event_id = refresh.emit(request, from_environment(RefreshSettings.read).event_bus, calls.deadline_of(context))
    return {"RefreshId": request.refresh_id, "EventId": event_id}
