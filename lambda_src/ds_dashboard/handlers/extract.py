"""Extract: invoked by a refresh on the spoke's bus, or by the spoke's own schedule."""

from __future__ import annotations

from typing import Any

from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Location
from ds_dashboard.spoke import extract
from ds_dashboard.spoke.settings import ExtractSettings
from ds_dashboard.variables import from_environment

_recent = extract.RecentRuns()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Extract the metrics that a refresh event requests; returns the counts of the run."""
    refresh = Refresh.from_detail(event.get("detail"), event_id=event.get("id"))
    # EventBridge names the sender's account in every event of a bus. The input of the schedule has no account.
    asked_by = event.get("account") or extract.SCHEDULE
    location = Location.of_function(context.invoked_function_arn)
    settings, event_id = from_environment(ExtractSettings.read), event.get("id") or ""
    return extract.extract(refresh, asked_by, settings, _recent, Deadline(context), location, event_id)
