"""`make upgrade-plan FROM=REV`: plan the present modules over a state that the modules of an earlier revision applied.

The modules and the package of REV are applied on a local cloud: hub, spoke and connection in one root module, once with
default settings and once with every option and a customer-managed key. The plan of the present modules over that state
must create, delete and replace nothing, and keep every output. Its updates are listed by resource and attribute.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT, Failure, build_package, say
from ds_dashboard_local import LocalCloud, LocalCloudError

_ACCOUNT = "111111111111"
_MODULES = ("hub", "spoke", "connection")
_HARMLESS = ({"no-op"}, {"read"}, {"update"})


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The plan of one version of the modules over the state of another.

    Attributes:
        destructive: Resource address -> `create`, `delete` or `replace`.
        updates: Resource address -> the names of the changed attributes.
        moves: Old resource address -> new one.
        lost_outputs: Outputs that the earlier version had and this one does not, as `CALL.OUTPUT`.
    """

    destructive: Mapping[str, str]
    updates: Mapping[str, Sequence[str]]
    moves: Mapping[str, str]
    lost_outputs: Sequence[str]

    @property
    def is_safe(self) -> bool:
        """Whether the plan creates, deletes and replaces nothing, and keeps all outputs."""
        return not self.destructive and not self.lost_outputs

    @classmethod
    def parse(cls, plan: Mapping[str, Any]) -> Upgrade:
        """Read the document that `terraform show -json PLAN` prints."""
        changes = [one for one in plan.get("resource_changes", []) if one["mode"] == "managed"]
        destructive = {
            one["address"]: "replace" if len(actions) > 1 else actions[0]
            for one in changes
            if set(actions := one["change"]["actions"]) not in _HARMLESS
        }
        updates = {
            one["address"]: sorted(_changed_attributes(one["change"]))
            for one in changes
            if one["change"]["actions"] == ["update"]
        }
        moves = {one["previous_address"]: one["address"] for one in changes if "previous_address" in one}
        return cls(destructive, updates, moves, sorted(_lost_outputs(plan.get("output_changes", {}))))

    def lines(self) -> Iterator[str]:
        """Yield the report, line by line."""
        for address, action in sorted(self.destructive.items()):
            yield f"{action}: {address}"
        for output in self.lost_outputs:
            yield f"output removed: {output}"
        for (old, new), count in sorted(Counter(_differing_parts(*move) for move in self.moves.items()).items()):
            yield f"moved: {old} -> {new} ({count} resources)"
        for address, attributes in sorted(self.updates.items()):
            yield f"update: {address}: {', '.join(attributes)}"
        yield (
            f"{len(self.destructive)} created, deleted or replaced; {len(self.lost_outputs)} outputs removed; "
            f"{len(self.moves)} moved; {len(self.updates)} updated."
        )


def _differing_parts(old: str, new: str) -> tuple[str, str]:
    """Return two addresses without the end that they have in common."""
    parts = [re.findall(r'\w+|"[^"]*"|\W', address) for address in (old, new)]
    while parts[0][-1:] == parts[1][-1:]:
        parts[0].pop()
        parts[1].pop()
    return "".join(parts[0]), "".join(parts[1])


def _changed_attributes(change: Mapping[str, Any]) -> Iterator[str]:
    before, after, unknown = change["before"], change["after"], change["after_unknown"]
    for name in before.keys() | after.keys() | unknown.keys():
        if _has_unknown(unknown.get(name)) or before.get(name) != after.get(name):
            yield name


def _has_unknown(value: Any) -> bool:
    """Whether a part of `after_unknown`, which nests as the attribute does, marks anything as unknown."""
    if isinstance(value, dict | list):
        return any(map(_has_unknown, value.values() if isinstance(value, dict) else value))
    return bool(value)


def _lost_outputs(changes: Mapping[str, Any]) -> Iterator[str]:
    for call, change in changes.items():
        kept = {*(change["after"] or {}), *(change["after_unknown"] or {})}
        yield from (f"{call}.{name}" for name in (change["before"] or {}) if name not in kept)


def root_module() -> dict[str, Any]:
    """Return a root module with two installations: one with default settings, and one with every option."""
    tags = {"team": "upgrade"}
    company = {
        "name": "every-option",
        "permissions_boundary_arn": "${aws_iam_policy.boundary.arn}",
        "iam_path": "/upgrade/",
        "alarm_actions": ["arn:aws:sns:eu-west-1:111111111111:alarms"],
        "tags": tags,
    }
    keyed = {**company, "kms_key_arn": "${aws_kms_key.this.arn}"}
    modules = {
        **_installation("defaults", {}, {}, {}),
        **_installation(
            "every_option",
            {
                **keyed,
                "refresh_schedule": "cron(0 6 * * ? *)",
                "retention_days": 400,
                "event_archive_days": 30,
                "disabled_alarms": ["watch-errors"],
                "monitored_projects_path": "/every-option/projects",
            },
            {
                **keyed,
                "schedule_expression": "rate(1 day)",
                "metrics": ["NumberEndPointsInService"],
                "metric_instances": {
                    "ModelVersion": {"class": "SSMParameterValue", "arguments": {"parameter_name": "/model-version"}}
                },
                "monitors_path": "/every-option/monitors",
            },
            {
                **company,
                "monitors_path": "/every-option/monitors",
                "monitored_projects_path": "/every-option/projects",
            },
        ),
    }
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return {
        "module": modules,
        "resource": {
            "aws_kms_key": {"this": {"policy": "${data.aws_iam_policy_document.key.json}", "tags": tags}},
            "aws_iam_policy": {
                "boundary": {
                    "name": "boundary",
                    "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
                }
            },
        },
        "data": {
            "aws_iam_policy_document": {
                "key": {
                    "source_policy_documents": [
                        f"${{module.every_option_{module}.kms_key_policy_json}}" for module in ("hub", "spoke")
                    ]
                }
            }
        },
        "output": {name: {"value": f"${{module.{name}}}"} for name in modules},
    }


def _installation(
    name: str, hub: Mapping[str, Any], spoke: Mapping[str, Any], connection: Mapping[str, Any]
) -> dict[str, Any]:
    """Hub, spoke and connection of one account that reports to itself."""
    calls: dict[str, Mapping[str, Any]] = {
        "hub": {"monitored_projects": {"Project1": {"dev": _ACCOUNT}}, "deletion_protection": False, **hub},
        "spoke": {"project_name": "Project1", "environment": "dev", "monitors": {"own": _ACCOUNT}, **spoke},
        "connection": {
            "monitored_projects": f"${{module.{name}_hub.monitored_projects}}",
            "monitors": f"${{module.{name}_spoke.monitors}}",
            "spoke_bus_name": f"${{module.{name}_spoke.event_bus_name}}",
            **connection,
            "name": f"${{module.{name}_hub.name}}",
        },
    }
    return {f"{name}_{module}": {"source": f"../modules/{module}", **call} for module, call in calls.items()}


def export(revision: str, folder: Path) -> None:
    """Write the files of a git revision to `folder`.

    Raises:
        Failure: Git does not know the revision.
    """
    done = subprocess.run(["git", "archive", revision], cwd=CHECKOUT, capture_output=True, check=False)
    if done.returncode != 0:
        raise Failure(
            f"git archive {revision} failed: {done.stderr.decode().strip()}",
            fix="Use a commit, a tag or a branch of this repository, and fetch it if the clone is shallow.",
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _build_earlier_package(checkout: Path, output: Path) -> None:
    """Build the package with the command of the exported revision, which is not installed."""
    path = os.pathsep.join(str(checkout / folder) for folder in ("tools", "lambda_src"))
    code = "import sys; from ds_dashboard_cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "package", "-o", output],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(
            f"The package of the earlier revision could not be built: {done.stderr.strip()[-2000:]}",
            fix="Check out that revision and run `make package-lambdas` in it.",
        )


def plan_upgrade(revision: str, folder: Path, cloud: LocalCloud) -> Upgrade:
    """Apply the modules of `revision` in `folder`, and plan the present modules over their state.

    Raises:
        Failure: The revision is unknown, its package cannot be built, or Terraform failed.
    """
    package = folder / "lambda_src" / "dist" / "ds_dashboard.zip"
    package.parent.mkdir(parents=True)
    modules, root = folder / "modules", folder / "root"
    root.mkdir()
    (root / "root.tf.json").write_text(json.dumps(root_module()))
    env = cloud.environment(_ACCOUNT)

    say(f"applying the modules of {revision} ...")
    export(revision, folder / "earlier")
    _build_earlier_package(folder / "earlier", package)
    shutil.copytree(folder / "earlier" / "modules", modules)
    terraform.Root(root, env).apply()

    say("planning the present modules ...")
    shutil.rmtree(modules)
    shutil.copytree(CHECKOUT / "modules", modules, ignore=shutil.ignore_patterns(".terraform*"))
    build_package(package)
    # A new object, which runs `terraform init` again: the present version has other nested modules.
    return Upgrade.parse(terraform.Root(root, env).show())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report. Return 1 if the upgrade would create, delete or replace anything or remove an output."""
    parser = argparse.ArgumentParser(
        prog="python -m ds_dashboard_dev.plans.upgrade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--from", dest="revision", metavar="REV", required=True, help="the revision to upgrade from")
    revision = parser.parse_args(arguments).revision
    try:
        with tempfile.TemporaryDirectory() as folder, LocalCloud() as cloud:
            upgrade = plan_upgrade(revision, Path(folder), cloud)
    except (Failure, LocalCloudError) as failure:
        say(str(failure))
        return 2
    for line in upgrade.lines():
        print(line)  # noqa: T201
    return 0 if upgrade.is_safe else 1


if __name__ == "__main__":
    sys.exit(main())
