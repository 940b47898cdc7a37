"""The ledger: what was sent, what the tables and queues of the hub hold, and whether the two agree."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from ds_dashboard_dev.testing import events
from ds_dashboard_dev.testing.events import Event, identity_of_body, identity_of_item
from ds_dashboard_dev.testing.installation import Hub, Item, Message


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of a ledger, all since its first event.

    Attributes:
        sent: entries that a bus or a queue accepted, counted each time one was sent.
        accepted: distinct events that the hub must have.
        deliveries: messages that the archive's queue handed out, counted each time.
        items: items of the history table.
        refused: distinct events that the hub must refuse.
        rejected: messages found on the rejected queue.
        dead_letters: messages found on dead-letter queues.
        redriven: messages sent again from one of these queues.
        lost: accepted events without an item, and refused ones that are not on the rejected queue.
        doubled: items beyond the first of an event.
        unexpected: items of no accepted event, and rejected messages of no refused one.
    """

    sent: int = 0
    accepted: int = 0
    deliveries: int = 0
    items: int = 0
    refused: int = 0
    rejected: int = 0
    dead_letters: int = 0
    redriven: int = 0
    lost: int = 0
    doubled: int = 0
    unexpected: int = 0

    def __sub__(self, earlier: Totals) -> Totals:
        return Totals(*(getattr(self, one.name) - getattr(earlier, one.name) for one in fields(self)))

    @property
    def sound(self) -> bool:
        """Whether nothing is lost, doubled or unexpected."""
        return not (self.lost or self.doubled or self.unexpected)


@dataclass(slots=True)
class Ledger:
    """The ledger of one hub. While it is open, every event that anybody sends to that hub must be entered.

    Attributes:
        hub: the hub.
        began: when the ledger was opened.
        sent: as in `Totals`.
        dead_letters: as in `Totals`.
        redriven: as in `Totals`.
        rejected: messages collected from the rejected queue and not sent again.
    """

    hub: Hub
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent: int = 0
    dead_letters: int = 0
    redriven: int = 0
    rejected: list[Message] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _accepted: set[str] = field(default_factory=set)
    _newest: dict[tuple[str, str], str] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _foreign: Counter[str] = field(default_factory=Counter)

    def disregard_foreign(self) -> None:
        """Leave out of all counts what others sent to the hub while the ledger was not in use."""
        self.hub.take("rejected")
        found = self._items()
        self._foreign = Counter({one: count for one, count in found.items() if one not in self._accepted})
        self._newest = self._shown_of_spokes()

    def enter(self, sent: Iterable[Event]) -> None:
        """Enter events that a bus or a queue accepted; an event that was sent again is entered again."""
        for event in sent:
            identity = event.identity
            with self._lock:
                self.sent += 1
                if event.refused is not None:
                    self._refused[identity] = event.refused
                elif event.kind == events.RESULT:
                    self._accepted.add(identity)
                elif not event.is_as_of:
                    subject, date = event.subject
                    self._newest[subject] = max(date, self._newest.get(subject, ""))

    def enter_again(self, sent: int) -> None:
        """Enter that so many events, entered before, were sent once more."""
        with self._lock:
            self.sent += sent

    def collect(self) -> None:
        """Take everything off the rejected queue."""
        self.rejected += self.hub.take("rejected")

    def redrive_rejected(self) -> int:
        """Send the rejected messages again that the hub must accept; returns how many."""
        accepted = [message for message in self.rejected if identity_of_body(message.body) in self._accepted]
        self.rejected = [message for message in self.rejected if identity_of_body(message.body) not in self._accepted]
        self.hub.enqueue([message.body for message in accepted])
        self.redriven += len(accepted)
        return len(accepted)

    def totals(self) -> Totals:
        """Count all tables and queues anew."""
        found = self._items() - self._foreign
        rejected = Counter(identity_of_body(message.body) for message in self.rejected)
        return Totals(
            sent=self.sent,
            accepted=len(self._accepted),
            deliveries=self._deliveries(),
            items=found.total(),
            refused=len(self._refused),
            rejected=rejected.total(),
            dead_letters=self.dead_letters,
            redriven=self.redriven,
            lost=len(self._accepted - found.keys()) + len(self._refused.keys() - rejected.keys()),
            doubled=found.total() - len(found),
            unexpected=len(found.keys() - self._accepted) + len(rejected.keys() - self._refused.keys()),
        )

    def discrepancies(self) -> list[str]:
        """Return everything in which tables and queues differ from what was sent, a sentence each."""
        return [*self._misplaced(), *self._wrongly_rejected(), *self._wrong_latest(), *self._wrong_spokes()]

    def _items(self) -> Counter[str]:
        return Counter(identity_of_item(item) for item in self.hub.items("metrics"))

    def _misplaced(self) -> list[str]:
        """Events that are lost, doubled or unexpected."""
        found = self._items() - self._foreign
        rejected = {identity_of_body(message.body) for message in self.rejected}
        return [
            *(f"lost: {one}" for one in sorted(self._accepted - found.keys())),
            *(f"refused and lost: {one}" for one in sorted(self._refused.keys() - rejected)),
            *(f"doubled: {one}" for one, times in found.items() if times > 1),
            *(f"unexpected: {one}" for one in sorted(found.keys() - self._accepted)),
            *(f"rejected but acceptable: {one}" for one in sorted(rejected - self._refused.keys())),
        ]

    def _wrongly_rejected(self) -> list[str]:
        """Rejected messages without a reason, or with another code than expected."""
        wrong = []
        for message in self.rejected:
            expected = self._refused.get(identity_of_body(message.body))
            if not message.attributes.get("Reason") or message.attributes.get("Code") != expected:
                wrong.append(f"expected {expected}, found {message.attributes}")
        return wrong

    def _wrong_latest(self) -> list[str]:
        """Series whose latest value is not the newest of the history, or which have none."""
        newest: dict[tuple[str, str], list[Item]] = {}
        for item in self.hub.items("metrics"):
            series = (f"{item['ProjectName']}#{item['Environment']}", item["MetricName"])
            before = newest.get(series)
            if before is None or before[0]["SentExtractionDate"] < item["SentExtractionDate"]:
                newest[series] = [item]
            elif before[0]["SentExtractionDate"] == item["SentExtractionDate"]:
                before.append(item)
        shown = {(item["Project"], item["MetricName"]): item for item in self.hub.items("latest")}
        wrong = [f"{series} is shown and is not in the history" for series in shown.keys() - newest.keys()]
        for series, candidates in newest.items():
            latest = shown.get(series)
            if latest is None or identity_of_item(latest) not in {identity_of_item(one) for one in candidates}:
                wrong.append(f"{series} shows {latest}, the newest is {candidates[0]}")
        return wrong

    def _wrong_spokes(self) -> list[str]:
        """Spokes whose last run, or whose failure of a metric, is not the newest that was accepted."""
        shown = self._shown_of_spokes()
        differ = sorted(shown.items() ^ self._newest.items())
        return [f"spokes table: {subject} has {shown.get(subject)}, {date} differs" for subject, date in differ]

    def _shown_of_spokes(self) -> dict[tuple[str, str], str]:
        """The dates in the spokes table, by the subjects of events."""
        shown: dict[tuple[str, str], str] = {}
        for item in self.hub.items("spokes"):
            shown[item["Project"], ""] = item.get("FinishedAt", "")
            for metric, failure in item.get("Failures", {}).items():
                shown[item["Project"], metric] = failure["ExtractionDate"]
        return {subject: date for subject, date in shown.items() if date}

    def _deliveries(self) -> int:
        """The number of messages received, from the queue's own metric."""
        points = self.hub.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="NumberOfMessagesReceived",
            Dimensions=[{"Name": "QueueName", "Value": f"{self.hub.name}-{self.hub.QUEUE}"}],
            StartTime=self.began - timedelta(minutes=1),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(round(point["Sum"]) for point in points)
