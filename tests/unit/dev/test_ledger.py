"""The ledger of the test kit reports every discrepancy between what was sent and what arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from ds_dashboard import canonical_json
from ds_dashboard_dev.testing.events import FAILURE, RUN, Event, instant, result_event
from ds_dashboard_dev.testing.installation import Item, Message
from ds_dashboard_dev.testing.ledger import Ledger

NORTH, SOUTH = "640000000002", "640000000003"


@dataclass
class Tables:
    """A hub whose tables and rejected queue a test fills."""

    name: str = "pair"
    QUEUE: str = "events"
    tables: dict[str, list[Item]] = field(default_factory=lambda: {"metrics": [], "latest": [], "spokes": []})
    rejected: list[Message] = field(default_factory=list)

    def items(self, table: str) -> list[Item]:
        return self.tables[table]

    def take(self, role: str) -> list[Message]:
        taken, self.rejected = self.rejected, []
        return taken

    def client(self, service: str) -> Any:
        return self

    def get_metric_statistics(self, **_: Any) -> dict[str, Any]:
        return {"Datapoints": []}

    def archive(self, *events: Event) -> None:
        """Write events to history and latest, as the archive does."""
        for event in events:
            item = {**canonical_json.loads(event.detail), "AccountId": event.account, "Region": "eu-west-1"}
            item["SentExtractionDate"] = item["ExtractionDate"]
            project = f"{item['ProjectName']}#{item['Environment']}"
            self.tables["metrics"].append(item)
            self.tables["latest"].append({**item, "Project": project})

    def reject(self, *events: Event, code: str = "Unregistered", reason: str = "because") -> None:
        """Put events on the rejected queue."""
        for event in events:
            self.rejected.append(Message(event.body("id"), {"Code": code, "Reason": reason}))


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def ledger(tables: Tables) -> Ledger:
    return Ledger(tables)  # type: ignore[arg-type]


def _close(ledger: Ledger, sent: Iterable[Event]) -> tuple[int, int, int, int]:
    """Return lost, doubled and unexpected events, and the number of discrepancies."""
    ledger.enter(sent)
    ledger.collect()
    totals = ledger.totals()
    return totals.lost, totals.doubled, totals.unexpected, len(ledger.discrepancies())


GOOD = result_event(NORTH, "North/dev", "Jobs", 1)
BAD = result_event(SOUTH, "North/dev", "Jobs", 1, refused="Unregistered")


def test_a_hub_that_has_what_was_sent_is_sound(ledger: Ledger, tables: Tables) -> None:
    """An event sent twice is one event."""
    tables.archive(GOOD)
    tables.reject(BAD, BAD)
    assert _close(ledger, [GOOD, GOOD, BAD]) == (0, 0, 0, 0)
    totals = ledger.totals()
    assert (totals.sent, totals.accepted, totals.items, totals.refused, totals.rejected) == (3, 1, 1, 1, 2)


def test_an_event_without_an_item_is_lost(ledger: Ledger) -> None:
    assert _close(ledger, [GOOD]) == (1, 0, 0, 1)


def test_a_rejected_event_that_vanished_is_lost(ledger: Ledger) -> None:
    assert _close(ledger, [BAD]) == (1, 0, 0, 1)


def test_a_second_item_of_an_event_is_one_too_many(ledger: Ledger, tables: Tables) -> None:
    tables.archive(GOOD)
    tables.tables["metrics"] *= 2
    assert _close(ledger, [GOOD]) == (0, 1, 0, 1)


def test_what_others_sent_before_is_left_out(ledger: Ledger, tables: Tables) -> None:
    """A hub is used by other tests while the ledger is not; what they sent is neither missing nor unexpected."""
    tables.archive(GOOD)
    tables.reject(BAD)
    tables.tables["spokes"] = [{"Project": "North#dev", "FinishedAt": instant()}]
    ledger.disregard_foreign()
    another = result_event(NORTH, "North/dev", "Jobs", 2)
    tables.archive(another)
    assert _close(ledger, [another]) == (0, 0, 0, 0)
    assert ledger.totals().items == 1
    tables.archive(another)
    assert ledger.totals().doubled == 1


@pytest.mark.parametrize("value", [1.0000001, "1", 2, -1, None])
def test_an_item_with_another_value_is_another_item(ledger: Ledger, tables: Tables, value: Any) -> None:
    """The right value is lost, and one that nobody sent is there."""
    tables.archive(GOOD)
    for table in ("metrics", "latest"):
        tables.tables[table][0]["MetricValue"] = canonical_json.loads(canonical_json.dumps(value))
    lost, doubled, unexpected, _ = _close(ledger, [GOOD])
    assert (lost, doubled, unexpected) == (1, 0, 1)


def test_numbers_are_the_same_however_they_are_written(ledger: Ledger, tables: Tables) -> None:
    sent = Event(NORTH, GOOD.detail.replace('"MetricValue":1', '"MetricValue":1.00e0'))
    tables.archive(GOOD)
    assert _close(ledger, [sent]) == (0, 0, 0, 0)


def test_a_rejected_event_that_was_acceptable_is_reported(ledger: Ledger, tables: Tables) -> None:
    tables.reject(GOOD)
    lost, doubled, unexpected, _ = _close(ledger, [GOOD])
    assert (lost, doubled, unexpected) == (1, 0, 1)


@pytest.mark.parametrize(("code", "reason"), [("Malformed", "because"), ("Unregistered", "")])
def test_a_rejection_with_another_code_or_without_a_reason_is_reported(
    ledger: Ledger, tables: Tables, code: str, reason: str
) -> None:
    tables.reject(BAD, code=code, reason=reason)
    assert _close(ledger, [BAD]) == (0, 0, 0, 1)


def test_an_older_value_shown_as_the_latest_is_reported(ledger: Ledger, tables: Tables) -> None:
    older = result_event(NORTH, "North/dev", "Jobs", 1, at="2026-11-24T11:00:00.000000Z")
    newer = result_event(NORTH, "North/dev", "Jobs", 2, at="2026-11-24T12:00:00.000000Z")
    tables.archive(older, newer)
    del tables.tables["latest"][1]
    assert _close(ledger, [older, newer]) == (0, 0, 0, 1)
    tables.tables["latest"] = []
    assert len(ledger.discrepancies()) == 1


def test_a_run_or_a_failure_that_is_not_the_newest_is_reported(ledger: Ledger, tables: Tables) -> None:
    """The spokes table keeps the newest only, so that is what can be compared."""
    early, late = instant(), "2099-01-01T00:00:00.000000Z"
    where = {"ProjectName": "North", "Environment": "dev"}
    runs = [Event(NORTH, canonical_json.dumps({**where, "FinishedAt": at}), RUN) for at in (early, late)]
    failure = Event(NORTH, canonical_json.dumps({**where, "MetricName": "Jobs", "ExtractionDate": early}), FAILURE)
    shown = {"Project": "North#dev", "FinishedAt": late, "Failures": {"Jobs": {"ExtractionDate": early}}}
    tables.tables["spokes"] = [shown]
    assert _close(ledger, [*runs, failure]) == (0, 0, 0, 0)
    changes: list[Item] = [{"FinishedAt": early}, {"Failures": {}}, {"Failures": {"Jobs": {"ExtractionDate": late}}}]
    for changed in changes:
        tables.tables["spokes"] = [{**shown, **changed}]
        assert ledger.discrepancies()
