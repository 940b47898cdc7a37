"""The world of the journeys: applied once a session by Terraform, and driven by its public interface alone."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ds_dashboard_local import LocalCloud

from . import company
from .hub import Hub
from .root import Changes, Root
from .spoke import Spoke, result

METRICS = Path(__file__).parent / "metrics"
# A spoke before its hub, and Charlie's hub before its spoke Outpost.
FIRST = ["bravo", "charlie"]


@dataclass(frozen=True, slots=True)
class World:
    """Everything that was applied, and what each step of connecting changed."""

    cloud: LocalCloud
    accounts: Root
    connections: Root
    steps: dict[str, Changes]
    unregistered_event_id: str


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What destroys the world comes last."""
    items.sort(key=lambda item: item.path.name == "test_destroy.py")


def _build(folder: Path) -> dict[str, str]:
    paths = {"manifest": str(folder / "metrics.json"), "package": str(folder / "ds_dashboard.zip")}
    program = Path(sys.executable).with_name("ds-dashboard")
    for command, path in paths.items():
        subprocess.run([program, command, "--metrics", METRICS, "-o", path], check=True, capture_output=True)
    return {f"{command}_path": path for command, path in paths.items()}


@pytest.fixture(scope="session")
def world(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A central hub, three spokes, one of them a hub too, and a second installation beside the hub."""
    folder = tmp_path_factory.mktemp("journey")
    accounts = Root("accounts", local_cloud, folder, {"accounts": company.ACCOUNTS, **_build(folder)})
    connections = Root("connections", local_cloud, folder, {"accounts": company.ACCOUNTS})
    with ThreadPoolExecutor() as pool:
        # Queues take 25 s each to be made, whatever the cloud.
        work = pool.submit(company.work, local_cloud)
        steps = {"accounts": accounts.apply()}
    work.result()
    for parameter in company.REGISTRY:
        parameter.put(local_cloud)
    steps["permissions"] = connections.apply(forwarding=[])
    steps["forwarding of some"] = connections.apply(forwarding=FIRST)
    steps["forwarding of all"] = connections.apply()
    # The archive asks again who is registered after a minute: by then, the test that needs it can go on at once.
    unregistered = Spoke(local_cloud, company.ALPHA, company.REGION, accounts.outputs()["alpha"])
    event_id = unregistered.put(result("Late", "dev", "Arrivals", 1))
    return World(local_cloud, accounts, connections, steps, event_id)


@pytest.fixture(scope="session")
def outputs(world: World) -> dict[str, dict[str, str]]:
    """The outputs of each hub's and each spoke's module."""
    return world.accounts.outputs()


@pytest.fixture(scope="session")
def central(world: World, outputs: dict[str, dict[str, str]]) -> Hub:
    """The central hub."""
    return Hub(world.cloud, company.HUB, outputs["central"])


@pytest.fixture(scope="session")
def charlie_hub(world: World, outputs: dict[str, dict[str, str]]) -> Hub:
    """The hub in Charlie's account, which listens to Charlie and to Outpost."""
    return Hub(world.cloud, company.CHARLIE, outputs["charlie_hub"])


@pytest.fixture(scope="session")
def outpost_hub(world: World, outputs: dict[str, dict[str, str]]) -> Hub:
    """The second hub in the central hub's account."""
    return Hub(world.cloud, company.HUB, outputs["outpost_hub"])


@pytest.fixture(scope="session")
def alpha(world: World, outputs: dict[str, dict[str, str]]) -> Spoke:
    """Alpha/dev, in whose account another producer reports for Alpha/prod and Beta/dev."""
    return Spoke(world.cloud, company.ALPHA, company.REGION, outputs["alpha"])


@pytest.fixture(scope="session")
def bravo(world: World, outputs: dict[str, dict[str, str]]) -> Spoke:
    """Bravo/prod, in another region and under another name."""
    return Spoke(world.cloud, company.BRAVO, company.FAR_REGION, outputs["bravo"])


@pytest.fixture(scope="session")
def charlie(world: World, outputs: dict[str, dict[str, str]]) -> Spoke:
    """Charlie/dev, which reports to the central hub and to the one in its own account."""
    return Spoke(world.cloud, company.CHARLIE, company.REGION, outputs["charlie"])


@pytest.fixture(scope="session")
def outpost(world: World, outputs: dict[str, dict[str, str]]) -> Spoke:
    """Outpost/dev, in the central hub's account, which reports to the hub beside it and to Charlie's."""
    return Spoke(world.cloud, company.HUB, company.REGION, outputs["outpost"])
