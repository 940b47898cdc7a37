"""The end of the examples, which conftest.py puts last."""

from __future__ import annotations

from concurrent.futures import Future

from ds_dashboard_dev import leftovers
from ds_dashboard_local import LocalCloud

from .appliers import REGION
from .world import ACCOUNTS, World

# What has to be there before, lest nothing be found where nothing is looked for.
MADE = ["alarms", "buses", "functions", "log groups", "queues", "roles", "rules"]


def test_destroying_leaves_what_was_there_before(
    world: World, applying: dict[str, Future[None]], local_cloud: LocalCloud
) -> None:
    """In the states, and in the accounts: what was put there by hand."""
    for step in applying.values():
        step.result()
    for account in ACCOUNTS:
        there = leftovers.in_account(local_cloud, account, REGION)
        assert [kind for kind in MADE if not set(there[kind]) - set(world.before[account].get(kind, []))] == []
    assert world.destroy() == {name: [] for name in world.applied}
    assert {account: leftovers.in_account(local_cloud, account, REGION) for account in ACCOUNTS} == world.before
