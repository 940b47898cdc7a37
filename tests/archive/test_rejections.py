"""Rejected messages: unchanged in the rejected queue, with a reason, and without an effect on the tables."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard import canonical_json
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
