"""Which spokes a refresh reaches, by command and by schedule, which metrics they compute, and what is an error."""

from __future__ import annotations

from typing import Any

import pytest
from tests.worlds.company.world import ALPHA, BRAVO, CHARLIE, FAR_REGION, HUB, SPOKES, Company

from ds_dashboard_dev.testing.events import instant
from ds_dashboard_dev.testing.installation import FunctionFailed, Hub, Spoke
from ds_dashboard_dev.testing.misconfigure import disabled_schedule
from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local import LocalCloudError


def _metrics(hub: Hub, refresh_id: str) -> dict[str, list[str]]:
    """The names of the metrics that each spoke reported."""
    return {spoke: sorted(values) for spoke, values in hub.values(refresh_id).items()}


def _wait_until_not_asked(refresh_id: str, *spokes: Spoke) -> None:
    for spoke in spokes:
        spoke.wait_for_log(event="not_asked", RefreshId=refresh_id)


def test_a_refresh_can_name_projects(central: Hub, alpha: Spoke, charlie: Spoke) -> None:
    """Only one team has new data: the APIs of the other teams are not called."""
    refresh_id = central.refreshed("Bravo/prod", Projects=["Bravo"])
    _wait_until_not_asked(refresh_id, alpha, charlie)
    central.settle()
    assert _metrics(central, refresh_id) == {"Bravo/prod": ["Accuracy", "ManyDigits", "TotalCompletedTrainingJobs"]}


def test_a_refresh_can_name_environments(central: Hub, alpha: Spoke, charlie: Spoke) -> None:
    """Production only, of every project."""
    refresh_id = central.refreshed("Bravo/prod", Environments=["prod", "staging"])
    _wait_until_not_asked(refresh_id, alpha, charlie)
    central.settle()
    assert _metrics(central, refresh_id).keys() == {"Bravo/prod"}


def test_a_refresh_can_name_metrics(central: Hub) -> None:
    """A cheap metric can be refreshed often; a spoke without it reports a run of no metrics."""
    refresh_id = central.refreshed(*SPOKES, Metrics=["Accuracy", "ManyDigits"])
    both = ["Accuracy", "ManyDigits"]
    assert _metrics(central, refresh_id) == {"Alpha/dev": both, "Bravo/prod": both}
    charlie = central.spokes()["Charlie/dev"]
    assert (charlie["Emitted"], charlie["Failed"]) == (0, 0)
    assert not any(central.failures(refresh_id).values())


def test_all_filters_must_match(central: Hub, bravo: Spoke, charlie: Spoke) -> None:
    """Projects, environments and metrics are combined."""
    refresh_id = central.refreshed(
        "Alpha/dev", Projects=["Alpha", "Bravo"], Environments=["dev"], Metrics=["Accuracy", "Fraction"]
    )
    _wait_until_not_asked(refresh_id, bravo, charlie)
    central.settle()
    assert _metrics(central, refresh_id) == {"Alpha/dev": ["Accuracy", "Fraction"]}


def test_a_refresh_of_an_unknown_project_changes_nothing(
    central: Hub, alpha: Spoke, bravo: Spoke, charlie: Spoke
) -> None:
    """A misspelled name must not look like an answer."""
    before = central.tables()
    refresh_id = central.refresh(Projects=["Alfa"])
    _wait_until_not_asked(refresh_id, alpha, bravo, charlie)
    assert central.tables() == before


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"Metric": ["Accuracy"]}, "'Metric'"),
        ({"Metrics": "Accuracy"}, "Metrics must be array"),
        ({"Projects": ["a/b"]}, "Projects[0]"),
        ({"Environments": [7]}, "Environments[0]"),
        ({"RefreshId": ""}, "RefreshId"),
    ],
)
def test_an_invalid_filter_is_an_error_that_names_the_key(central: Hub, filters: dict[str, Any], named: str) -> None:
    """If it were ignored, every spoke would compute every metric."""
    with pytest.raises(FunctionFailed) as error:
        central.refresh(**filters)
    assert named in str(error.value)
    assert "RefreshId, Metrics, Projects, Environments, AsOf and Arguments" in str(error.value)


def _fire(company: Company, *schedule: str) -> str:
    """Fire a schedule, and return the id of its refresh once another one has another id: ids name the second."""
    scheduled = company.cloud.fire_schedule(*schedule)["scheduled_time"]
    eventually(lambda: instant() > scheduled, "the second after that of the schedule")
    return f"schedule-{scheduled}"


def test_a_spokes_schedule_extracts_without_the_hub(company: Company, central: Hub) -> None:
    """The refresh's id is the scheduled time, so a schedule that is delivered twice is one run."""
    refresh_id = _fire(company, "bravo-team-extract", BRAVO, FAR_REGION)
    central.wait_for(refresh_id, "Bravo/prod")
    assert central.values(refresh_id).keys() == {"Bravo/prod"}
    assert set(central.values(refresh_id)["Bravo/prod"]) == {"Accuracy", "ManyDigits", "TotalCompletedTrainingJobs"}


def test_the_hubs_schedule_refreshes_all_spokes(company: Company, central: Hub) -> None:
    """One schedule in the hub keeps every spoke current."""
    refresh_id = _fire(company, "lookout-refresh", HUB)
    central.wait_for(refresh_id, *SPOKES)
    assert central.values(refresh_id).keys() == set(SPOKES)


def test_no_schedule_exists_where_none_is_configured(company: Company) -> None:
    """`null` means only on refresh: nothing calls a paid API on its own."""
    for account, name in ((ALPHA, "lookout-extract"), (CHARLIE, "lookout-refresh"), (HUB, "outpost-refresh")):
        with pytest.raises(LocalCloudError, match="no schedule"):
            company.cloud.fire_schedule(name, account)
    assert company.cloud.client("scheduler", ALPHA).list_schedules()["Schedules"] == []


def test_a_disabled_schedule_does_not_fire(company: Company, bravo: Spoke) -> None:
    """A team can stop its own schedule without removing it."""
    with disabled_schedule(bravo, "extract"), pytest.raises(LocalCloudError, match="is disabled"):
        company.cloud.fire_schedule("bravo-team-extract", BRAVO, FAR_REGION)
