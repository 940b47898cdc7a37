"""Root modules with many calls of the real modules, which the real provider plans against a local cloud.

A start of Terraform takes seconds, most of them for the schema of the provider. Therefore, many calls, each of them a
case, share a root module, and a test reads the part of its case.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Changes
from ds_dashboard_local import RunningCloud

T = TypeVar("T")
# From provider 6.28 on, of the history table's index. Their replacement does not exist in 5.100 (docs/limits.md).
_EXPECTED = re.compile(r"\b(hash|range)_key\b")
FIXTURES = Path(__file__).parent / "fixtures"
REGION = "eu-west-1"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the modules. Strings are templates, as everywhere in Terraform: `$${` is a literal `${`."""

    module: str
    variables: Mapping[str, Any]
    region: str = REGION


@dataclass(frozen=True, slots=True)
class Plan:
    """Attributes of planned resources by address, and outputs by case. JSON is decoded, unknowns are omitted."""

    values: Mapping[str, dict[str, Any]]
    outputs: Mapping[str, Any]

    def case(self, name: str) -> Plan:
        """Return the part of one case, with addresses as in a root module of its own."""
        return Plan(_below(self.values, name), self.outputs[name])


def case(changes: Changes, name: str) -> Changes:
    """Return the part of one case, with addresses as in a root module of its own."""
    diagnostics = tuple(
        one for one in changes.diagnostics if one.place.startswith(f"module.{name}.") or one.place == f"{name}.tf.json"
    )
    return Changes(_below(changes.actions, name), diagnostics)


def _below(addresses: Mapping[str, T], name: str) -> dict[str, T]:
    prefix = f"module.{name}."
    return {address[len(prefix) :]: value for address, value in addresses.items() if address.startswith(prefix)}


class CasesRoot(terraform.Root):
    """A root module that calls the modules once for each case, in an account of its own."""

    def __init__(self, folder: Path, cloud: RunningCloud, account: str) -> None:
        super().__init__(folder, cloud.environment(account, REGION))
        self.account = account

    def write(self, calls: Mapping[str, Call]) -> None:
        """Replace the calls. Each is a file with the name of its case."""
        for old in self.folder.glob("*.tf.json"):
            old.unlink()
        for name, call in calls.items():
            elsewhere = {} if call.region == REGION else {"providers": {"aws": f"aws.{call.region}"}}
            body = {
                "module": {name: {"source": f"../modules/{call.module}", **elsewhere, **call.variables}},
                "output": {name: {"value": f"${{module.{name}}}"}},
            }
            (self.folder / f"{name}.tf.json").write_text(json.dumps(body))
        regions = sorted({call.region for call in calls.values()} - {REGION})
        providers = [{}, *({"alias": region, "region": region} for region in regions)]
        (self.folder / "providers.tf.json").write_text(json.dumps({"provider": {"aws": providers}}))

    def attempt(self, command: str, *options: str, **more: Any) -> Changes:
        """Run a subcommand. The changes contain the errors if it fails."""
        changes = super().attempt(command, *options, **more)
        deprecated = [text for text in changes.warnings if "deprecated" in text.lower() and not _EXPECTED.search(text)]
        assert not deprecated, f"What is deprecated now is an error in the next release of the provider: {deprecated}"
        return changes

    def planned(self) -> Plan:
        """Plan, and return all planned attributes."""
        document = self.show()
        outputs = {name: _decoded(change["after"]) for name, change in document.get("output_changes", {}).items()}
        return Plan(dict(_resources(document["planned_values"]["root_module"])), outputs)


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


class Workshop:
    """Root modules next to a copy of the modules, with a manifest and a package that new metrics do not change."""

    def __init__(self, folder: Path, cloud: RunningCloud) -> None:
        self.cloud = cloud
        self._folder = folder
        self._numbers = itertools.count(500_000_000_001)
        unwanted = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan")
        shutil.copytree(CHECKOUT / "modules", folder / "modules", ignore=unwanted)
        shutil.copy(FIXTURES / "metrics.json", folder / "modules" / "spoke" / "metrics.json")
        known = json.loads((FIXTURES / "metrics.json").read_text())["metrics"]
        write_package(folder / "lambda_src" / "dist" / "ds_dashboard.zip", sorted(known))

    def root(self, name: str, calls: Mapping[str, Call], account: str | None = None) -> CasesRoot:
        """Write a root module with these calls, by default for an account that no other root uses."""
        folder = self._folder / name
        folder.mkdir()
        root = CasesRoot(folder, self.cloud, account or str(next(self._numbers)))
        root.write(calls)
        return root

    def put_parameters(self, account: str, parameters: Mapping[str, str], kind: str = "String") -> None:
        """Write parameters, as `aws ssm put-parameter --type KIND` does."""
        ssm = self.cloud.client("ssm", account, REGION)
        for name, value in parameters.items():
            ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)


def write_package(path: Path, metrics: Sequence[str] | None = None, digest: str | None = None) -> None:
    """Write a package in the form of `make package-lambdas`, but without code.

    Args:
        path: The zip file.
        metrics: The names in the sidecar. Without them, there is no sidecar.
        digest: The hash in the sidecar, instead of the package's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("ds_dashboard/__init__.py"), "")
    if metrics is not None:
        own = b64encode(sha256(path.read_bytes()).digest()).decode()
        sidecar = {"base64sha256": digest or own, "metrics": list(metrics), "version": "0.1.0"}
        Path(f"{path}.json").write_text(json.dumps(sidecar))
