"""`make plan-latest`: initialize, validate and plan every example with the newest AWS provider that `init` installs.

The modules support a range of providers, and the next release of the provider can break them or deprecate what they
use. The local cloud answers the provider, so no AWS account is needed and nothing is applied. The examples are copied
first, so that no lock file keeps an older provider.

To use OpenTofu: make plan-latest DS_DASHBOARD_TERRAFORM=tofu
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT, Failure, build_package, build_with_metrics, say
from ds_dashboard_dev.demo import company
from ds_dashboard_local import LocalCloud, LocalCloudError

_REGISTERED = {"monitors": {"hub": company.HUB}, "monitored_projects": {"Forecasting": {"dev": company.FORECASTING}}}
# The folders below `examples`, and the variables that they are planned with.
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "hub": {},
    "spoke": {},
    "connection": _REGISTERED,
    "one-account": {},
    "encrypted": {},
    "local/accounts": {},
    "local/connections": {},
}


def plan_all(folder: Path, cloud: LocalCloud) -> None:
    """Plan a copy of every example in `folder`, and print what each plan would create.

    Raises:
        Failure: An example could not be initialized, validated or planned.
    """
    for part in ("modules", "examples"):
        shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    build_package(folder / "lambda_src" / "dist" / "ds_dashboard.zip")
    built = build_with_metrics(folder, company.EXAMPLE / "metrics")
    company.register(cloud)
    env = cloud.environment(company.HUB)
    warnings: set[str] = set()
    for name, variables in EXAMPLES.items():
        example = folder / "examples" / name
        root = terraform.Root(example, env, {**variables, **(built if name == "local/accounts" else {})})
        root.validate()
        changes = root.plan()
        say(f"examples/{name}: {len(changes.of('create'))} resources to create, with {_providers(example, env)}")
        warnings.update(changes.warnings)
    for warning in sorted(warnings):
        say(f"Warning: {warning.strip()}")


def _providers(folder: Path, env: Mapping[str, str]) -> str:
    document = terraform.run(folder, "version", "-json", env=env).stdout
    selected = json.loads(document[document.index("{") :])["provider_selections"]
    return ", ".join(f"{name} {version}" for name, version in sorted(selected.items()))


def main() -> int:
    """Plan every example; return 1 if one fails."""
    try:
        program = terraform.find_terraform()
        say(f"{program.name} {terraform.terraform_version(program)}")
        with tempfile.TemporaryDirectory() as folder, LocalCloud() as cloud:
            plan_all(Path(folder), cloud)
    except (Failure, LocalCloudError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
