"""The documented costs of an installation."""

from __future__ import annotations

import json

import pytest

from ds_dashboard_dev import costs
from ds_dashboard_dev.checkout import CHECKOUT

INVENTORIES = CHECKOUT / "tests" / "terraform" / "inventories"
COSTS = CHECKOUT / "docs" / "costs.md"


def _alarms(case: str) -> int:
    resources = json.loads((INVENTORIES / f"{case}.inventory.json").read_text())["resources"]
    return sum("aws_cloudwatch_metric_alarm" in address for address in resources)


def test_the_costs_count_the_alarms_of_the_modules() -> None:
    """Alarms are the largest part of the bill, and a new one changes it."""
    assert _alarms("hub-default") + _alarms("connection-hub") == costs.HUB_ALARMS
    assert _alarms("spoke-default") + _alarms("connection-spoke") == costs.SPOKE_ALARMS


def test_the_report_has_the_alarms_that_are_counted() -> None:
    """They cost more than the report."""
    names = json.loads((INVENTORIES / "hub-everything.inventory.json").read_text())["resources"]
    assert sum('alarm.this["report-' in address for address in names) == costs.REPORT_ALARMS


def test_each_view_and_each_report_costs_the_same() -> None:
    """Only alarms, the dashboard and versions of the report cost without them."""
    none, one, ten = (costs.dashboard(100, views_a_day=views) for views in (0, 1, 10))
    assert none == costs.DASHBOARD
    assert ten - none == pytest.approx(10 * (one - none))
    none, one, ten = (costs.report(100, reports_a_day=reports) for reports in (0, 1, 10))
    assert none == pytest.approx(costs.REPORT_ALARMS * costs.ALARM, abs=0.001)
    assert ten - none == pytest.approx(10 * (one - none))


def test_a_report_of_very_many_series_ends_in_time() -> None:
    """Its function ends after 15 minutes, which also have to suffice for a slower processor, and for HTML."""
    assert costs.read_report(4_000).seconds < 60


def test_the_documented_costs_are_the_computed_ones() -> None:
    """A table that is written by hand is wrong after the first change."""
    for table in (costs.table(), costs.pages_table()):
        assert table in COSTS.read_text(), (
            "docs/costs.md: a table of costs is out of date; replace it with the one that `make costs` prints"
        )
