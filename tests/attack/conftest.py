"""The attacked world: applied once per session, with every option that adds a permission."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Root
from ds_dashboard_local import LocalCloud

from .accounts import ACCOUNTS, HUB, ORGANIZATION, REGION, SPOKE, STRANGER

WORLD = Path(__file__).parent / "world"


@dataclass(frozen=True, slots=True)
class World:
    """The cloud, and the outputs of the modules in it."""

    cloud: LocalCloud
    outputs: dict[str, Any]

    def client(self, service: str, account: str) -> Any:
        """Return a client of the root user of an account."""
        return self.cloud.client(service, account, REGION)


@pytest.fixture(scope="session")
def world(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A hub and its spoke."""
    local_cloud.set_organization(ORGANIZATION, [*ACCOUNTS.values(), STRANGER])
    local_cloud.client("ssm", SPOKE, REGION).put_parameter(Name="/release", Value="v1", Type="String")
    folder = tmp_path_factory.mktemp("attack") / "world"
    folder.mkdir()
    for source in WORLD.glob("*.tf"):
        text = source.read_text().replace("../../../modules", str(CHECKOUT / "modules"))
        (folder / source.name).write_text(text)
    package = tmp_path_factory.mktemp("package")
    for name in ("ds_dashboard.zip", "ds_dashboard.zip.json"):
        shutil.copy(CHECKOUT / "lambda_src" / "dist" / name, package)
    variables = {
        "accounts": ACCOUNTS,
        "organization": ORGANIZATION,
        "manifest_path": str(CHECKOUT / "modules" / "spoke" / "metrics.json"),
        "package_path": str(package / "ds_dashboard.zip"),
    }
    # Each provider names its own account.
    root = Root(folder, local_cloud.environment("000000000000"))
    for stage in ("permissions", "forwarding"):
        root.apply(**variables, stage=stage)
    return World(local_cloud, root.outputs())


@pytest.fixture(scope="session")
def hub(world: World) -> Hub:
    """The attacked hub."""
    return Hub(world.cloud, HUB, world.outputs["hub"])


@pytest.fixture(scope="session")
def spoke(world: World) -> Spoke:
    """Spoke/dev, which reports to the attacked hub."""
    return Spoke(world.cloud, SPOKE, REGION, world.outputs["spoke"])
