"""The real provider plans the real modules; a local cloud says which account this is and holds the parameters."""

import json
from pathlib import Path

import pytest

from ds_dashboard_local.cloud import LocalCloud

from .planner import Call, Plan
from .workshop import Workshop

INVENTORIES = Path(__file__).parent / "inventories"


@pytest.fixture(scope="session")
def workshop(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Copies of the modules, and root modules that call them."""
    return Workshop(tmp_path_factory.mktemp("terraform"), local_cloud)


@pytest.fixture(scope="session")
def inventoried(workshop: Workshop) -> Plan:
    """One plan of all cases that have an inventory: a module's defaults, and everything set."""
    calls = {
        case.name.split(".")[0]: Call(case.name.split("-")[0], json.loads(case.read_text()))
        for case in INVENTORIES.glob("*.tfvars.json")
    }
    # Of all roots the only one whose account shows: in the inventories.
    return workshop.root("inventories", calls, account="111111111111").show()
