"""The documented costs of an installation."""

from __future__ import annotations

import json

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


def test_the_documented_costs_are_the_computed_ones() -> None:
    """A table that is written by hand is wrong after the first change."""
    assert costs.table() in COSTS.read_text(), (
        "docs/costs.md: the table of costs is out of date; replace it with the one that `make costs` prints"
    )
