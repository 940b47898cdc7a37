"""Events of any producer with PutEvents: what the hub archives, and what it rejects, verbatim and with the reason."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.worlds.company.world import ALPHA, BRAVO, SPOKES, bus_arn

from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.events import failure, result, run, unused
from ds_dashboard_dev.testing.installation import Hub, Message, Spoke, project_of


def _dated(date: str, metric: str | None = None) -> dict[str, Any]:
    return result("Beta/dev", metric or unused("Dated"), 1, ExtractionDate=date)


def _rejected(central: Hub, event_id: str, detail: object) -> Message:
    """Wait for the rejected message of an event; its body contains `detail` as it was sent."""
    message = central.wait_for_rejected(event_id)
    event = json.loads(message.body)
    assert (event["id"], event["detail"]) == (event_id, detail)
    assert message.attributes.get("EventId", event_id) == event_id
    return message


def test_the_six_base_keys_are_enough(central: Hub, alpha: Spoke) -> None:
    """Two more projects report from Alpha's account without a function of ours."""
    for project in ("Alpha/prod", "Beta/dev"):
        item = central.archived(alpha.put(result(project, "Backlog", 12.75)))
        assert item["MetricValue"] == Decimal("12.75")
        assert (project_of(item), item["AccountId"]) == (project, ALPHA)
        assert central.latest(project)["Backlog"]["EventId"] == item["EventId"]
        assert not {"Unit", "RefreshId", "Breakdown"} & item.keys()


def test_dates_in_the_format_of_the_aws_sample_are_utc(central: Hub, alpha: Spoke) -> None:
    """Producers written for the sample need no change, and their dates sort with all others."""
    item = central.archived(alpha.put(_dated("2026-03-01 08:15:00.250000")))
    assert item["ExtractionDate"] == "2026-03-01T08:15:00.250000Z"


def test_dates_with_an_offset_are_converted_to_utc(central: Hub, alpha: Spoke) -> None:
    """The instant is the same in every time zone."""
    item = central.archived(alpha.put(_dated("2026-03-01T10:15:00.75+02:00")))
    assert item["ExtractionDate"] == "2026-03-01T08:15:00.750000Z"


def test_all_digits_of_a_number_are_archived(central: Hub, alpha: Spoke) -> None:
    """The detail is text, because a producer may write decimals that Python's floats cannot hold."""
    detail = (
        f'{{"MetricName": "{unused("Digits")}", '
        '"MetricValue": 0.10000000000000000000000000000000000001, "Metadata": {"n": 1e-3},'
        ' "ExtractionDate": "2026-03-01T00:00:00Z", "Environment": "dev", "ProjectName": "Beta"}'
    )
    item = central.archived(alpha.put(detail))
    assert item["MetricValue"] == Decimal("0.10000000000000000000000000000000000001")
    assert item["Metadata"] == {"n": Decimal("0.001")}


def test_an_older_value_does_not_replace_a_newer_one(central: Hub, alpha: Spoke) -> None:
    """A producer that catches up may send its oldest value last."""
    metric = unused("CatchingUp")
    newer = central.archived(alpha.put(_dated("2026-03-03 00:00:00.000000", metric)))
    older = central.archived(alpha.put(_dated("2026-03-02 00:00:00.000000", metric)))
    central.settle()
    assert central.latest("Beta/dev")[metric]["EventId"] == newer["EventId"]
    assert [item["EventId"] for item in central.history(MetricName=metric)] == [
        older["EventId"],
        newer["EventId"],
    ]


def test_a_producer_that_sends_no_run_events_is_not_silent(central: Hub, alpha: Spoke) -> None:
    """Its values count as a sign of life; otherwise its alarm would never stop."""
    central.archived(alpha.put(result("Alpha/prod", unused("Backlog"), 1)))
    central.settle()
    silent = [spoke["Project"] for spoke in central.invoke("watch")["SilentSpokes"]]
    assert "Alpha/prod" not in silent
    assert "Silent1/dev" in silent


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("metric_extractor", result("Bravo/prod", "Forged", 999)),
        ("metric_extractor_failure", failure("Bravo/prod", "Forged", ErrorType="E")),
        ("metric_extractor_run", run("Bravo/prod", "forged", Emitted=1, Metrics=["Forged"])),
    ],
)
def test_an_event_for_another_project_is_rejected(
    central: Hub, alpha: Spoke, kind: str, detail: dict[str, Any]
) -> None:
    """The reason names the registered account and the sending one."""
    before = central.tables()
    message = _rejected(central, alpha.put(detail, kind=kind), detail)
    assert message.attributes["Code"] == "Unregistered"
    assert f"account {ALPHA} sent for Bravo/prod" in message.attributes["Reason"]
    registered = bus_arn(BRAVO, "bravo-team-spoke", "us-east-1")
    assert f"/monitored_projects/Bravo/prod registers {registered}" in message.attributes["Reason"]
    assert central.tables() == before


def test_an_event_for_an_unregistered_project_is_rejected(central: Hub, alpha: Spoke) -> None:
    """The most common first mistake: the spoke's name and the parameter's differ. The reason contains the command."""
    detail = result("Project1/dev", "Jobs", 1)
    message = _rejected(central, alpha.put(detail), detail)
    assert message.attributes["Code"] == "Unregistered"
    assert (
        "aws ssm put-parameter --name /monitored_projects/Project1/dev --type String --value ACCOUNT_ID"
        in message.attributes["Reason"]
    )


def test_an_event_of_a_region_that_is_not_registered_is_rejected(central: Hub, bravo: Spoke) -> None:
    """A bare account ID stands for the hub's region. The values of two regions would be one series."""
    project = f"{unused('Region')}/dev"
    detail = result(project, "Jobs", 1)
    with misconfigure.parameter(central, f"/monitored_projects/{project}", BRAVO):
        message = _rejected(central, bravo.put(detail), detail)
    assert message.attributes["Code"] == "Unregistered"
    assert f"account {BRAVO} sent for {project} from us-east-1" in message.attributes["Reason"]
    assert "its spoke in eu-west-1" in message.attributes["Reason"]
    assert "the ARN of the spoke's bus in us-east-1" in message.attributes["Reason"]


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"ExtractionDate": (datetime.now(UTC) + timedelta(days=1)).isoformat()}, "DateAhead", "clock"),
        ({"ExtractionDate": "yesterday"}, "Malformed", "ExtractionDate"),
        ({"MetricValue": None}, "Malformed", "MetricValue"),
        ({"Metadata": "none"}, "Malformed", "Metadata"),
        ({"Environment": "dev/eu"}, "Malformed", "Environment"),
        ({"MetricName": "A#B"}, "Malformed", "MetricName"),
        ({"Metadata": {"text": "x" * 210_000}}, "TooLarge", "204800"),
    ],
)
def test_a_result_that_breaks_the_contract_is_rejected(
    central: Hub, alpha: Spoke, changes: dict[str, Any], code: str, named: str
) -> None:
    """The reason names the key for the person who wrote the producer."""
    detail = result("Beta/dev", "Refused", 1, **changes)
    before = central.tables()
    message = _rejected(central, alpha.put(detail), detail)
    assert message.attributes["Code"] == code
    assert named in message.attributes["Reason"]
    assert central.tables() == before


def test_a_refresh_from_a_spoke_is_rejected_and_reaches_no_spoke(
    central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke
) -> None:
    """A spoke may put events on the hub's bus, and must not start the extractions of other spokes."""
    refresh_id = str(uuid.uuid4())
    detail = {"RefreshId": refresh_id}
    message = _rejected(central, alpha.put(detail, bus_arn=central.bus_arn), detail)
    assert message.attributes["Code"] == "Malformed"
    assert "only the hub itself" in message.attributes["Reason"]
    # A later refresh is answered, and no spoke has seen the forged one.
    central.refreshed(*SPOKES, Metrics=["Fraction"])
    for spoke in (alpha, bravo, charlie):
        assert spoke.log(RefreshId=refresh_id) == []


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        ("intruder", "metric_extractor", "source is 'intruder', expected 'metric_extractor'"),
        ("metric_extractor", "metric_extractor_secret", "detail-type is 'metric_extractor_secret'"),
    ],
)
def test_a_foreign_event_on_the_hubs_bus_is_rejected(
    central: Hub, alpha: Spoke, source: str, kind: str, reason: str
) -> None:
    """It is rejected with a reason and does not disappear because no rule matches it."""
    detail = result("Beta/dev", "Foreign", 1)
    message = _rejected(central, alpha.put(detail, source=source, kind=kind, bus_arn=central.bus_arn), detail)
    assert reason in message.attributes["Reason"]


def test_a_foreign_event_on_a_spokes_bus_stays_there(central: Hub, alpha: Spoke) -> None:
    """A spoke's bus may carry other events of its team, which are not the hub's business."""
    detail = result("Beta/dev", "Private", 1)
    event_ids = [alpha.put(detail, source="team"), alpha.put(detail, kind="team_event")]
    last = alpha.put(result("Beta/dev", "AfterPrivate", 1))
    central.archived(last)
    central.settle()
    assert central.history(MetricName="Private") == []
    assert central.rejected(lambda message: json.loads(message.body)["id"] in event_ids) == []
