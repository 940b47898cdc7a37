"""A root module of the world, applied by Terraform in a folder of its own, and what each run of it changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_dashboard_dev import terraform
from ds_dashboard_local.cloud import RunningCloud

_SOURCES = Path(__file__).parent / "world"
_MODULES = terraform.CHECKOUT / "modules"
# Most resources wait for the service and not for the processor, so many at a time.
_MANY = "-parallelism=40"


class TerraformFailed(AssertionError):
    """Terraform said no; the message is its own."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a plan or an apply changes: addresses of resources, by what happens to them."""

    actions: Mapping[str, str]

    def of(self, action: str) -> list[str]:
        """The addresses that are to ``create``, ``update``, ``delete`` or ``replace``, sorted."""
        return sorted(address for address, planned in self.actions.items() if planned == action)


class Root:
    """One of the folders below ``sources``, with a state of its own."""

    def __init__(
        self, name: str, cloud: RunningCloud, folder: Path, variables: Mapping[str, Any], *, sources: Path = _SOURCES
    ) -> None:
        self._path = folder / name
        self._path.mkdir()
        for source in (sources / name).glob("*.tf"):
            text = source.read_text().replace("../../../../modules", str(_MODULES))
            (self._path / source.name).write_text(text)
        self._variables = dict(variables)
        # Of no account's: each provider names its own.
        self._env = cloud.environment("000000000000")
        terraform.init(self._path, env=self._env)

    def apply(self, **variables: Any) -> Changes:
        """Apply with ``variables`` beside those of the root; returns what was changed."""
        return self._run("apply", "-auto-approve", variables=variables)

    def plan(self, **variables: Any) -> Changes:
        """What an apply would change."""
        return self._run("plan", "-lock=false", variables=variables)

    def destroy(self) -> Changes:
        """Destroy what was applied."""
        return self._run("destroy", "-auto-approve", variables={})

    def outputs(self) -> dict[str, Any]:
        """The outputs' values."""
        text = terraform.run(self._path, "output", "-json", env=self._env).stdout
        return {name: output["value"] for name, output in json.loads(text).items()}

    def state(self) -> list[str]:
        """The addresses in the state."""
        return terraform.run(self._path, "state", "list", env=self._env).stdout.split()

    def _run(self, command: str, *options: str, variables: Mapping[str, Any]) -> Changes:
        (self._path / "given.auto.tfvars.json").write_text(json.dumps({**self._variables, **variables}))
        done = terraform.run(self._path, command, "-input=false", "-json", _MANY, *options, env=self._env, check=False)
        messages = list(_messages(done.stdout))
        if done.returncode != 0:
            faults = [message["diagnostic"] for message in messages if message.get("type") == "diagnostic"]
            told = [
                f"{fault['summary']}\n{fault.get('detail', '')}" for fault in faults if fault["severity"] == "error"
            ]
            raise TerraformFailed("\n".join(told) or done.stdout + done.stderr)
        return Changes(
            {
                message["change"]["resource"]["addr"]: message["change"]["action"]
                for message in messages
                if message.get("type") == "planned_change" and message["change"]["action"] != "read"
            }
        )


def _messages(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
