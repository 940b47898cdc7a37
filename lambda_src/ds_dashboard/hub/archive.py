"""Archive a batch of messages: check each event and its account, write the accepted ones, reject the others.

A batch is archived in portions, because one message may cost a thousand times what another costs. Messages with few
values come first, so that those with many neither delay nor displace them.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from ds_dashboard import aws, emf, event
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import Kind, Received
from ds_dashboard.hub import calls, history, latest, spokes
from ds_dashboard.hub.registration import Claim, Registration
from ds_dashboard.hub.settings import ArchiveSettings
from ds_dashboard.hub.tables import Outcome, WriteResult
from ds_dashboard.hub.thresholds import Rules
from ds_dashboard.hub.totals import Publisher

log = logging.getLogger(__name__)

_MAX_REASON = 1024
# What the rejected queue may accept for a message with its attributes: SQS's limit, or the default limit of the queues
# that Terraform creates. A body that came from a queue fits without attributes.
_MESSAGE_LIMITS = (1024 * 1024, 256 * 1024)
# The values that are in memory at once, and from how many on a message is not in one portion with usual ones. A usual
# event has 20.
_MAX_PORTION_VALUES, _LARGE_MESSAGE_VALUES = 40_000, 1_000
# What a portion may use of the time that remains before it, if others follow.
_PORTION_SHARE = 0.5
# What each step may use of the time that remains before it, so that throttling of one leaves time for those after it.
_REGISTRATION_SHARE, _VALUES_SHARE, _REJECTED_SHARE = 0.3, 0.6, 0.5
# Per batch. The item of one spoke may be throttled for as long as the spoke wants, and others wait for this function.
_SPOKES_SECONDS = 10.0
_COUNTED = (Outcome.WRITTEN, Outcome.REDELIVERED, Outcome.EXPIRED)


class Message(NamedTuple):
    """A message of the queue.

    Attributes:
        message_id: its ID.
        body: the event as EventBridge delivered it.
        sent: when it was sent to the queue; None if that is not known.
        is_retry: whether it was received before.
    """

    message_id: str
    body: str
    sent: datetime | None = None
    is_retry: bool = False


class _Rejected(NamedTuple):
    """A message that goes to the rejected queue.

    Attributes:
        message: the message, which is sent unchanged.
        code: `Malformed`, `TooLarge`, `DateAhead`, `Unregistered` or `Refused`.
        reason: a sentence that says what was sent and what was expected.
        ids: `EventId` and `AccountId`, if the event could be read.
    """

    message: Message
    code: str
    reason: str
    ids: Mapping[str, str]


class _Batch:
    """The counts of a batch, and the events of its present portion.

    Attributes:
        failed: the messages that must be delivered again, with the reason.
        counts: the numbers of events by outcome, as CloudWatch metrics.
        event_ids: the events of the portions that are done.
        newest: the metrics of which newest values were written, or may have been.
        spokes_seconds: what the batch may still use for the spokes table.
        messages: the messages of each event of the portion, by `dedup_key`.
        events: the events of the portion that are still accepted, by `dedup_key`.
        rejected: the messages of the portion that are rejected.
    """

    def __init__(self, settings: ArchiveSettings) -> None:
        self.settings = settings
        self.failed: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.event_ids: list[str] = []
        self.newest: set[str] = set()
        self.spokes_seconds = _SPOKES_SECONDS
        self.messages: dict[str, list[Message]] = {}
        self.events: dict[str, Received] = {}
        self.rejected: list[_Rejected] = []

    def end_portion(self) -> None:
        """Count the events of the portion, and forget them."""
        self.counts["Rejected"] += sum(one.message.message_id not in self.failed for one in self.rejected)
        # A metric that cannot be computed for a past instant is no reason for an alarm.
        self.counts["ExtractionFailures"] += sum(not one.is_as_of for one in self.of(Kind.FAILURE))
        self.event_ids += [received.event_id for received in self.events.values()]
        self.messages, self.events, self.rejected = {}, {}, []

    def accept(self, message: Message, received: Received) -> None:
        # The same event may be in several messages of a batch.
        self.messages.setdefault(received.dedup_key, []).append(message)
        self.events[received.dedup_key] = received

    def reject(self, message: Message, code: str, reason: str, received: Received | None = None) -> None:
        ids = {} if received is None else {"EventId": received.event_id, "AccountId": received.account}
        self.rejected.append(_Rejected(message, code, reason, ids))

    def reject_event(self, dedup_key: str, code: str, reason: str) -> None:
        received = self.events.pop(dedup_key)
        for message in self.messages[dedup_key]:
            self.reject(message, code, reason, received)

    def fail_event(self, dedup_key: str, reason: str) -> None:
        self.events.pop(dedup_key, None)
        self.failed.update({message.message_id: reason for message in self.messages[dedup_key]})

    def apply(self, results: Mapping[str, WriteResult]) -> None:
        """Fail or reject the events that a table did not accept."""
        for dedup_key, result in results.items():
            if result.outcome is Outcome.FAILED:
                self.fail_event(dedup_key, result.reason)
            elif result.outcome is Outcome.REFUSED:
                self.reject_event(dedup_key, Outcome.REFUSED.value, result.reason)

    def of(self, *kinds: Kind) -> list[Received]:
        return [received for received in self.events.values() if received.kind in kinds]


def archive(
    messages: Sequence[Message],
    settings: ArchiveSettings,
    registration: Registration,
    now: datetime,
    deadline: Deadline,
    publisher: Publisher | None = None,
) -> list[str]:
    """Archive a batch of messages.

    No message raises an error. Events that break the contract, or come from an account that is not registered for their
    project, go to the rejected queue. Events that a service does not accept for now are delivered again.

    Args:
        messages: the batch.
        settings: the archive's tables, queue and retention.
        registration: the registered accounts, cached from batch to batch.
        now: the time of arrival.
        deadline: until when to start calls. What is not written by then is delivered again.
        publisher: publishes the sums that the batch changes; None to leave them to the watch.

    Returns:
        The IDs of the messages that must be delivered again.
    """
    batch = _Batch(settings)
    _report_retries(messages, settings.name, now)
    portions = list(_portions(messages))
    for number, portion in enumerate(portions, 1):
        until = deadline if number == len(portions) else deadline.share(_PORTION_SHARE)
        try:
            _archive_portion(batch, portion, registration, now, until)
        except Exception as error:
            # A fault of ours. Without an answer, Lambda would deliver the whole batch again, and count nothing.
            log.exception("portion not archived", extra={"event": "not_archived"})
            batch.failed.update({message.message_id: f"{type(error).__name__}: {error}" for message in portion})
        batch.end_portion()
    _report(batch, messages)
    if publisher and settings.sums:
        publisher.publish_changed(settings.sums, batch.newest, now, deadline)
    return list(batch.failed)


def _portions(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Cut a batch into portions of at most `_MAX_PORTION_VALUES`, the messages with the fewest values first."""
    portion: list[Message] = []
    size, previous = 0, 0
    measured = [(event.values_to_read(message.body), message) for message in messages]
    for values, message in sorted(measured, key=itemgetter(0)):
        is_first_large = previous < _LARGE_MESSAGE_VALUES <= values
        if portion and (is_first_large or size + values > _MAX_PORTION_VALUES):
            yield portion
            portion, size = [], 0
        portion.append(message)
        size, previous = size + values, values
    yield portion


def _archive_portion(
    batch: _Batch, messages: Sequence[Message], registration: Registration, now: datetime, deadline: Deadline
) -> None:
    _read(batch, messages, now, deadline)
    _check_senders(batch, registration, deadline.share(_REGISTRATION_SHARE))
    _write_results(batch, now, deadline.share(_VALUES_SHARE))
    # Before the spokes table: nothing in that is worth more than a rejected value.
    rejected = batch.rejected
    batch.failed.update(_send_rejected(rejected, batch.settings.rejected_queue_url, deadline.share(_REJECTED_SHARE)))
    reports, before = batch.of(Kind.RUN, Kind.FAILURE), deadline.remaining()
    batch.apply(spokes.write(reports, batch.settings.spokes_table, deadline.within(batch.spokes_seconds)))
    batch.spokes_seconds -= before - deadline.remaining()


def _read(batch: _Batch, messages: Sequence[Message], now: datetime, deadline: Deadline) -> None:
    """Read messages, and reject those that are not events of the contract."""
    for message in messages:
        if deadline.remaining() <= 0:
            batch.failed[message.message_id] = "out of time"
            continue
        try:
            batch.accept(message, event.receive(message.body, now))
        except event.Malformed as error:
            batch.reject(message, error.code, str(error))
        except Exception as error:
            # A fault of ours, which must not take the other messages with it.
            log.exception("message not read", extra={"event": "not_read", "message_id": message.message_id})
            batch.failed[message.message_id] = f"could not be read: {type(error).__name__}: {error}"


def _check_senders(batch: _Batch, registration: Registration, deadline: Deadline) -> None:
    """Reject events of accounts and regions that are not registered for the event's project."""
    claims = {
        dedup_key: Claim(received.project.path, received.account, received.region)
        for dedup_key, received in batch.events.items()
    }
    checked = registration.check(claims.values(), deadline)
    for dedup_key, claim in claims.items():
        if claim not in checked.denials:
            batch.fail_event(dedup_key, checked.failure)
        elif denial := checked.denials[claim]:
            batch.reject_event(dedup_key, "Unregistered", denial)


def _write_results(batch: _Batch, now: datetime, deadline: Deadline) -> None:
    """Write results into the history, and then into the latest table: every latest value is in the history, too."""
    settings = batch.settings
    results = history.write(batch.of(Kind.RESULT), settings.history_table, settings.retention_days, now, deadline)
    batch.apply(results)
    for dedup_key, result in results.items():
        if dedup_key in batch.events:
            batch.counts[result.outcome.value] += 1
            batch.counts[Outcome.REDELIVERED.value] += len(batch.messages[dedup_key]) - 1
    stored = [one for one in batch.of(Kind.RESULT) if results[one.dedup_key].outcome is not Outcome.EXPIRED]
    rules = Rules(settings.thresholds, settings.threshold_topics, settings.name, settings.region)
    newest = latest.write(stored, settings.latest_table, rules, deadline)
    # A value whose notice was not sent is written, too.
    maybe = (Outcome.WRITTEN, Outcome.FAILED)
    batch.newest |= {one.detail["MetricName"] for one in stored if newest[one.dedup_key].outcome in maybe}
    batch.apply(newest)


def _send_rejected(rejected: Sequence[_Rejected], queue_url: str, deadline: Deadline) -> dict[str, str]:
    """Send rejected messages to the rejected queue, and log each one.

    Each message is one request: rejections are rare, and the messages of a batch would share one limit.

    Returns:
        The reasons of failures by message ID. These messages must be delivered again, or they are lost.
    """

    def send(one: _Rejected) -> None:
        complete, reduced = (_attributes(one, limit) for limit in _MESSAGE_LIMITS)
        queue = aws.client("sqs", brief=True)
        try:
            queue.send_message(QueueUrl=queue_url, MessageBody=one.message.body, MessageAttributes=complete)
        except ClientError as error:
            if reduced == complete or calls.is_transient(error) or deadline.remaining() <= 0:
                raise
            queue.send_message(QueueUrl=queue_url, MessageBody=one.message.body, MessageAttributes=reduced)

    failed: dict[str, str] = {}
    for one, error in zip(rejected, calls.call_each_until(send, rejected, deadline), strict=True):
        if error is not None:
            failed[one.message.message_id] = f"rejected queue: {error}"
            continue
        log.warning("rejected", extra={"event": "rejected", "code": one.code, "reason": one.reason, **one.ids})
    return failed


def _attributes(rejected: _Rejected, limit: int) -> dict[str, Any]:
    """Return as many of code, reason and IDs as fit next to the body; the log has all of them.

    Args:
        rejected: the message.
        limit: the bytes that the queue accepts for the message with its attributes.
    """
    attributes: dict[str, Any] = {}
    remaining = limit - len(rejected.message.body.encode())
    for name, text in {"Code": rejected.code, "Reason": rejected.reason[:_MAX_REASON], **rejected.ids}.items():
        # A reason may quote what was sent, and an attribute can be neither empty nor have control characters.
        value = json.dumps(text, ensure_ascii=True)[1:-1].replace('\\"', '"')
        kind = "String"
        if name == "Reason":
            value = value[: max(0, remaining - len(name) - len(kind))]
        size = len(name) + len(kind) + len(value)
        if value and size <= remaining:
            attributes[name] = {"DataType": kind, "StringValue": value}
            remaining -= size
    return attributes


def _report_retries(messages: Sequence[Message], name: str, now: datetime) -> None:
    """Publish the age of the oldest event that the archive has received before.

    The queue's own metric leaves out messages that were received three times. This is published before the events are
    processed, because one of them may end the function.
    """
    ages = [now - message.sent for message in messages if message.is_retry and message.sent is not None]
    if ages:
        emf.count(name, {"OldestRetriedEventAge": max(0, int(max(ages).total_seconds()))}, unit="Seconds")


def _report(batch: _Batch, messages: Sequence[Message]) -> None:
    """Log one line for the batch, with the IDs of its events, and publish the counts that the alarms use."""
    names = [*(outcome.value for outcome in _COUNTED), "Rejected", "ExtractionFailures"]
    counts = {**{name: batch.counts[name] for name in names}, "Failed": len(batch.failed)}
    log.info(
        "batch archived",
        extra={
            "event": "batch",
            "messages": len(messages),
            **counts,
            "EventIds": batch.event_ids,
        },
    )
    for reason, times in Counter(batch.failed.values()).items():
        # The reason is also in the text, for logs that have nothing else of a line.
        fields = {"event": "messages_failed", "reason": reason, "messages": times}
        log.error("messages failed: %s", reason, extra=fields)
    emf.count(batch.settings.name, counts)
