"""The ledger: what was sent on one side, what the tables and queues hold on the other, and whether the two agree."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from ds_dashboard_dev.soak import events
from ds_dashboard_dev.soak.events import Event
from ds_dashboard_dev.soak.side import Hub, Item, Message


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of a ledger, all since its beginning.

    Attributes:
        sent: entries that a bus or a queue has taken, each time one was sent.
        accepted: distinct events that the hub must have.
        deliveries: messages handed out by the queue of the archive, each time one was.
        items: of the history table.
        refused: distinct events that the hub must refuse.
        rejected: messages that were found in the rejected queue.
        dead_letters: messages that were found in dead-letter queues.
        redriven: messages that were put back from one of these queues.
        lost: accepted events without an item, and refused ones that are not in the rejected queue.
        doubled: items beyond the first of an event.
        uninvited: items of no accepted event, and rejected messages of no refused one.
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
    uninvited: int = 0

    def __sub__(self, earlier: Totals) -> Totals:
        return Totals(*(getattr(self, one.name) - getattr(earlier, one.name) for one in fields(self)))

    @property
    def sound(self) -> bool:
        """Whether nothing is lost, doubled or uninvited."""
        return not (self.lost or self.doubled or self.uninvited)


@dataclass(slots=True)
class Ledger:
    """The ledger of one hub, from its first event on. Nobody else may send to that hub."""

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

    def enter(self, sent: Iterable[Event]) -> None:
        """Note events that a bus or a queue has taken; one that was sent again is noted again."""
        for event in sent:
            identity = event.identity
            with self._lock:
                self.sent += 1
                if event.refused is not None:
                    self._refused[identity] = event.refused
                elif event.kind == events.RESULT:
                    self._accepted.add(identity)
                else:
                    subject, date = event.subject
                    self._newest[subject] = max(date, self._newest.get(subject, ""))

    def enter_again(self, sent: int) -> None:
        """Note that so many events, entered before, were sent once more."""
        with self._lock:
            self.sent += sent

    def collect(self) -> None:
        """Take what stands on the rejected queue."""
        self.rejected += self.hub.take("rejected")

    def put_back_rejected(self) -> int:
        """Put those of the rejected back that are welcome now; returns how many these are."""
        welcome = [message for message in self.rejected if events.of_body(message["Body"]) in self._accepted]
        self.rejected = [message for message in self.rejected if events.of_body(message["Body"]) not in self._accepted]
        self.hub.enqueue([message["Body"] for message in welcome])
        self.redriven += len(welcome)
        return len(welcome)

    def totals(self) -> Totals:
        """Count all tables and queues anew."""
        found = Counter(events.of_item(item) for item in self.hub.items("metrics"))
        turned_away = Counter(events.of_body(message["Body"]) for message in self.rejected)
        return Totals(
            sent=self.sent,
            accepted=len(self._accepted),
            deliveries=self._deliveries(),
            items=found.total(),
            refused=len(self._refused),
            rejected=turned_away.total(),
            dead_letters=self.dead_letters,
            redriven=self.redriven,
            lost=len(self._accepted - found.keys()) + len(self._refused.keys() - turned_away.keys()),
            doubled=found.total() - len(found),
            uninvited=len(found.keys() - self._accepted) + len(turned_away.keys() - self._refused.keys()),
        )

    def wrong(self) -> list[str]:
        """Everything that is not as it should be, a sentence each."""
        return [*self._astray(), *self._wrongly_rejected(), *self._wrongly_latest(), *self._wrongly_of_spokes()]

    def _astray(self) -> list[str]:
        """The events that are lost, doubled or uninvited."""
        found = Counter(events.of_item(item) for item in self.hub.items("metrics"))
        turned_away = {events.of_body(message["Body"]) for message in self.rejected}
        return [
            *(f"lost: {one}" for one in sorted(self._accepted - found.keys())),
            *(f"refused and lost: {one}" for one in sorted(self._refused.keys() - turned_away)),
            *(f"doubled: {one}" for one, times in found.items() if times > 1),
            *(f"uninvited: {one}" for one in sorted(found.keys() - self._accepted)),
            *(f"refused and welcome: {one}" for one in sorted(turned_away - self._refused.keys())),
        ]

    def _wrongly_rejected(self) -> list[str]:
        """Rejected messages without a reason, or with another code than was to be expected."""
        wrong = []
        for message in self.rejected:
            attributes, expected = message["Attributes"], self._refused.get(events.of_body(message["Body"]))
            if not attributes.get("Reason") or attributes.get("Code") != expected:
                wrong.append(f"expected {expected}, found {attributes}")
        return wrong

    def _wrongly_latest(self) -> list[str]:
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
            if latest is None or events.of_item(latest) not in {events.of_item(candidate) for candidate in candidates}:
                wrong.append(f"{series} shows {latest}, the newest is {candidates[0]}")
        return wrong

    def _wrongly_of_spokes(self) -> list[str]:
        """Spokes whose last run, or a failure of a metric of theirs, is not the newest that was accepted."""
        shown: dict[tuple[str, str], str] = {}
        for item in self.hub.items("spokes"):
            shown[item["Project"], ""] = item.get("FinishedAt", "")
            for metric, failure in item.get("Failures", {}).items():
                shown[item["Project"], metric] = failure["ExtractionDate"]
        shown = {subject: date for subject, date in shown.items() if date}
        differ = sorted(shown.items() ^ self._newest.items())
        return [f"spokes table: {subject} has {shown.get(subject)}, {date} differs" for subject, date in differ]

    def _deliveries(self) -> int:
        """What the queue says of itself in CloudWatch."""
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
