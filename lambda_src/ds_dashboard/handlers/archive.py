"""Archive: the hub's queue calls it with batches of events."""

from __future__ import annotations

from typing import Any

from ds_dashboard import dates
from ds_dashboard.handlers import remaining
from ds_dashboard.hub import archive
from ds_dashboard.hub.registration import Registration
from ds_dashboard.hub.settings import Settings

_registrations: dict[str, Registration] = {}
# Kept back to answer: what was stored is told, or it would all come again.
_RESERVE_SECONDS = 3.0


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Archive the records of an SQS event; answers the partial batch response."""
    settings = Settings.from_environment()
    path = settings.monitored_projects_path
    registration = _registrations.setdefault(path, Registration(path))
    messages = [archive.Message(record["messageId"], record["body"]) for record in event["Records"]]
    failed = archive.archive(
        messages, settings, registration, dates.now(), remaining.seconds_left(context, _RESERVE_SECONDS)
    )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
