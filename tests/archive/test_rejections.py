"""Rejected messages: unchanged in the rejected queue, with a reason, and without an effect on the tables."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from ds_dashboard import canonical_json, event
from ds_dashboard.hub import history, latest, spokes
from ds_dashboard.hub.registration import Registration

from .conftest import FAILURE, OTHER, RUN, SPOKE, Hub, body, result


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        (result(), "metric_extractor"),
        (RUN, "metric_extractor_run"),
        (FAILURE, "metric_extractor_failure"),
    ],
)
def test_an_account_that_is_not_registered_for_the_project_is_rejected(
    hub: Hub, detail: dict[str, Any], kind: str
) -> None:
    """This is so for results, failures and run events."""
    forged = body(detail, account=OTHER, kind=kind)
    assert hub.archive(forged) == []
    assert (hub.history(), hub.items("latest"), hub.items("spokes")) == ([], [], [])
    (rejected,) = hub.rejected()
    assert rejected["body"] == forged
    assert rejected["Code"] == "Unregistered"
    assert f"account {OTHER} sent for P/dev" in rejected["Reason"]
    assert SPOKE in rejected["Reason"]
    assert rejected["AccountId"] == OTHER


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no event", "Malformed"),
        (body(result(), source="intruder"), "Malformed"),
        (body({}), "Malformed"),
        (body(result(MetricValue=None)), "Malformed"),
        (body(result(ExtractionDate="2099-01-01T00:00:00Z")), "DateAhead"),
        (body(result(MetricValue="x" * 210_000)), "TooLarge"),
        (body(result(MetricName="\x00\x1b[31m\"'", Environment="a/b")), "Malformed"),
    ],
)
def test_a_malformed_message_is_rejected_and_the_others_are_archived(hub: Hub, sent: str, code: str) -> None:
    """One invalid message does not affect the others."""
    assert hub.archive(sent, body(result())) == []
    (rejected,) = hub.rejected()
    assert (rejected["body"], rejected["Code"]) == (sent, code)
    assert len(hub.history()) == 1


def test_a_message_over_256_kb_is_rejected_with_its_reason(hub: Hub) -> None:
    """A queue for messages of 1 MiB delivers it. The rejected queue, of the same size, keeps it completely."""
    sent = body(result(MetricValue="x" * 300_000))
    assert hub.archive(sent, body(result())) == []
    (rejected,) = hub.rejected()
    assert (rejected["body"], rejected["Code"]) == (sent, "TooLarge")
    detail = canonical_json.dumps(result(MetricValue="x" * 300_000))
    assert rejected["Reason"] == f"detail has {len(detail)} bytes, 204800 are allowed"
    assert len(hub.history()) == 1


@pytest.mark.parametrize("limit", [262_144, 400_000, 1_048_576])
@pytest.mark.parametrize("spare", [0, 30, 120, 2000])
def test_a_rejected_message_fits_into_its_queue(hub: Hub, limit: int, spare: int) -> None:
    """The attributes count for its size. As many as fit go with it, and the body is kept in any case."""
    hub.sqs.set_queue_attributes(QueueUrl=hub.rejected_url, Attributes={"MaximumMessageSize": str(limit)})
    sent = "é" * 100 + "x" * (limit - spare - 200)
    assert hub.archive(sent) == []
    (rejected,) = hub.rejected()
    assert rejected["body"] == sent
    assert rejected.get("Code") == ("Malformed" if spare >= 120 or (spare == 30 and limit != 400_000) else None)
    assert ("not JSON: Expecting value" in rejected.get("Reason", "")) is (spare >= 120)


def test_a_redriven_message_is_accepted_once_its_project_is_registered(hub: Hub) -> None:
    """The operator registers the project and redrives the message, so that nothing is lost."""
    hub.archive(body(result(ProjectName="New")))
    (rejected,) = hub.rejected()
    hub.register("New/dev", SPOKE)
    hub.registration = Registration(hub.settings.monitored_projects_path, hub.settings.region)
    assert hub.archive(rejected["body"]) == []
    assert len(hub.history()) == 1


def test_too_many_values_are_rejected_and_the_usual_events_of_the_batch_are_archived(hub: Hub) -> None:
    """29 such events filled a request of Lambda, took 1.3 GB and half a minute, and the whole batch failed 15 times."""
    flood = [body(result(MetricName=f"M{number}", Metadata={"a": [1] * 60_000})) for number in range(12)]
    assert hub.archive(*flood, body(result())) == []
    rejected = hub.rejected()
    assert sorted(one["body"] for one in rejected) == sorted(flood)
    assert {one["Code"] for one in rejected} == {"TooLarge"}
    assert "60" in rejected[0]["Reason"]
    assert "JSON values, 10000 are allowed" in rejected[0]["Reason"]
    assert [item["MetricName"] for item in hub.history()] == ["Jobs"]


def test_a_fault_of_the_archive_fails_only_the_message_it_happened_with(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception would deliver the whole batch again, until all of its events are dead letters."""
    receive = event.receive

    def receive_or_fail(text: str, now: datetime) -> event.Received:
        if "Faulty" in text:
            raise KeyError("a fault")
        return receive(text, now)

    monkeypatch.setattr(event, "receive", receive_or_fail)
    assert hub.archive(body(result(MetricName="Faulty")), body(result())) == ["0"]
    assert [item["MetricName"] for item in hub.history()] == ["Jobs"]


@pytest.mark.parametrize("part", ["registration.Registration.check", "history.write", "latest.write", "spokes.write"])
def test_a_fault_of_the_archive_does_not_take_other_portions_with_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    """The answer and the counts leave, whatever happens."""
    module, _, name = part.rpartition(".")
    owner = {"registration.Registration": Registration, "history": history, "latest": latest, "spokes": spokes}[module]
    works, faults = getattr(owner, name), [KeyError("a fault")]

    def fail_once(*arguments: Any) -> Any:
        if faults:
            raise faults.pop()
        return works(*arguments)

    monkeypatch.setattr(owner, name, fail_once)
    large = body(result(MetricName="Large", Metadata={"a": [1] * 2000}))
    assert hub.archive(body(result()), large) == ["0"]
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["Failed"] == 1
    assert "Large" in [item["MetricName"] for item in hub.history()]
    assert hub.archive(body(result())) == []
