"""A refresh asks whom it names for what it names, and what it cannot understand it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from .company import SPOKES
from .hub import Hub, RefreshFailed
from .spoke import Spoke


def _values(hub: Hub, refresh_id: str) -> dict[str, list[str]]:
    return {spoke: sorted(values) for spoke, values in hub.values(refresh_id).items()}


def _wait_until_not_asked(refresh_id: str, *spokes: Spoke) -> None:
    for spoke in spokes:
        spoke.wait_for_log(event="not_asked", RefreshId=refresh_id)


def test_projects_narrow_who_answers(central: Hub, alpha: Spoke, charlie: Spoke) -> None:
    """Only one team has new data: the others' APIs are not called."""
    refresh_id = central.refreshed("Bravo/prod", Projects=["Bravo"])
    _wait_until_not_asked(refresh_id, alpha, charlie)
    central.settle()
    assert _values(central, refresh_id) == {"Bravo/prod": ["Accuracy", "ManyDigits", "TotalCompletedTrainingJobs"]}


def test_environments_narrow_who_answers(central: Hub, alpha: Spoke, charlie: Spoke) -> None:
    """Production alone, whatever the project."""
    refresh_id = central.refreshed("Bravo/prod", Environments=["prod", "staging"])
    _wait_until_not_asked(refresh_id, alpha, charlie)
    central.settle()
    assert _values(central, refresh_id).keys() == {"Bravo/prod"}


def test_metrics_narrow_what_is_computed(central: Hub) -> None:
    """A cheap metric can be asked often; who does not have it says so, with a run of nothing."""
    refresh_id = central.refreshed(*SPOKES, Metrics=["Accuracy", "ManyDigits"])
    both = ["Accuracy", "ManyDigits"]
    assert _values(central, refresh_id) == {"Alpha/dev": both, "Bravo/prod": both}
    charlie = central.spokes()["Charlie/dev"]
    assert (charlie["Emitted"], charlie["Failed"]) == (0, 0)
    assert not any(central.failures(refresh_id).values())


def test_all_three_narrow_together(central: Hub, bravo: Spoke, charlie: Spoke) -> None:
    """They are conditions that must all hold."""
    refresh_id = central.refreshed(
        "Alpha/dev", Projects=["Alpha", "Bravo"], Environments=["dev"], Metrics=["Accuracy", "Fraction"]
    )
    _wait_until_not_asked(refresh_id, bravo, charlie)
    central.settle()
    assert _values(central, refresh_id) == {"Alpha/dev": ["Accuracy", "Fraction"]}


def test_a_project_that_does_not_exist_changes_nothing(
    central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke
) -> None:
    """A typing error must not look like an answer."""
    central.settle()
    tables = ("table_name", "latest_table_name", "spokes_table_name")
    before = {table: central.items(table) for table in tables}
    refresh_id = central.refresh(Projects=["Alfa"])
    _wait_until_not_asked(refresh_id, alpha, bravo, charlie)
    central.settle()
    assert {table: central.items(table) for table in tables} == before


@pytest.mark.parametrize(
    ("narrowing", "named"),
    [
        ({"Metric": ["Accuracy"]}, "'Metric'"),
        ({"Metrics": "Accuracy"}, "Metrics must be array"),
        ({"Projects": ["a/b"]}, "Projects[0]"),
        ({"Environments": [7]}, "Environments[0]"),
        ({"RefreshId": ""}, "RefreshId"),
    ],
)
def test_a_wrong_narrowing_is_an_error_that_names_the_key(central: Hub, narrowing: dict[str, Any], named: str) -> None:
    """Where it was taken for an empty one, every spoke would be asked for everything."""
    with pytest.raises(RefreshFailed) as refused:
        central.refresh(**narrowing)
    assert named in str(refused.value)
    assert "RefreshId, Metrics, Projects and Environments" in str(refused.value)
