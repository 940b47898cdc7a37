"""Archive: invoked by the hub's queue with batches of events."""

from __future__ import annotations

from typing import Any

from ds_dashboard import dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import archive
from ds_dashboard.hub.registration import Registration
from ds_dashboard.settings import ArchiveSettings

_registrations: dict[str, Registration] = {}
# Time to return the answer: without it, Lambda would deliver the whole batch again.
_RESERVE_SECONDS = 3.0


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Archive the records of an SQS event; returns the partial batch response."""
    settings = ArchiveSettings.from_environment()
    path = settings.monitored_projects_path
    registration = _registrations.setdefault(path, Registration(path))
    messages = [archive.Message(record["messageId"], record["body"]) for record in event["Records"]]
    failed = archive.archive(messages, settings, registration, dates.now(), Deadline(context, _RESERVE_SECONDS))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
