"""Report: invoked by the hub's schedule, to write the report to its bucket."""

from __future__ import annotations

from typing import Any

from ds_dashboard import dates
from ds_dashboard.publish import own_hub, report
from ds_dashboard.publish.settings import ReportSettings
from ds_dashboard.variables import from_environment


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Write the report; returns the keys of its objects, and their sizes in bytes."""
    settings = from_environment(ReportSettings.read)
    hub = own_hub.own_hub(settings.name, settings.monitored_projects_path, settings.silent_after)
    source, s3 = own_hub.source_of(hub, settings.projects), hub.installation.client("s3")
    return {"Objects": report.write(source, s3, settings.bucket, hub.installation.account, dates.now())}
