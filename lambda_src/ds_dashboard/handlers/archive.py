"""Archive: invoked by the hub's queue with batches of events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ds_dashboard import dates
from ds_dashboard.hub import archive, calls
from ds_dashboard.hub.registration import Registration
from ds_dashboard.hub.settings import ArchiveSettings
from ds_dashboard.hub.totals import Publisher
from ds_dashboard.variables import from_environment

_registrations: dict[str, Registration] = {}
_publisher = Publisher()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Archive the records of an SQS event; returns the partial batch response."""
    settings = from_environment(ArchiveSettings.read)
    path = settings.monitored_projects_path
    registration = _registrations.setdefault(path, Registration(path, settings.region))
    messages = [_message(record) for record in event["Records"]]
    failed = archive.archive(messages, settings, registration, dates.now(), calls.deadline_of(context), _publisher)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _message(record: dict[str, Any]) -> archive.Message:
    attributes = record.get("attributes", {})
    sent = attributes.get("SentTimestamp")
    return archive.Message(
        record["messageId"],
        record["body"],
        sent=None if sent is None else datetime.fromtimestamp(int(sent) / 1000, UTC),
        is_retry=int(attributes.get("ApproximateReceiveCount", 1)) > 1,
    )
