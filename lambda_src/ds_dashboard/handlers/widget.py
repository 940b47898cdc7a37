"""Widget: called by the console for the hub's dashboard, to show its pages there."""

from __future__ import annotations

from functools import cache
from typing import Any

from ds_dashboard.publish import own_hub, widget
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.settings import WidgetSettings
from ds_dashboard.variables import NotConfigured, from_environment


def handler(event: Any, context: Any) -> str:
    """Return the HTML of a page; the documentation in Markdown if the console asks for it with `describe`."""
    if isinstance(event, dict) and event.get("describe"):
        return widget.DESCRIPTION
    try:
        settings = from_environment(WidgetSettings.read)
    except NotConfigured as error:
        # The console would show an error with its stack trace.
        return widget.unread(str(error), event, context.invoked_function_arn)
    return widget.answer(_last_read(settings), event, context.invoked_function_arn)


# Less than the function's time, also for a service that does not answer: the viewer is to see which.
_CONFIG = {"connect_timeout": 2, "read_timeout": 10, "retries": {"mode": "standard", "total_max_attempts": 4}}


@cache
def _last_read(settings: WidgetSettings) -> LastRead:
    """Return what this process has read, which later calls use too."""
    hub = own_hub.own_hub(settings.name, settings.monitored_projects_path, settings.silent_after, _CONFIG)
    return LastRead(own_hub.source_of(hub), widget.for_functions)
