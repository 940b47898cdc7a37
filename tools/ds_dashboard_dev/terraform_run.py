"""A root module applied by Terraform, and what each run of it changed, read from Terraform's own JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_dashboard_dev import terraform

# Most resources wait for the service and not for the processor, so many at a time.
_MANY = "-parallelism=40"


class TerraformFailed(AssertionError):
    """Terraform said no; the message is its own."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a plan or an apply changes: addresses of resources, by what happens to them."""

    actions: Mapping[str, str]

    def of(self, action: str) -> list[str]:
        """The addresses to `create`, `update`, `delete` or `replace`, sorted."""
        return sorted(address for address, planned in self.actions.items() if planned == action)


class Root:
    """A root module in `folder`, with its state beside it, run under `env`.

    Args:
        variables: given in every run, beside those of the run itself.
    """

    def __init__(self, folder: Path, env: Mapping[str, str], variables: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self._env = dict(env)
        self._variables = dict(variables or {})
        self._initialized = False

    def plan(self, **variables: Any) -> Changes:
        """What an apply with these variables would change."""
        return self._run("plan", "-lock=false", variables=variables)

    def apply(self, **variables: Any) -> Changes:
        """Apply with these variables; returns what was changed."""
        return self._run("apply", "-auto-approve", variables=variables)

    def destroy(self, **variables: Any) -> Changes:
        """Destroy what was applied."""
        return self._run("destroy", "-auto-approve", variables=variables)

    def outputs(self) -> dict[str, Any]:
        """The outputs' values."""
        text = terraform.run(self.folder, "output", "-json", env=self._env).stdout
        return {name: output["value"] for name, output in json.loads(text).items()}

    def state(self) -> list[str]:
        """The addresses in the state."""
        return terraform.run(self.folder, "state", "list", env=self._env).stdout.split()

    def _run(self, command: str, *options: str, variables: Mapping[str, Any]) -> Changes:
        if not self._initialized:
            terraform.init(self.folder, env=self._env)
            self._initialized = True
        given = [
            f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"
            for name, value in {**self._variables, **variables}.items()
        ]
        done = terraform.run(
            self.folder, command, "-input=false", "-json", _MANY, *options, *given, env=self._env, check=False
        )
        messages = list(_messages(done.stdout))
        if done.returncode != 0:
            faults = [message["diagnostic"] for message in messages if message.get("type") == "diagnostic"]
            told = [f"{one['summary']}\n{one.get('detail', '')}" for one in faults if one["severity"] == "error"]
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
