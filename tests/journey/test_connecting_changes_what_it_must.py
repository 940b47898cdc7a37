"""Connecting: in two stages, in any order of accounts, and each change touches its own connection only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .company import ALPHA, BRAVO, CHARLIE, FAR_REGION, HUB, SILENT, Parameter, bus_arn
from .conftest import World
from .root import Changes

DELTA = "610000000009"
POLICY = "module.central.module.hub_forwarding[0].aws_cloudwatch_event_bus_policy.this"
REGISTERED_DELTA = Parameter(HUB, "/monitored_projects/Delta/dev", DELTA)
REGISTERED_CHARLIE = Parameter(HUB, "/monitored_projects/Charlie/dev", CHARLIE)


def _connection(side: str, bus: str) -> list[str]:
    forward = f'module.{side}.module.forward["{bus}"].aws_cloudwatch_event'
    return [f"{forward}_rule.this", f"{forward}_target.this"]


def test_applying_again_changes_nothing(world: World) -> None:
    """No drift: who plans for one change sees that change and nothing else."""
    assert world.accounts.plan().actions == {}
    assert world.connections.plan().actions == {}


def test_permissions_first_and_forwarding_second_destroys_nothing(world: World) -> None:
    """Each step only adds, whichever side goes first."""
    for step, changes in world.steps.items():
        assert changes.of("delete") == changes.of("replace") == [], step
    assert [address for address in world.steps["permissions"].actions if "module.forward[" in address] == []


def test_forwarding_works_with_the_spoke_first_and_with_the_hub_first(world: World) -> None:
    """Once both have the permissions, nobody waits for nobody."""
    bravo_first = _connection("bravo.module.spoke_forwarding[0]", bus_arn(HUB, "lookout-hub"))
    hub_first = _connection("charlie.module.hub_forwarding[0]", bus_arn(HUB, "outpost-spoke"))
    assert {*bravo_first, *hub_first} < set(world.steps["forwarding of some"].of("create"))
    hub_second = _connection("central.module.hub_forwarding[0]", bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION))
    spoke_second = _connection("outpost.module.spoke_forwarding[0]", bus_arn(CHARLIE, "lookout-hub"))
    assert {*hub_second, *spoke_second} < set(world.steps["forwarding of all"].of("create"))


def test_projects_on_one_account_share_one_rule(world: World) -> None:
    """Eleven projects of Alpha's account: with a rule each, every refresh would arrive there eleven times."""
    central = world.connections.outputs()["central"]
    registered = {
        f"{project}/{name}": bus for project, of in central["monitored_projects"].items() for name, bus in of.items()
    }
    assert registered == {
        **dict.fromkeys(["Alpha/dev", "Alpha/prod", "Beta/dev", *SILENT], bus_arn(ALPHA, "lookout-spoke")),
        "Bravo/prod": bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION),
        "Charlie/dev": bus_arn(CHARLIE, "lookout-spoke"),
    }
    assert len(central["forward_rule_names"]) == 3


def test_an_account_that_is_both_has_both_sides(world: World) -> None:
    """One apply serves the account as hub and as spoke."""
    charlie: dict[str, Any] = world.connections.outputs()["charlie"]
    assert charlie["monitors"] == {"central": bus_arn(HUB, "lookout-hub"), "own": bus_arn(CHARLIE, "lookout-hub")}
    assert charlie["monitored_projects"] == {
        "Charlie": {"dev": bus_arn(CHARLIE, "lookout-spoke")},
        "Outpost": {"dev": bus_arn(HUB, "outpost-spoke")},
    }
    assert len(charlie["forward_rule_names"]) == 4


@pytest.fixture
def delta_on_hold(world: World) -> Iterator[Changes]:
    """One more spoke in the hub's registry, which has not let the hub in yet; the registry is restored at the end."""
    REGISTERED_DELTA.put(world.cloud)
    yield world.connections.apply(hold=[REGISTERED_DELTA.name])
    REGISTERED_DELTA.delete(world.cloud)
    REGISTERED_CHARLIE.put(world.cloud)
    assert world.connections.apply().actions == {POLICY: "update"}


def test_each_connection_that_comes_or_goes_is_its_own_change(world: World, delta_on_hold: Changes) -> None:
    """In a hub with hundreds of spokes, a plan must be one that can be read."""
    # A new spoke may send before it can receive. Nothing else of the hub is touched for it.
    assert delta_on_hold.actions == {POLICY: "update"}
    assert DELTA in world.cloud.client("events", HUB).describe_event_bus(Name="lookout-hub")["Policy"]
    # Out of hold, its own rule and target come; of a spoke that leaves, rule and target go.
    REGISTERED_CHARLIE.delete(world.cloud)
    added = _connection("central.module.hub_forwarding[0]", bus_arn(DELTA, "lookout-spoke"))
    removed = _connection("central.module.hub_forwarding[0]", bus_arn(CHARLIE, "lookout-spoke"))
    assert world.connections.plan().actions == {
        POLICY: "update",
        **dict.fromkeys(added, "create"),
        **dict.fromkeys(removed, "delete"),
    }
