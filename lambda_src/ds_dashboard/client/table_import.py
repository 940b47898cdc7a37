"""Table import: send results of another source, such as the AWS sample's table, to the hub's archive.

The archive treats them like any event: it checks the registration, and archives each result once however often it is
sent.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ds_dashboard import canonical_json, event
from ds_dashboard.client.errors import HubError
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.settings import registered_account, registered_region
from ds_dashboard.identity import EVENTS_QUEUE, registration_fault

# SendMessageBatch accepts 10 messages and 1 MiB in total, or 256 KB as it did until 2025.
_MAX_MESSAGES, _MAX_BYTES = 10, 250 * 1024
_ATTEMPTS = 5
# Only an archive of ours adds this attribute.
_ARCHIVED = "DedupKey"
_KEY = ("MetricName", "ExtractionDate")
# Longer than any valid name or date, and within the 1,024 bytes of a key.
_MAX_KEY = 256
_DETAIL = (
    *("MetricName", "MetricValue", "ExtractionDate", "Metadata", "Environment", "ProjectName"),
    *("Unit", "RefreshId", "Breakdown"),
)


class ImportFailed(HubError):
    """The archive's queue does not accept messages. It is safe to start the import again."""


@dataclass(slots=True)
class ImportSummary:
    """The counts of a table import.

    Attributes:
        sent: results sent to the archive; in a dry run, results that would be sent.
        present: results that the hub has already.
        rejected: items that are not sent because the archive would reject them.
        reasons: reason -> number of items that are rejected for it.
    """

    sent: int = 0
    present: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str) -> None:
        """Count an item that is not sent."""
        self.rejected += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


def import_results(
    installation: Installation,
    items: Iterable[Mapping[str, Any]],
    registered: Mapping[str, str],
    now: datetime,
    dry_run: bool,
    progress: Callable[[ImportSummary], None],
) -> ImportSummary:
    """Send items to the archive's queue as result events of the accounts that are registered for their projects.

    Args:
        installation: the hub.
        items: each with the six attributes of a result, numbers as `int`, `Decimal` or `float`.
        registered: `<ProjectName>/<Environment>` -> account ID or bus ARN.
        now: the time of the events.
        dry_run: check the items, and send nothing.
        progress: receives the counts after each batch.

    Raises:
        ImportFailed: the queue does not accept some of the messages.
    """
    url = installation.client("sqs").get_queue_url(QueueName=installation.names.queue(EVENTS_QUEUE))["QueueUrl"]
    summary = ImportSummary()
    new_items = _without_present(installation, items, summary)
    for batch in _batches(_messages(new_items, registered, installation.region, now, summary)):
        if not dry_run:
            _send(installation, url, batch)
        summary.sent += len(batch)
        progress(summary)
    return summary


def _without_present(
    installation: Installation, items: Iterable[Mapping[str, Any]], summary: ImportSummary
) -> Iterator[Mapping[str, Any]]:
    """Drop the items that this hub has already, of a table that an archive like ours has written."""
    for item in items:
        words = {name: item.get(name) for name in _KEY}
        # DynamoDB rejects other keys, and the archive rejects the item.
        if _ARCHIVED in item and all(isinstance(one, str) and 0 < len(one) <= _MAX_KEY for one in words.values()):
            key = {name: {"S": _text(word)} for name, word in words.items()}
            answer = installation.client("dynamodb").get_item(
                TableName=installation.table("metrics"), Key=key, ConsistentRead=True
            )
            if answer.get("Item", {}).get(_ARCHIVED) == {"S": item[_ARCHIVED]}:
                summary.present += 1
                continue
        yield item


def _messages(
    items: Iterable[Mapping[str, Any]],
    registered: Mapping[str, str],
    region: str,
    now: datetime,
    summary: ImportSummary,
) -> Iterator[str]:
    """Yield the messages of the items that the archive will accept, and count the others with the reason."""
    for item in items:
        project = f"{_text(item.get('ProjectName'))}/{_text(item.get('Environment'))}"
        if project not in registered:
            summary.reject(f"no account is registered for {project}")
            continue
        if fault := registration_fault(registered[project]):
            summary.reject(f"the parameter that registers {project} {fault}")
            continue
        try:
            yield _message(item, registered[project], region, now)
        except (event.Malformed, canonical_json.CanonicalJSONError) as error:
            summary.reject(str(error))


def _text(value: Any) -> str:
    return canonical_json.exact_text(value) if isinstance(value, str) else str(value)


def _message(item: Mapping[str, Any], registration: str, region: str, now: datetime) -> str:
    """Return an item as EventBridge would have delivered it from the registered account.

    Raises:
        ds_dashboard.event.Malformed: the item breaks the event contract.
        ds_dashboard.canonical_json.CanonicalJSONError: it has a value that the tables cannot hold.
    """
    envelope = {
        "version": "0",
        "detail-type": event.Kind.RESULT.value,
        "source": event.SOURCE,
        "account": registered_account(registration),
        "time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "region": registered_region(registration) or region,
        "resources": [],
    }
    detail = canonical_json.dumps(_as_sent(item))
    # The same item gets the same ID in each import.
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{envelope['account']} {detail}")
    body = f'{json.dumps({**envelope, "id": str(identity)})[:-1]}, "detail": {detail}}}'
    event.receive(body, now)
    return body


def _as_sent(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an item as its spoke sent it, without what an archive like ours added, and with its original date."""
    if _ARCHIVED not in item:
        return item
    detail = {name: item[name] for name in _DETAIL if name in item}
    return {**detail, "ExtractionDate": item.get("SentExtractionDate", item.get("ExtractionDate"))}


def _batches(messages: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for message in messages:
        length = len(message.encode())
        if batch and (len(batch) == _MAX_MESSAGES or size + length > _MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def _send(installation: Installation, url: str, batch: list[str]) -> None:
    """Send messages to a queue, and send those again that failed."""
    entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(batch)]
    for _ in range(_ATTEMPTS):
        answer = installation.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
        failed = {entry["Id"]: entry for entry in answer.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in failed]
        if not entries:
            return
    causes = sorted({f"{entry['Code']}: {entry.get('Message', '')}" for entry in failed.values()})
    raise ImportFailed(
        url, f"does not accept {len(entries)} messages ({'; '.join(causes)}).", "Start the import again later."
    )
