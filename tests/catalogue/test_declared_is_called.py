"""Every metric declares exactly the actions that it calls, reads every page, and fails if a call fails."""

from __future__ import annotations

import json

import pytest

from ds_dashboard_cli.authoring import check
from ds_dashboard_dev.checkout import CHECKOUT

from .scenarios import BY_FAMILY, scenarios_of

MANIFEST = json.loads((CHECKOUT / "modules" / "spoke" / "metrics.json").read_text())["metrics"]

every_metric = pytest.mark.parametrize("name", MANIFEST)


@every_metric
def test_permissions_are_those_of_iam_and_as_narrow_as_it_allows(name: str) -> None:
    """AWS accepts an action or a resource that does not exist, and the metric is denied in the spoke."""
    assert check.permissions(name, MANIFEST[name]) == []


@every_metric
def test_a_metric_reports_what_it_must_and_needs_what_it_declares(name: str) -> None:
    """On all branches: too many permissions break least privilege, too few a chart, a missed page makes it wrong."""
    assert check.scenarios(name, MANIFEST[name], scenarios_of(name)) == []


def test_every_scenario_is_in_the_file_of_its_family() -> None:
    """A scenario without a metric tests nothing."""
    families = {one.metric: family for family, scenarios in BY_FAMILY.items() for one in scenarios}
    assert families == {name: entry["family"] for name, entry in MANIFEST.items()}
