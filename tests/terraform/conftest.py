"""The real provider plans and applies the real modules on a local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_local import LocalCloud

from . import cases, connections, one_root
from .planner import Call, Plan, Workshop

INVENTORIES = Path(__file__).parent / "inventories"
# Each of these applies, changes and destroys a root module. Their tests come last, because Terraform mostly waits.
_APPLIED = {"test_connecting": connections.run, "test_one_root": one_root.run}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of what is applied last."""
    items.sort(key=lambda item: item.path.stem in _APPLIED and item.path.parent == Path(__file__).parent)


@pytest.fixture(scope="session")
def workshop(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Copies of the modules, and root modules that call them."""
    return Workshop(tmp_path_factory.mktemp("terraform"), local_cloud)


@pytest.fixture(scope="session")
def planned(workshop: Workshop) -> Plan:
    """One plan of everything that is planned and not applied: the inventories and `cases`."""
    inventoried = {
        file.name.split(".")[0]: Call(file.name.split("-")[0], json.loads(file.read_text()))
        for file in INVENTORIES.glob("*.tfvars.json")
    }
    # The only root whose account is visible: in the inventories.
    root = workshop.root("planned", {**inventoried, **cases.CALLS}, account="111111111111")
    cases.write_files(root.folder)
    return root.planned()


@pytest.fixture(scope="session", autouse=True, name="applied_in_background")
def _applied_in_background(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Any]]]:
    """The runs of `_APPLIED` that the session has tests of, in threads beside the other tests."""
    wanted = {item.path.stem for item in request.session.items if item.path.parent == Path(__file__).parent}
    with ThreadPoolExecutor() as pool:
        yield {
            name: pool.submit(run, request.getfixturevalue("workshop"))
            for name, run in _APPLIED.items()
            if name in wanted
        }
