"""The pair as its operators look after it: with two more projects registered, and alarms that are subscribed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from tests.support.commands import Person, person_with_policy
from tests.support.inbox import Inbox

from ds_dashboard_dev.testing.installation import Hub, Installation, Spoke
from ds_dashboard_dev.testing.misconfigure import shortened_retries
from ds_dashboard_dev.testing.pair import HUB, SOUTH, Pair

# The outputs of the modules that have alarms, and the account of each.
ALARMED = {"hub": HUB, "hub_connection": HUB, "south": SOUTH, "south_connection": SOUTH}
# Of the account south: Gamma only puts values, and Silent sends nothing at all.
GAMMA, SILENT = "Gamma/dev", "Silent/dev"
# A failed message is visible again after so many seconds; as deployed it takes six minutes, for outages.
VISIBILITY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class World:
    """The pair, its alarms, and what has gone wrong in it so far."""

    pair: Pair
    inboxes: dict[str, Inbox]  # by account
    caused: set[str] = field(default_factory=set)

    @property
    def hub(self) -> Hub:
        """The hub."""
        return self.pair.hub

    @property
    def spoke(self) -> Spoke:
        """South/dev, in whose account another producer reports for Gamma/dev."""
        return self.pair.south

    def installation(self, kind: str) -> Installation:
        """Return the hub or the spoke."""
        return self.hub if kind == "hub" else self.spoke

    def alarms(self) -> set[str]:
        """Return the names of all alarms that the modules created; each name is unique."""
        return {name for output in ALARMED for name in self.pair.outputs[output]["alarm_names"]}

    def wait_for_alarm(self, name: str, state: str = "ALARM") -> None:
        """Wait until the subscriber in the alarm's account was notified that it is in this state."""
        (output,) = [output for output in ALARMED if name in self.pair.outputs[output]["alarm_names"]]
        self.inboxes[ALARMED[output]].wait_for(name, state)

    def cause(self, cause: Callable[[World], None]) -> None:
        """Make something go wrong, once in a session."""
        if cause.__name__ not in self.caused:
            self.caused.add(cause.__name__)
            cause(self)


@pytest.fixture(scope="package")
def world(pair: Pair, inboxes: dict[str, Inbox]) -> Iterator[World]:
    """The pair with both projects registered, and with an archive that retries within seconds."""
    for project in (GAMMA, SILENT):
        pair.hub.register(project, SOUTH)
    with shortened_retries(pair.hub, VISIBILITY_SECONDS):
        yield World(pair, inboxes)
        pair.hub.settle()
    for project in (GAMMA, SILENT):
        pair.hub.unregister(project)
    for installation in (pair.hub, *pair.spokes):
        for role in (*installation.dead_letter_queues, *(["rejected"] if installation is pair.hub else [])):
            installation.take(role)


@pytest.fixture(scope="package")
def hub(world: World) -> Hub:
    """The hub."""
    return world.hub


@pytest.fixture(scope="package")
def spoke(world: World) -> Spoke:
    """South/dev."""
    return world.spoke


@pytest.fixture(scope="package")
def operators(world: World) -> dict[str, Person]:
    """Who operates hub and spoke, with the policies that the modules output and nothing more."""
    return {
        one.kind: person_with_policy(one, f"operator-of-{one.kind}", one.outputs["operator_policy_json"])
        for one in (world.hub, world.spoke)
    }
