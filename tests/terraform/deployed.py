"""Functions that run other code than the state says, as after an update of the code that failed.

An apply would take minutes. Here a state file says which package Terraform deployed, and the local cloud has the
functions with the code that they really run.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ds_dashboard_dev.terraform.installation import REGISTRY
from ds_dashboard_local import RunningCloud
from ds_dashboard_local.client.accounts import Account, package

from .planner import REGION, Call

# The package, seen from the root module.
PACKAGE = "../lambda_src/dist/ds_dashboard.zip"
_OTHER_CODE = package("def handler(event, context):\n    return 'other'\n")
OTHER = sha256(_OTHER_CODE).digest()
S3 = {"bucket": "packages", "key": "k"}
_ADDRESSES = {
    "archive": ("functions", "archive"),
    "refresh": ("functions", "refresh"),
    "watch": ("functions", "watch"),
    "extract": ("extractor", None),
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """A hub or a spoke whose functions exist.

    Attributes:
        functions: by role, whether the function runs the package; otherwise it runs `OTHER`.
        package_s3: the variable of the module; None if the package is a file.
    """

    functions: Mapping[str, bool]
    package_s3: Mapping[str, Any] | None = None

    @property
    def module(self) -> str:
        """The module that creates it."""
        return "spoke" if "extract" in self.functions else "hub"

    def call(self, name: str) -> Call:
        """Return the call of the module, for an installation of this name."""
        source = {"package_path": PACKAGE} if self.package_s3 is None else {"package_s3": dict(self.package_s3)}
        if self.module == "hub":
            return Call("hub", {"name": name, "monitored_projects_path": f"/{name}", **source})
        spoke = {"project_name": "P", "environment": "dev", "monitors_path": f"/{name}"}
        return Call("spoke", {"name": name, **spoke, **source})


# By the name of the case and of the installation.
DEPLOYED = {
    "update-failed": Deployed({"archive": False, "refresh": True, "watch": False}),
    "replaced": Deployed({"extract": False}),
    "object-in-hex": Deployed({"extract": False}, {**S3, "sha256": OTHER.hex().upper()}),
    "object-in-base64": Deployed({"extract": False}, {**S3, "sha256": b64encode(OTHER).decode()}),
    "object-unknown": Deployed({"extract": False}, S3),
    "other-object": Deployed({"extract": False}, {**S3, "sha256": "0" * 64}),
}
DEPLOYED_CALLS = {name: one.call(name) for name, one in DEPLOYED.items()}


def deploy(cloud: RunningCloud, account: str, folder: Path) -> None:
    """Create the buses and functions of `DEPLOYED`, and the state of the root module in `folder`."""
    own, planned = Account(cloud, account), (folder / PACKAGE).read_bytes()
    resources = []
    for case, one in DEPLOYED.items():
        cloud.client("events", account, REGION).create_event_bus(Name=f"{case}-{one.module}")
        for role, is_planned in one.functions.items():
            own.function(f"{case}-{role}", "")
            code = planned if is_planned else _OTHER_CODE
            own.lambda_.update_function_code(FunctionName=f"{case}-{role}", ZipFile=code)
            resources.append(_in_state(case, role, one.package_s3, b64encode(sha256(planned).digest()).decode()))
    state = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "deployed", "resources": resources}
    (folder / "terraform.tfstate").write_text(json.dumps(state))


def _in_state(case: str, role: str, package_s3: Mapping[str, Any] | None, planned: str) -> dict[str, Any]:
    """Return a function as the state has it. A refresh reads everything but the package."""
    resource, key = _ADDRESSES[role]
    if package_s3 is None:
        deployed = {"filename": PACKAGE, "source_code_hash": planned}
    else:
        digest = package_s3.get("sha256", "")
        in_base64 = b64encode(bytes.fromhex(digest)).decode() if len(digest) == 64 else digest
        deployed = {"s3_bucket": S3["bucket"], "s3_key": S3["key"], "source_code_hash": in_base64}
    name = f"{case}-{role}"
    instance = {"schema_version": 0, "attributes": {"id": name, "function_name": name, **deployed}}
    return {
        "module": f"module.{case}",
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": resource,
        "provider": f'provider["{REGISTRY}/hashicorp/aws"]',
        "instances": [instance if key is None else {"index_key": key, **instance}],
    }
