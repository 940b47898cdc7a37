"""Any producer in a registered account reports with PutEvents on the spoke's bus: no function, no package of ours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .company import ALPHA
from .hub import Hub
from .spoke import Spoke, result, unused


def test_the_six_base_keys_are_enough(central: Hub, alpha: Spoke) -> None:
    """Two more projects on one account id, without a Lambda of their own."""
    for project_name, environment in (("Alpha", "prod"), ("Beta", "dev")):
        item = central.archived(alpha.put(result(project_name, environment, "Backlog", 12.75)))
        assert item["MetricValue"] == Decimal("12.75")
        assert (item["ProjectName"], item["Environment"], item["AccountId"]) == (project_name, environment, ALPHA)
        assert central.latest(f"{project_name}/{environment}")["Backlog"]["EventId"] == item["EventId"]
        assert not {"Unit", "RefreshId", "Breakdown"} & item.keys()


def test_dates_as_the_aws_sample_writes_them_are_utc(central: Hub, alpha: Spoke) -> None:
    """Producers written for the sample stay as they are; what is stored sorts with all other dates."""
    item = central.archived(alpha.put(_dated("2026-03-01 08:15:00.250000")))
    assert item["ExtractionDate"] == "2026-03-01T08:15:00.250000Z"


def test_dates_with_an_offset_become_utc(central: Hub, alpha: Spoke) -> None:
    """The same instant, however its producer's clock is set."""
    item = central.archived(alpha.put(_dated("2026-03-01T10:15:00.75+02:00")))
    assert item["ExtractionDate"] == "2026-03-01T08:15:00.750000Z"


def test_digits_of_a_plain_producer_survive(central: Hub, alpha: Spoke) -> None:
    """Written as text, since json.dumps of a producer may have decimals of its own."""
    detail = (
        f'{{"MetricName": "{unused("Digits")}", '
        '"MetricValue": 0.10000000000000000000000000000000000001, "Metadata": {"n": 1e-3},'
        ' "ExtractionDate": "2026-03-01T00:00:00Z", "Environment": "dev", "ProjectName": "Beta"}'
    )
    item = central.archived(alpha.put(detail))
    assert item["MetricValue"] == Decimal("0.10000000000000000000000000000000000001")
    assert item["Metadata"] == {"n": Decimal("0.001")}


def test_an_older_value_does_not_replace_a_newer_one(central: Hub, alpha: Spoke) -> None:
    """A producer that catches up sends its oldest value last."""
    metric = unused("CatchingUp")
    newer = central.archived(alpha.put(_dated("2026-03-03 00:00:00.000000", metric)))
    older = central.archived(alpha.put(_dated("2026-03-02 00:00:00.000000", metric)))
    central.settle()
    assert central.latest("Beta/dev")[metric]["EventId"] == newer["EventId"]
    assert [item["EventId"] for item in central.history(MetricName=metric)] == [
        older["EventId"],
        newer["EventId"],
    ]


def test_a_plain_producer_is_not_silent(central: Hub, alpha: Spoke) -> None:
    """It sends values and no run event; an alarm that rings for ever is one that nobody hears."""
    central.archived(alpha.put(result("Alpha", "prod", unused("Backlog"), 1)))
    central.settle()
    silent = [spoke["Project"] for spoke in central.invoke("watch_function_name")["SilentSpokes"]]
    assert "Alpha/prod" not in silent
    assert "Silent1/dev" in silent


def _dated(date: str, metric: str | None = None) -> dict[str, Any]:
    return result("Beta", "dev", metric or unused("Dated"), 1, ExtractionDate=date)
