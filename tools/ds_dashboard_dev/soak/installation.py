"""What is soaked: a hub, two spokes and a second installation, applied by Terraform to a local cloud."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT, Failure
from ds_dashboard_dev.soak.side import Hub, Spoke
from ds_dashboard_local import RunningCloud

HERE = Path(__file__).parent
ACCOUNTS = {"hub": "640000000001", "north": "640000000002", "south": "640000000003"}
# Of the account north, beside North itself.
PROJECTS = [f"Project{number:02}/dev" for number in range(50)]
SOUND = ("Digits", "Parameters", "Tenth")


class Installation:
    """The applied installation and its parts.

    Args:
        folder: for the root module's copy, its state and the packages.
        north_metrics: what the spoke North extracts.
    """

    def __init__(self, cloud: RunningCloud, folder: Path, north_metrics: Sequence[str] = SOUND) -> None:
        self.cloud, self._folder, self._north_metrics = cloud, folder, north_metrics
        self._root = folder / "root"
        shutil.copytree(HERE / "root", self._root)
        for file in self._root.glob("*.tf"):
            file.write_text(file.read_text().replace("../../../../modules", str(CHECKOUT / "modules")))
        # Of no account's: each provider names its own.
        self._env = cloud.environment("000000000000")
        self._package: dict[str, str] = {}

    def build(self, *metrics: Path) -> None:
        """Build manifest and package with the metrics of the soak, and of `metrics` (folders) beside them."""
        paths = {name: self._folder / file for name, file in (("manifest", "metrics.json"), ("package", "package.zip"))}
        folders = [option for folder in (HERE / "metrics", *metrics) for option in ("--metrics", str(folder))]
        program = Path(sys.executable).with_name("ds-dashboard")
        for command, path in paths.items():
            arguments = [str(program), command, *folders, "-o", str(path)]
            done = subprocess.run(arguments, check=False, capture_output=True, text=True)
            if done.returncode != 0:
                raise Failure(f"ds-dashboard {command} failed: {done.stderr.strip()}", fix="The message says why.")
        self._package = {f"{command}_path": str(path) for command, path in paths.items()}

    def package_bytes(self) -> bytes:
        """The package that was built last."""
        return Path(self._package["package_path"]).read_bytes()

    def apply(self) -> None:
        """Apply everything, in the two stages that connecting takes, and register the projects."""
        terraform.init(self._root, env=self._env)
        self._apply("permissions")
        # Nobody has changed anything in these seconds.
        self._apply("forwarding", "-refresh=false")
        self._read_outputs()
        for project in PROJECTS:
            self.hub.register(project, self.north.account)

    def upgrade(self) -> None:
        """Apply once more, after another `build`; what `hurry` has changed stays as it is."""
        self._apply("forwarding", "-refresh=false")

    def _apply(self, stage: str, *options: str) -> None:
        variables = {
            "accounts": ACCOUNTS,
            "north_metrics": list(self._north_metrics),
            "stage": stage,
            **self._package,
        }
        (self._root / "given.auto.tfvars.json").write_text(json.dumps(variables))
        # Most resources wait for the service and not for the processor, so many at a time.
        many = ("-input=false", "-no-color", "-auto-approve", "-parallelism=40")
        terraform.run(self._root, "apply", *many, *options, env=self._env)

    def _read_outputs(self) -> None:
        text = terraform.run(self._root, "output", "-json", env=self._env).stdout
        outputs: dict[str, Mapping[str, Any]] = {name: each["value"] for name, each in json.loads(text).items()}
        hub, north, south = ACCOUNTS.values()
        self.hub = Hub(self.cloud, hub, "soak", outputs["hub"])
        self.second_hub = Hub(self.cloud, hub, "second", outputs["second_hub"])
        self.north = Spoke(self.cloud, north, "soak", "North/dev", outputs["north"])
        self.south = Spoke(self.cloud, south, "soak", "South/dev", outputs["south"])
        self.home = Spoke(self.cloud, hub, "second", "Home/dev", outputs["home"])

    def hurry(self, visibility_seconds: int, *, most_receives: int | None = None) -> None:
        """Let what failed come again after seconds, where as deployed it takes minutes; an operator may do so."""
        for hub in (self.hub, self.second_hub):
            hub.hurry(visibility_seconds, most_receives)

    def spokes(self) -> Iterable[Spoke]:
        """The spokes of the first hub."""
        return (self.north, self.south)
