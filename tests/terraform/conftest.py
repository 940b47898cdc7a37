"""The real provider plans the real modules; a local cloud says which account this is and holds the parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ds_dashboard_local import LocalCloud

from . import cases, one_root
from .planner import Call, Plan
from .workshop import Workshop

INVENTORIES = Path(__file__).parent / "inventories"


@pytest.fixture(scope="session")
def workshop(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Copies of the modules, and root modules that call them."""
    return Workshop(tmp_path_factory.mktemp("terraform"), local_cloud)


@pytest.fixture(scope="session")
def planned(workshop: Workshop) -> Plan:
    """One plan of all that is planned and not applied: what has an inventory, and `cases`."""
    inventoried = {
        file.name.split(".")[0]: Call(file.name.split("-")[0], json.loads(file.read_text()))
        for file in INVENTORIES.glob("*.tfvars.json")
    }
    # Of all roots the only one whose account shows: in the inventories.
    root = workshop.root("planned", {**inventoried, **cases.CALLS}, account="111111111111")
    cases.write_files(root.folder)
    return root.show()


@pytest.fixture(scope="session", autouse=True, name="one_root")
def _one_root(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[Future[one_root.Applied] | None]:
    """Applied beside the other tests: of its minute and a half, most is waiting for queues and tables."""
    if not any(item.path.stem == "test_one_root" for item in request.session.items):
        yield None
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(one_root.apply, workshop)
