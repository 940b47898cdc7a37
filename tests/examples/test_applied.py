"""The examples from apply to destroy, by users with only the permissions in the modules' `applier-policy.json`."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from .world import CONNECTIONS, ENCRYPTED_ROOT, HUB_ROOT, LOCAL_ROOTS, ONE_ROOT, SPOKE_ROOT, Run

# The examples' default metrics, in accounts without training jobs and endpoints.
VALUES = {
    "CompletedTrainingJobs24h": "0",
    "ModelVersion": "v7",
    "NumberEndPointsInService": "0",
    "TotalCompletedTrainingJobs": "0",
}
ROOTS = {
    "several_accounts": [HUB_ROOT, SPOKE_ROOT, *CONNECTIONS],
    "one_account": [ONE_ROOT],
    "encrypted": [ENCRYPTED_ROOT],
    "local": LOCAL_ROOTS,
}
# Kinds of resources that every run creates. A check for leftovers that finds none of them would be worthless.
CREATED = ["alarms", "buses", "functions", "log groups", "queues", "roles", "rules"]


@pytest.mark.parametrize("name", ["several_accounts", "one_account", "encrypted"])
def test_a_spoke_reports_to_its_hub(name: str, runs: dict[str, Future[Run]]) -> None:
    """In two accounts with the connection in two stages, in one account, and with a customer-managed key."""
    assert runs[name].result().values == {"Project1/dev": VALUES}


def test_three_accounts_of_one_root_report(runs: dict[str, Future[Run]]) -> None:
    """The result of `make demo`: both spokes answer, and the metric with a bug emits nothing."""
    values = runs["local"].result().values
    assert set(values) == {"Forecasting/dev", "Search/prod"}
    assert "NumberOfNotebooks" not in values["Forecasting/dev"]


@pytest.mark.parametrize(("name", "root"), [(name, root) for name, roots in ROOTS.items() for root in roots])
def test_a_second_plan_is_empty(name: str, root: str, runs: dict[str, Future[Run]]) -> None:
    """An attribute that a service returns in another form would be planned again and again."""
    assert runs[name].result().planned_again[root].actions == {}


@pytest.mark.parametrize("name", ROOTS)
def test_destroying_leaves_what_existed_before(name: str, runs: dict[str, Future[Run]]) -> None:
    """Nothing remains in the states, and nothing in the accounts but what was created by hand."""
    run = runs[name].result()
    for account, applied in run.applied.items():
        before = run.before[account]
        assert [kind for kind in CREATED if not set(applied[kind]) - set(before.get(kind, []))] == []
    assert run.left == {root: [] for root in ROOTS[name]}
    assert run.after == run.before
