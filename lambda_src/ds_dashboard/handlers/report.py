"""Report: invoked by the hub's schedule, to write the report to its bucket."""

from __future__ import annotations

from typing import Any

from ds_dashboard import dates
from ds_dashboard.publish import report
from ds_dashboard.settings import ReportSettings


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Write the report; returns the keys of its objects, and their sizes in bytes."""
    settings = ReportSettings.from_environment()
    hub = report.hub_of(settings)
    installation = hub.installation
    source = report.source_of(hub, settings)
    return {
        "Objects": report.write(source, installation.client("s3"), settings.bucket, installation.account, dates.now())
    }
