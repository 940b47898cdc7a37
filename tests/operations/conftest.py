"""A hub and a spoke under keys of their own, with every alarm, applied once: what an operator has to look after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.journey.company import REGION, Parameter
from tests.journey.hub import Hub
from tests.journey.root import Changes, Root
from tests.journey.spoke import Spoke
from tests.support.inbox import Inbox

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_local import LocalCloud

from .people import Person, with_policy

# Of nobody else in this session.
HUB, SPOKE = "640000000001", "640000000002"
# The outputs of each module's call, to the account that it is in.
SIDES = {"hub": HUB, "hub_connection": HUB, "spoke": SPOKE, "spoke_connection": SPOKE}
SOURCES = Path(__file__).parent / "world"
PACKAGE = CHECKOUT / "lambda_src/dist/ds_dashboard.zip"
MODEL_VERSION = Parameter(SPOKE, "/alpha/model-version", "v7")
# What failed comes again after this long, instead of the minutes that an outage needs.
VISIBILITY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class World:
    """What was applied, what the second apply has changed, and what has gone wrong in it since."""

    cloud: LocalCloud
    outputs: dict[str, Any]
    connected: Changes
    inboxes: dict[str, Inbox]  # by account
    hub: Hub
    spoke: Spoke
    caused: set[str] = field(default_factory=set)

    def alarms(self) -> set[str]:
        """The names of all alarms that the modules made; no two of them are alike."""
        return {name for side in SIDES for name in self.outputs[side]["alarm_names"]}

    def wait_for_alarm(self, name: str, state: str = "ALARM") -> None:
        """Wait until the subscriber in the alarm's account was told that it is in this state."""
        (side,) = [side for side in SIDES if name in self.outputs[side]["alarm_names"]]
        self.inboxes[SIDES[side]].wait_for(name, state)

    def cause(self, trouble: Callable[[World], None]) -> None:
        """Let something go wrong, once a session."""
        if trouble.__name__ not in self.caused:
            self.caused.add(trouble.__name__)
            trouble(self)


@pytest.fixture(scope="session")
def world(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Applied and connected."""
    inboxes = {account: Inbox(local_cloud, account) for account in (HUB, SPOKE)}
    MODEL_VERSION.put(local_cloud)
    variables = {"hub_account": HUB, "spoke_account": SPOKE, "package_path": str(PACKAGE)}
    root = Root("watchtower", local_cloud, tmp_path_factory.mktemp("operations"), variables, sources=SOURCES)
    root.apply(stage="permissions")
    connected = root.apply()
    outputs = root.outputs()
    hub, spoke = Hub(local_cloud, HUB, outputs["hub"]), Spoke(local_cloud, SPOKE, REGION, outputs["spoke"])
    world = World(local_cloud, outputs, connected, inboxes, hub, spoke)
    hub.client("sqs").set_queue_attributes(
        QueueUrl=hub.outputs["queue_url"], Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)}
    )
    return world


@pytest.fixture(scope="session")
def hub(world: World) -> Hub:
    """The hub."""
    return world.hub


@pytest.fixture(scope="session")
def spoke(world: World) -> Spoke:
    """Alpha/dev, in whose account another producer reports for Gamma/dev."""
    return world.spoke


@pytest.fixture(scope="session")
def operators(world: World) -> dict[str, Person]:
    """Who keeps hub and spoke running, with the policies that the modules output, and nothing more."""
    return {
        side: with_policy(world.cloud, SIDES[side], f"operator-of-{side}", world.outputs[side]["operator_policy_json"])
        for side in ("hub", "spoke")
    }
