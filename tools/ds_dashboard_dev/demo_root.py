"""The demo's root modules, their states kept outside of the sources."""

from __future__ import annotations

import json
from pathlib import Path

from ds_dashboard_dev import demo_world as world
from ds_dashboard_dev import terraform
from ds_dashboard_local import RunningCloud

EXAMPLE = terraform.CHECKOUT / "examples" / "local"
WORK = terraform.CHECKOUT / ".tools" / "demo"


class Root:
    """A root module of `examples/local`, initialized for the accounts of `cloud`.

    Args:
        work: folder for its state.
    """

    def __init__(self, name: str, cloud: RunningCloud, variables: dict[str, str], work: Path = WORK) -> None:
        self._path = EXAMPLE / name
        self._state = work / f"{name}.tfstate"
        self._env = {
            **cloud.environment(world.HUB),
            "TF_DATA_DIR": str(work / name),
            **{f"TF_VAR_{variable}": value for variable, value in variables.items()},
        }
        terraform.init(self._path, env=self._env)

    def _run(self, command: str, *arguments: str) -> str:
        # Most resources wait for the service and not for the processor, so many at a time.
        many = [f"-state={self._state}", "-input=false", "-no-color", "-auto-approve", "-parallelism=40"]
        return terraform.run(self._path, command, *many, *arguments, env=self._env).stdout

    def apply(self, **variables: str) -> None:
        """Apply, with `variables` on the command line."""
        self._run("apply", *(f"-var={name}={value}" for name, value in variables.items()))

    def destroy(self) -> None:
        """Destroy what was applied."""
        self._run("destroy")

    def outputs(self) -> dict[str, str]:
        """The outputs' values."""
        text = terraform.run(self._path, "output", f"-state={self._state}", "-json", env=self._env).stdout
        return {name: output["value"] for name, output in json.loads(text).items()}
