"""The examples from apply to destroy, by users with only the permissions in the modules' `applier-policy.json`."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from ds_dashboard_dev.checkout import CHECKOUT

from .release import VERSION
from .world import CONNECTIONS, ENCRYPTED_ROOT, HUB_ROOT, ONE_ROOT, SPOKE_ROOT, Run, World

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
}
# Kinds of resources that every run creates. A check for leftovers that finds none of them would be worthless.
CREATED = ["alarms", "buses", "functions", "log groups", "queues", "roles", "rules"]


@pytest.mark.parametrize("name", ROOTS)
def test_a_spoke_reports_to_its_hub(name: str, runs: dict[str, Future[Run]]) -> None:
    """In two accounts with the connection in two stages, in one account, and with a customer-managed key."""
    assert runs[name].result().values == {"Project1/dev": VALUES}


@pytest.mark.parametrize(("name", "root"), [(name, root) for name, roots in ROOTS.items() for root in roots])
def test_a_second_plan_is_empty(name: str, root: str, runs: dict[str, Future[Run]]) -> None:
    """An attribute that a service returns in another form would be planned again and again."""
    assert runs[name].result().planned_again[root].actions == {}


@pytest.mark.parametrize(("name", "root"), [("one_account", ONE_ROOT), ("encrypted", ENCRYPTED_ROOT)])
def test_connection_follows_hub_and_spoke_in_one_apply(name: str, root: str, runs: dict[str, Future[Run]]) -> None:
    """Buses are created before their rules. The rules are known before there is a bus."""
    run = runs[name].result()
    assert set(run.applied[root].actions.values()) == {"create"}
    rules = [one for one in run.applied[root].actions if ".forward[" in one and "_rule." in one]
    assert len(run.outputs[root].get("forward_rule_names", rules)) == len(rules) == 2


def test_an_example_is_applied_with_modules_from_git(world: World, runs: dict[str, Future[Run]]) -> None:
    """A user of a release has no checkout. A module that refers to a file outside of itself would fail."""
    run = runs["one_account"].result()
    sources = world.module_sources()
    for module in ("hub", "spoke", "connection"):
        assert sources[module] == f"git::file://{world.repository}//modules/{module}?ref={VERSION}"
        assert [address for address in run.applied[ONE_ROOT].actions if address.startswith(f"module.{module}.")]
        # What the published source replaces.
        assert f'"../../modules/{module}"' in (CHECKOUT / ONE_ROOT / f"{module}.tf").read_text()


def test_a_key_of_the_same_root_is_used(runs: dict[str, Future[Run]]) -> None:
    """Its ARN is unknown when everything else is planned, and its policy consists of outputs of the modules."""
    run = runs["encrypted"].result()
    assert run.encryption is not None
    sids = [statement["Sid"] for statement in run.encryption.key_policy["Statement"]]
    assert len(sids) == len(set(sids))
    assert {"DsDashboardHubAccount", "DsDashboardHubBus", "DsDashboardSpokeAccount", "DsDashboardSpokeBus"} <= set(sids)
    assert run.encryption.table_key_arn == run.outputs[ENCRYPTED_ROOT]["kms_key_arn"]


@pytest.mark.parametrize("name", ROOTS)
def test_destroying_leaves_what_existed_before(name: str, runs: dict[str, Future[Run]]) -> None:
    """Package and manifest may have been deleted by then. Nothing remains in the states and in the accounts."""
    run = runs[name].result()
    for account, between in run.between.items():
        before = run.before[account]
        assert [kind for kind in CREATED if not set(between[kind]) - set(before.get(kind, []))] == []
    assert {root: set(changes.actions.values()) for root, changes in run.destroyed.items()} == {
        root: {"delete"} for root in ROOTS[name]
    }
    assert run.left == {root: [] for root in ROOTS[name]}
    assert run.after == run.before
