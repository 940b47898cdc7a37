"""The real provider plans and applies the real modules on a local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ds_dashboard_dev.terraform import provider_mirror
from ds_dashboard_local import LocalCloud

from . import cases, connections
from .planner import Call, CasesRoot, Plan, Workshop

INVENTORIES = Path(__file__).parent / "inventories"


def _needs_connections(item: pytest.Item) -> bool:
    return item.path.name == "test_connecting.py" and item.path.parent == Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of applied connections last: they wait for the applies."""
    items.sort(key=_needs_connections)


@pytest.fixture(scope="session")
def workshop(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Copies of the modules, and root modules that call them."""
    return Workshop(tmp_path_factory.mktemp("terraform"), local_cloud)


@pytest.fixture(scope="session")
def planned_root(workshop: Workshop) -> CasesRoot:
    """The root module of everything that is planned and not applied: the inventories and `cases`."""
    inventoried = {
        file.name.split(".")[0]: Call(file.name.split("-")[0], json.loads(file.read_text()))
        for file in INVENTORIES.glob("*.tfvars.json")
    }
    # The only root whose account is visible: in the inventories.
    root = workshop.root("planned", {**inventoried, **cases.CALLS}, account="111111111111")
    cases.write_files(root.folder)
    return root


@pytest.fixture(scope="session")
def planned(planned_root: CasesRoot) -> Plan:
    """Its plan."""
    return planned_root.planned()


@pytest.fixture(scope="session", autouse=True, name="connecting")
def _connecting(request: pytest.FixtureRequest) -> Iterator[Future[connections.Applied] | None]:
    """The applies of `connections`, in a thread in parallel with the other tests: Terraform mostly waits."""
    if not any(map(_needs_connections, request.session.items)):
        yield None
        return
    # Prints where the provider is from, once: here, where pytest captures it, and not in the thread.
    provider_mirror()
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(connections.run, request.getfixturevalue("workshop"))
