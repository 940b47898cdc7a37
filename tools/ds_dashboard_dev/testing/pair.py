"""The pair: a hub and two spokes in three accounts, applied by Terraform to a local cloud (tests/worlds/pair)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import CHECKOUT, build_with_metrics
from ds_dashboard_dev.terraform import Changes, Root
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.roots import Parameter, copy_root
from ds_dashboard_local import RunningCloud

NAME = "pair"
ACCOUNTS = {"hub": "640000000001", "north": "640000000002", "south": "640000000003"}
HUB, NORTH, SOUTH = ACCOUNTS.values()
# The metrics of both spokes that always have a value.
SOUND = ("Digits", "Parameters", "Tenth")
MODEL_VERSION = Parameter(SOUTH, "/south/model-version", "v7")
# Of the account north, next to North itself; who needs them registers them.
PROJECTS = [f"Project{number:02}/dev" for number in range(50)]
SOURCE = CHECKOUT / "tests" / "worlds" / NAME


class Pair:
    """The applied world.

    Args:
        cloud: where it is applied.
        folder: for the root module's copy, its state and the packages.
        north_metrics: what the spoke North extracts.
        north_instances: its metrics with arguments.

    Attributes:
        hub: the hub.
        north: a spoke that has metrics only.
        south: a spoke with everything that a spoke can have, and a metric that fails (Missing).
        outputs: of the root module.
        connected: what the second apply, which starts the forwarding, changed.
    """

    hub: Hub
    north: Spoke
    south: Spoke
    outputs: dict[str, Any]
    connected: Changes

    def __init__(
        self,
        cloud: RunningCloud,
        folder: Path,
        north_metrics: Sequence[str] = SOUND,
        north_instances: Mapping[str, Any] | None = None,
    ) -> None:
        self.cloud, self._folder = cloud, folder
        self._north = {"north_metrics": list(north_metrics), "north_instances": dict(north_instances or {})}
        self._root = copy_root(SOURCE / "terraform", folder / "root", cloud, {"accounts": ACCOUNTS})
        self._package: dict[str, str] = {}

    @property
    def spokes(self) -> tuple[Spoke, Spoke]:
        """Both spokes."""
        return self.north, self.south

    def build(self, *metrics: Path) -> None:
        """Build manifest and package with the metrics of this world, and those of the folders `metrics`."""
        self._package = build_with_metrics(self._folder, SOURCE / "metrics", *metrics)

    def package_bytes(self) -> bytes:
        """Return the package that was built last."""
        return Path(self._package["package_path"]).read_bytes()

    def apply(self) -> None:
        """Apply everything, in the two stages of a connection."""
        MODEL_VERSION.put(self.cloud)
        self._apply("permissions")
        self.connected = self._apply("forwarding")
        outputs = self.outputs = self._root.outputs()
        self.hub = Hub(self.cloud, HUB, outputs["hub"])
        self.north = Spoke(self.cloud, NORTH, outputs["north"], "North/dev")
        self.south = Spoke(self.cloud, SOUTH, outputs["south"], "South/dev")

    def upgrade(self) -> None:
        """Apply once more, after another `build`; what was changed by hand stays as it is."""
        self._apply("forwarding", "-refresh=false")

    def replace(self, *addresses: str) -> Changes:
        """Apply with `-replace` of these resources; what else was changed by hand stays as it is."""
        return self._apply("forwarding", "-refresh=false", *(f"-replace={address}" for address in addresses))

    def register_projects(self) -> None:
        """Register the projects of the account north."""
        for project in PROJECTS:
            self.hub.register(project, NORTH)

    def plan(self) -> Changes:
        """Plan once more, without a change of the root module."""
        return self._root.plan(**self._variables("forwarding"))

    def with_another_state(self, folder: Path) -> Root:
        """Return the same root module with an empty state, as in a new workspace or after the state was lost.

        Its connections name the installation instead of waiting for hub and spokes, as if each had a root of its own.
        """
        root = copy_root(
            SOURCE / "terraform", folder, self.cloud, {"accounts": ACCOUNTS, **self._variables("forwarding")}
        )
        connections = {f"{account}_connection": {"name": NAME} for account in ACCOUNTS}
        (folder / "connections_override.tf.json").write_text(json.dumps({"module": connections}))
        return root

    def _apply(self, stage: str, *options: str) -> Changes:
        return self._root.apply(*options, **self._variables(stage))

    def _variables(self, stage: str) -> dict[str, Any]:
        return {"stage": stage, **self._north, **self._package}
