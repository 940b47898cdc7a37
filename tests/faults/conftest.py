"""An installation of its own on a local cloud of its own, since faults stop before nobody else's door."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ds_dashboard_dev.soak.installation import SOUND, Installation
from ds_dashboard_dev.soak.ledger import Totals
from ds_dashboard_dev.soak.screen import report
from ds_dashboard_local import LocalCloud

from .world import MOST_RECEIVES, VISIBILITY_SECONDS, World

FAULTY = (
    "Denied",
    "Hangs",
    "LongText",
    "Raises",
    "ReturnsInfinity",
    "ReturnsNan",
    "ReturnsNone",
    "TooManyDigits",
    "Unknown",
)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A hub, two spokes of it, and a second installation in the hub's account."""
    with LocalCloud() as cloud:
        made = Installation(cloud, tmp_path_factory.mktemp("faults"), north_metrics=sorted([*FAULTY, *SOUND]))
        made.build()
        made.apply()
        yield made


@pytest.fixture(scope="session")
def world(installation: Installation) -> World:
    """The first hub, with North and South."""
    return World(installation, installation.hub, installation.north, installation.south)


@pytest.fixture(scope="session")
def second(installation: Installation) -> World:
    """The second installation, with Home."""
    return World(installation, installation.second_hub, installation.home)


@pytest.fixture(scope="session")
def rows(pytestconfig: pytest.Config) -> Iterator[dict[str, Totals]]:
    """The totals of each test; at the end they are shown, whatever pytest captures."""
    found: dict[str, Totals] = {}
    yield found
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        report(found, "What the faults did, by test; lost, doubled and uninvited are of all tests so far")


@pytest.fixture
def balance(world: World, rows: dict[str, Totals], request: pytest.FixtureRequest) -> Iterator[Callable[[], Totals]]:
    """Close the books of a test: everything is accounted for. Returns what the test added to the totals.

    No test leaves a fault, or an impatient queue, to the next.
    """
    label = request.node.name.removeprefix("test_").replace("_", " ")
    world.installation.hurry(VISIBILITY_SECONDS, most_receives=MOST_RECEIVES)
    before = world.totals()

    def close() -> Totals:
        totals = world.totals()
        rows[label] = totals - before
        assert (totals.sound, world.ledger.wrong()) == (True, [])
        return totals - before

    yield close
    world.cloud.lift_faults()
