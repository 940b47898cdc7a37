"""Items of another table, such as the AWS sample's, as events for the hub's queue.

The archive takes them as it takes any event: registered or refused, each exactly once however often it is sent.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ds_dashboard import canonical_json, event
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.hub.registry import account_of, region_of

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

# A batch of a queue: so many messages, so many bytes of all of them (the service takes 256 KB, older ones included).
_BATCH, _BATCH_BYTES = 10, 250 * 1024
_TRIES = 5


@dataclass(slots=True)
class Taken:
    """What became of the items that were read."""

    sent: int = 0
    there: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        """Count an item that is not sent."""
        self.refused += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


# What the archive adds, and no table of the sample has.
_OURS = "DedupKey"
_DETAIL = (
    *("MetricName", "MetricValue", "ExtractionDate", "Metadata", "Environment", "ProjectName"),
    *("Unit", "RefreshId", "Breakdown"),
)


class NotTaken(ValueError):
    """An item that the archive would refuse; the message says why."""


class Envelopes:
    """Wraps items as EventBridge would have delivered them from the account that is registered for their project."""

    def __init__(self, registered: Mapping[str, str], region: str, now: datetime) -> None:
        self._registered, self._region, self._now = registered, region, now

    def wrap(self, item: Mapping[str, Any]) -> str:
        """The message for the queue.

        Raises:
            NotTaken: the item breaks the event contract, or no account is registered for its project.
        """
        project = f"{item.get('ProjectName')}/{item.get('Environment')}"
        value = self._registered.get(project)
        if value is None:
            raise NotTaken(f"no account is registered for {project}")
        envelope = {
            "version": "0",
            "detail-type": event.Kind.RESULT.value,
            "source": event.SOURCE,
            "account": account_of(value),
            "time": f"{self._now:%Y-%m-%dT%H:%M:%SZ}",
            "region": region_of(value) or self._region,
            "resources": [],
        }
        if _OURS in item:
            envelope["region"] = item.get("Region", envelope["region"])
        try:
            detail = canonical_json.dumps(_sent(item))
            # The same item has the same id each time it is taken over.
            identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{envelope['account']} {detail}")
            body = f'{json.dumps({**envelope, "id": str(identity)})[:-1]}, "detail": {detail}}}'
            event.receive(body, self._now)
        except (event.Malformed, canonical_json.NotExact) as error:
            raise NotTaken(str(error)) from None
        return body


def _sent(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item as its spoke has sent it: an archive like ours has added to it, and may have moved its date."""
    if _OURS not in item:
        return item
    detail = {name: item[name] for name in _DETAIL if name in item}
    return {**detail, "ExtractionDate": item.get("SentExtractionDate", item.get("ExtractionDate"))}


def not_there(hub: Installation, items: Iterable[dict[str, Any]], taken: Taken) -> Iterator[dict[str, Any]]:
    """Those that the hub has not got, of a table that an archive like ours has written; every item of another one."""
    for item in items:
        if _OURS in item:
            key = {name: {"S": str(item.get(name))} for name in ("MetricName", "ExtractionDate")}
            found = hub.client("dynamodb").get_item(TableName=hub.table("metrics"), Key=key, ConsistentRead=True)
            if found.get("Item", {}).get(_OURS) == {"S": item[_OURS]}:
                taken.there += 1
                continue
        yield item


def bodies(items: Iterable[Mapping[str, Any]], envelopes: Envelopes, taken: Taken) -> Iterator[str]:
    """The messages of the items that the archive will take; the others are counted, with the reason."""
    for item in items:
        try:
            yield envelopes.wrap(item)
        except NotTaken as reason:
            taken.refuse(str(reason))


def batches(messages: Iterable[str]) -> Iterator[list[str]]:
    """Messages in groups that one call of a queue takes."""
    batch: list[str] = []
    size = 0
    for message in messages:
        length = len(message.encode())
        if batch and (len(batch) == _BATCH or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def send(hub: Installation, url: str, batch: list[str]) -> None:
    """Put messages into the archive's queue, those that failed again.

    Raises:
        UserError: the queue does not take some of them; they can be sent again, nothing is there twice then.
    """
    entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(batch)]
    for _ in range(_TRIES):
        answer = hub.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
        failed = {entry["Id"]: entry for entry in answer.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in failed]
        if not entries:
            return
    causes = {f"{entry['Code']}: {entry.get('Message', '')}" for entry in failed.values()}
    raise UserError(
        url,
        f"does not take {len(entries)} messages ({'; '.join(sorted(causes))}).",
        "Run the same command again later.",
    )
