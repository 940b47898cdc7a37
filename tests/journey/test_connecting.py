"""Connecting accounts: two stages, any order of accounts, and a plan that shows only the connection that changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.worlds.company.world import ALPHA, BRAVO, CHARLIE, FAR_REGION, HUB, SILENT, Company, bus_arn

from ds_dashboard_dev.terraform import Changes
from ds_dashboard_dev.testing.roots import Parameter

DELTA = "610000000009"
POLICY = "module.central.module.hub_forwarding[0].aws_cloudwatch_event_bus_policy.this"
REGISTERED_DELTA = Parameter(HUB, "/monitored_projects/Delta/dev", DELTA)
REGISTERED_CHARLIE = Parameter(HUB, "/monitored_projects/Charlie/dev", CHARLIE)


def _connection(side: str, bus: str) -> list[str]:
    """The addresses of the rule and the target that forward to `bus`."""
    forward = f'module.{side}.module.forward["{bus}"].aws_cloudwatch_event'
    return [f"{forward}_rule.this", f"{forward}_target.this"]


def test_applying_again_changes_nothing(company: Company) -> None:
    """A plan for one change must show that change and no drift."""
    with ThreadPoolExecutor() as pool:
        plans = [pool.submit(root.plan) for root in (company.accounts, company.connections)]
    assert [plan.result().actions for plan in plans] == [{}, {}]


def test_each_step_of_connecting_only_adds_resources(company: Company) -> None:
    """Permissions first, forwarding second: neither order of accounts replaces or destroys a resource."""
    for step, changes in company.steps.items():
        assert changes.of("delete") == changes.of("replace") == [], step
    assert [address for address in company.steps["permissions"].actions if "module.forward[" in address] == []


def test_either_side_can_forward_first(company: Company) -> None:
    """Once both sides have the permissions, neither has to wait for the other."""
    bravo_first = _connection("bravo.module.spoke_forwarding[0]", bus_arn(HUB, "lookout-hub"))
    hub_first = _connection("charlie.module.hub_forwarding[0]", bus_arn(HUB, "outpost-spoke"))
    assert {*bravo_first, *hub_first} < set(company.steps["forwarding of some"].of("create"))
    hub_second = _connection("central.module.hub_forwarding[0]", bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION))
    spoke_second = _connection("outpost.module.spoke_forwarding[0]", bus_arn(CHARLIE, "lookout-hub"))
    assert {*hub_second, *spoke_second} < set(company.steps["forwarding of all"].of("create"))


def test_projects_in_one_account_share_one_rule(company: Company) -> None:
    """Alpha's account has eleven projects. With a rule for each, every refresh would arrive there eleven times."""
    central = company.connection_outputs["central"]
    registered = {
        f"{project}/{name}": bus for project, of in central["monitored_projects"].items() for name, bus in of.items()
    }
    assert registered == {
        **dict.fromkeys(["Alpha/dev", "Alpha/prod", "Beta/dev", *SILENT], bus_arn(ALPHA, "lookout-spoke")),
        "Bravo/prod": bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION),
        "Charlie/dev": bus_arn(CHARLIE, "lookout-spoke"),
    }
    assert len(central["forward_rule_names"]) == 3


def test_one_apply_connects_an_account_that_is_hub_and_spoke(company: Company) -> None:
    """Charlie's account monitors two projects and reports to two hubs."""
    charlie: dict[str, Any] = company.connection_outputs["charlie"]
    assert charlie["monitors"] == {"central": bus_arn(HUB, "lookout-hub"), "own": bus_arn(CHARLIE, "lookout-hub")}
    assert charlie["monitored_projects"] == {
        "Charlie": {"dev": bus_arn(CHARLIE, "lookout-spoke")},
        "Outpost": {"dev": bus_arn(HUB, "outpost-spoke")},
    }
    assert len(charlie["forward_rule_names"]) == 4


@pytest.fixture
def delta_on_hold(company: Company) -> Iterator[Changes]:
    """The changes of registering a spoke whose bus does not accept the hub yet; the registry is restored afterwards."""
    REGISTERED_DELTA.put(company.cloud)
    yield company.connections.apply(hold=[REGISTERED_DELTA.name])
    REGISTERED_DELTA.delete(company.cloud)
    REGISTERED_CHARLIE.put(company.cloud)
    assert company.connections.apply().actions == {POLICY: "update"}


def test_adding_or_removing_a_spoke_changes_only_its_own_connection(company: Company, delta_on_hold: Changes) -> None:
    """The plan of a hub with hundreds of spokes must stay readable."""
    # On hold, the new spoke may send and does not receive: only the bus policy changes.
    assert delta_on_hold.actions == {POLICY: "update"}
    assert DELTA in company.cloud.client("events", HUB).describe_event_bus(Name="lookout-hub")["Policy"]
    # Released, it gets a rule and a target; a spoke that was deregistered loses its own.
    REGISTERED_CHARLIE.delete(company.cloud)
    added = _connection("central.module.hub_forwarding[0]", bus_arn(DELTA, "lookout-spoke"))
    removed = _connection("central.module.hub_forwarding[0]", bus_arn(CHARLIE, "lookout-spoke"))
    assert company.connections.plan().actions == {
        POLICY: "update",
        **dict.fromkeys(added, "create"),
        **dict.fromkeys(removed, "delete"),
    }
