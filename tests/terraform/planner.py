"""Runs of Terraform with the real provider over the real modules, read from Terraform's own JSON.

A launch costs seconds, most of them for the provider's schema. So many calls of the modules, each a case, share a root
module, and each case sees its own part of what Terraform said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ds_dashboard_dev import terraform
from ds_dashboard_local import RunningCloud

T = TypeVar("T")
# Most resources wait for the service and not for the processor, so many at a time.
_MANY = "-parallelism=40"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the modules. Strings are templates, as everywhere in Terraform: `$${` is a plain `${`."""

    module: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """An error or a warning: what it says, and the address or the file it is about."""

    severity: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a run does, or would do, to which address, and the errors and warnings it came with."""

    actions: Mapping[str, str]
    messages: tuple[Message, ...]

    @property
    def errors(self) -> list[str]:
        return [message.text for message in self.messages if message.severity == "error"]

    @property
    def warnings(self) -> list[str]:
        return [message.text for message in self.messages if message.severity == "warning"]

    def of(self, action: str) -> list[str]:
        """The addresses to `create`, `update`, `delete` or `replace`, sorted."""
        return sorted(address for address, planned in self.actions.items() if planned == action)

    def case(self, name: str) -> Run:
        """The part of one case, with addresses as in a root module of its own."""
        own = tuple(m for m in self.messages if m.place.startswith(f"module.{name}.") or m.place == f"{name}.tf.json")
        return Run(_below(self.actions, name), own)


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned attributes of each resource, and outputs by case; JSON in them decoded, unknown ones left out."""

    values: Mapping[str, dict[str, Any]]
    outputs: Mapping[str, Any]

    def case(self, name: str) -> Plan:
        """The part of one case, with addresses as in a root module of its own."""
        return Plan(_below(self.values, name), self.outputs[name])


def _below(addresses: Mapping[str, T], name: str) -> dict[str, T]:
    prefix = f"module.{name}."
    return {address[len(prefix) :]: value for address, value in addresses.items() if address.startswith(prefix)}


class Root:
    """A root module in a folder of its own, with its state beside it."""

    def __init__(self, folder: Path, cloud: RunningCloud, account: str, region: str) -> None:
        self.folder = folder
        self.account = account
        self._env = cloud.environment(account, region)
        self._initialized = False

    def write(self, calls: Mapping[str, Call]) -> None:
        """Make each call a file of its own, named after the case, instead of those that were there."""
        for old in self.folder.glob("*.tf.json"):
            old.unlink()
        for name, call in calls.items():
            body = {
                "module": {name: {"source": f"../modules/{call.module}", **call.variables}},
                "output": {name: {"value": f"${{module.{name}}}"}},
            }
            (self.folder / f"{name}.tf.json").write_text(json.dumps(body))

    def init(self) -> None:
        """`terraform init`, once; every run sees to it."""
        if not self._initialized:
            terraform.init(self.folder)
            self._initialized = True

    def plan(self) -> Run:
        """What an apply would do."""
        return self._accepted(self.attempt("plan"))

    def show(self) -> Plan:
        """The plan with all attributes, which costs a second launch."""
        self._accepted(self.attempt("plan", "-out=plan"))
        text = terraform.run(self.folder, "show", "-json", "plan", env=self._env).stdout
        document = json.loads(text[text.index("{") :])
        outputs = {name: _decoded(change["after"]) for name, change in document.get("output_changes", {}).items()}
        return Plan(dict(_resources(document["planned_values"]["root_module"])), outputs)

    def apply(self) -> Run:
        return self._accepted(self.attempt("apply", "-auto-approve"))

    def destroy(self) -> Run:
        return self._accepted(self.attempt("destroy", "-auto-approve"))

    def state(self) -> list[str]:
        """The addresses in the state."""
        return terraform.run(self.folder, "state", "list", env=self._env).stdout.split()

    def outputs(self) -> dict[str, Any]:
        """The outputs of what was applied."""
        text = terraform.run(self.folder, "output", "-json", env=self._env).stdout
        return {name: output["value"] for name, output in json.loads(text).items()}

    def attempt(self, command: str, *options: str, **environment: str) -> Run:
        """A run that may be refused: then the errors are in it."""
        self.init()
        env = {**self._env, **environment}
        done = terraform.run(
            self.folder, command, "-input=false", "-json", "-lock=false", _MANY, *options, env=env, check=False
        )
        run = _read(done.stdout)
        assert run.errors or done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        old = [text for text in run.warnings if "deprecated" in text.lower()]
        assert not old, f"What is deprecated now is an error in the provider's next release: {old}"
        return run

    @staticmethod
    def _accepted(run: Run) -> Run:
        assert not run.errors, "\n".join(run.errors)
        return run


def _read(stdout: str) -> Run:
    actions, messages = {}, []
    for line in stdout.splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        if entry["type"] == "planned_change" and entry["change"]["action"] != "read":
            actions[entry["change"]["resource"]["addr"]] = entry["change"]["action"]
        elif entry["type"] == "diagnostic":
            found = entry["diagnostic"]
            text = " ".join(f"{found['summary']}: {found.get('detail', '')}".split())
            place = found.get("address") or found.get("range", {}).get("filename", "")
            messages.append(Message(found["severity"], text, place))
    return Run(actions, tuple(messages))


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in module.get("resources", []):
        if resource["mode"] == "managed":
            yield resource["address"], _decoded(resource["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if isinstance(value, dict):
        return {key: _decoded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_decoded(part) for part in value]
    return value
