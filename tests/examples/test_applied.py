"""The examples as they stand, applied by users that may do what the modules' `applier-policy.json` says."""

from __future__ import annotations

import json
from concurrent.futures import Future

import pytest

from ds_dashboard_local import LocalCloud, RunningCloud

from . import tree
from .world import (
    BOTH,
    COMPANY,
    ENCRYPTED,
    ENCRYPTED_ROOT,
    HUB,
    HUB_ROOT,
    LOCAL_ROOTS,
    ONE_ROOT,
    SIDES,
    SPOKE_ROOT,
    World,
)

# Of the examples' own defaults, in accounts where nothing is trained and nothing serves.
VALUES = {
    "CompletedTrainingJobs24h": "0",
    "ModelVersion": "v7",
    "NumberEndPointsInService": "0",
    "TotalCompletedTrainingJobs": "0",
}


def _values(cloud: RunningCloud, account: str) -> dict[str, dict[str, str]]:
    """Ask the hub's spokes for fresh values, as the pages say; returns those that have one, by spoke and metric."""
    env = cloud.subprocess_environment(account)
    tree.ds_dashboard("refresh", "--wait", env=env)
    found: dict[str, dict[str, str]] = {}
    for line in tree.ds_dashboard("latest", "--json", env=env).splitlines():
        item = json.loads(line)
        if "MetricValue" in item:
            found.setdefault(item["Project"], {})[item["MetricName"]] = str(item["MetricValue"])
    return found


@pytest.fixture
def applied(world: World, applying: dict[str, Future[None]]) -> World:
    """All of them, once they are applied."""
    for step in applying.values():
        step.result()
    return world


def test_a_spoke_reports_to_the_hub_in_another_account(applied: World, local_cloud: LocalCloud) -> None:
    """Hub, spoke and a copy of the connection for each: the examples' pages, followed to the end."""
    assert _values(local_cloud, HUB) == {"Project1/dev": VALUES}


@pytest.mark.parametrize("account", [BOTH, ENCRYPTED], ids=["plain", "encrypted"])
def test_one_account_reports_to_itself(account: str, applied: World, local_cloud: LocalCloud) -> None:
    """Hub, spoke and connection of one apply, and the same under a customer's key."""
    assert _values(local_cloud, account) == {"Project1/dev": VALUES}


def test_three_accounts_of_one_root_report(applied: World, local_cloud: LocalCloud) -> None:
    """What `make demo` shows, without its screen: both spokes answer, and the metric with a mistake emits nothing."""
    values = _values(local_cloud, COMPANY["hub"])
    assert set(values) == {"Forecasting/dev", "Search/prod"}
    assert "NumberOfNotebooks" not in values["Forecasting/dev"]


@pytest.mark.parametrize("name", [HUB_ROOT, SPOKE_ROOT, *SIDES, ONE_ROOT, ENCRYPTED_ROOT, *LOCAL_ROOTS])
def test_a_second_plan_is_empty(name: str, applied: World) -> None:
    """What a service writes otherwise than it was given would be planned again for ever."""
    assert applied.planned_again[name].actions == {}
