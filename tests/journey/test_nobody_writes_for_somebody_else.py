"""What the hub does not believe or understand goes to the rejected queue, verbatim, with the reason."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .company import ALPHA, BRAVO, SPOKES, bus_arn
from .hub import Hub
from .spoke import Spoke, now, result

TABLES = ("table_name", "latest_table_name", "spokes_table_name")
RUN = {"StartedAt": now(), "FinishedAt": now(), "Emitted": 1, "Failed": 0, "Metrics": ["Forged"]}
FAILURE = {"MetricName": "Forged", "ErrorType": "E", "ErrorMessage": "m", "ExtractionDate": now()}


def _tables(central: Hub) -> dict[str, list[dict[str, Any]]]:
    central.settle()
    return {table: central.items(table) for table in TABLES}


def _refused(central: Hub, event_id: str, detail: object) -> dict[str, str]:
    """The refused message of an event, once it is there; what was sent stands in it as it was sent."""
    message = central.wait_for_rejected(event_id)
    event = json.loads(message["Body"])
    assert (event["id"], event["detail"]) == (event_id, detail)
    assert "EventId" not in message or message["EventId"] == event_id
    return message


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("metric_extractor", result("Bravo", "prod", "Forged", 999)),
        ("metric_extractor_failure", {**FAILURE, "ProjectName": "Bravo", "Environment": "prod"}),
        ("metric_extractor_run", {**RUN, "ProjectName": "Bravo", "Environment": "prod"}),
    ],
)
def test_an_event_for_another_project_is_refused(central: Hub, alpha: Spoke, kind: str, detail: dict[str, Any]) -> None:
    """Results, failures and runs alike; the reason says what is registered and what was sent."""
    before = _tables(central)
    message = _refused(central, alpha.put(detail, kind=kind), detail)
    assert message["Code"] == "Unregistered"
    assert f"account {ALPHA} sent for Bravo/prod" in message["Reason"]
    registered = bus_arn(BRAVO, "bravo-team-spoke", "us-east-1")
    assert f"/monitored_projects/Bravo/prod registers {registered}" in message["Reason"]
    assert _tables(central) == before


def test_an_event_for_a_project_that_nobody_registered_is_refused(central: Hub, alpha: Spoke) -> None:
    """The mistake everyone makes first: the spoke's name and the parameter's differ. The reason names the command."""
    detail = result("Project1", "dev", "Jobs", 1)
    message = _refused(central, alpha.put(detail), detail)
    assert message["Code"] == "Unregistered"
    assert (
        f"aws ssm put-parameter --name /monitored_projects/Project1/dev --type String --value {ALPHA}"
        in (message["Reason"])
    )


@pytest.mark.parametrize(
    ("changes", "code", "told"),
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
def test_a_result_that_breaks_the_contract_is_refused(
    central: Hub, alpha: Spoke, changes: dict[str, Any], code: str, told: str
) -> None:
    """The reason names the key, since its reader wrote the producer."""
    detail = result("Beta", "dev", "Refused", 1, **changes)
    before = _tables(central)
    message = _refused(central, alpha.put(detail), detail)
    assert message["Code"] == code
    assert told in message["Reason"]
    assert _tables(central) == before


def test_a_refresh_from_a_spoke_is_refused_and_asks_nobody(
    central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke
) -> None:
    """A spoke may put on the hub's bus, and must not make the hub's other spokes work."""
    refresh_id = str(uuid.uuid4())
    detail = {"RefreshId": refresh_id}
    message = _refused(central, alpha.put(detail, bus=central.bus_arn), detail)
    assert message["Code"] == "Malformed"
    assert "only the hub itself" in message["Reason"]
    # A refresh that came after it has been answered, and nothing of the forged one is there.
    central.refreshed(*SPOKES, Metrics=["Fraction"])
    for spoke in (alpha, bravo, charlie):
        assert spoke.log(RefreshId=refresh_id) == []


@pytest.mark.parametrize(
    ("source", "kind", "told"),
    [
        ("intruder", "metric_extractor", "source is 'intruder', expected 'metric_extractor'"),
        ("metric_extractor", "metric_extractor_secret", "detail-type is 'metric_extractor_secret'"),
    ],
)
def test_what_is_no_event_of_ours_is_refused_on_the_hubs_bus(
    central: Hub, alpha: Spoke, source: str, kind: str, told: str
) -> None:
    """It is refused with a reason instead of vanishing because no rule matched."""
    detail = result("Beta", "dev", "Foreign", 1)
    message = _refused(central, alpha.put(detail, source=source, kind=kind, bus=central.bus_arn), detail)
    assert told in message["Reason"]


def test_what_is_no_event_of_ours_does_not_leave_the_spoke(central: Hub, alpha: Spoke) -> None:
    """A spoke's bus may carry its team's other events, and the hub need not see them."""
    detail = result("Beta", "dev", "Private", 1)
    kept = [alpha.put(detail, source="team"), alpha.put(detail, kind="team_event")]
    last = alpha.put(result("Beta", "dev", "AfterPrivate", 1))
    central.archived(last)
    central.settle()
    assert central.history(MetricName="Private") == []
    assert central.rejected(lambda message: json.loads(message["Body"])["id"] in kept) == []
