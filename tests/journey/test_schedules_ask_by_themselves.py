"""A spoke's own schedule, and the hub's: the same path as a refresh that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ds_dashboard_local import LocalCloudError

from .company import ALPHA, BRAVO, CHARLIE, FAR_REGION, HUB, SPOKES
from .conftest import World
from .hub import Hub
from .spoke import Spoke


def test_a_spokes_schedule_extracts_without_the_hub(world: World, central: Hub) -> None:
    """The scheduled time is the refresh's id, so that a schedule delivered twice is one run."""
    fired = world.cloud.fire_schedule("bravo-team-extract", BRAVO, FAR_REGION)
    refresh_id = f"schedule-{fired['scheduled_time']}"
    central.wait_for(refresh_id, "Bravo/prod")
    assert central.values(refresh_id).keys() == {"Bravo/prod"}
    assert set(central.values(refresh_id)["Bravo/prod"]) == {"Accuracy", "ManyDigits", "TotalCompletedTrainingJobs"}


def test_the_hubs_schedule_asks_all_spokes(world: World, central: Hub) -> None:
    """One schedule in the hub keeps every spoke current, and it too is one refresh however often it is delivered."""
    fired = world.cloud.fire_schedule("lookout-refresh", HUB)
    refresh_id = f"schedule-{fired['scheduled_time']}"
    central.wait_for(refresh_id, *SPOKES)
    assert central.values(refresh_id).keys() == set(SPOKES)


def test_without_a_schedule_there_is_none(world: World) -> None:
    """`null` means only on refresh: what costs API calls runs when somebody asks."""
    for account, name in ((ALPHA, "lookout-extract"), (CHARLIE, "lookout-refresh"), (HUB, "outpost-refresh")):
        with pytest.raises(LocalCloudError, match="no schedule"):
            world.cloud.fire_schedule(name, account)
    assert world.cloud.client("scheduler", ALPHA).list_schedules()["Schedules"] == []


@pytest.fixture
def disabled(bravo: Spoke) -> Iterator[str]:
    """Bravo's schedule, disabled by its team and enabled again at the end."""
    scheduler = bravo.client("scheduler")
    (found,) = scheduler.list_schedules()["Schedules"]
    schedule = scheduler.get_schedule(Name=found["Name"], GroupName=found["GroupName"])
    taken = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
    same = {key: value for key, value in schedule.items() if key in taken}
    scheduler.update_schedule(**{**same, "State": "DISABLED"})
    yield found["Name"]
    scheduler.update_schedule(**same)


def test_a_disabled_schedule_does_not_fire(world: World, disabled: str) -> None:
    """A team can stop its own extraction, and the hub's refresh still reaches it."""
    with pytest.raises(LocalCloudError, match="is disabled"):
        world.cloud.fire_schedule(disabled, BRAVO, FAR_REGION)
