"""A copy of the modules to plan, with metrics and a package that do not change when somebody adds a metric."""

from __future__ import annotations

import itertools
import json
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from ds_dashboard_local import RunningCloud

from .planner import Call, Root

CHECKOUT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
REGION = "eu-west-1"


def write_package(path: Path, metrics: Sequence[str] | None = None, digest: str | None = None) -> None:
    """A package as `make package-lambdas` writes it, but without code.

    With `metrics` it has its sidecar, which is of another package where `digest` says so.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("ds_dashboard/__init__.py"), "")
    if metrics is not None:
        own = b64encode(sha256(path.read_bytes()).digest()).decode()
        sidecar = {"base64sha256": digest or own, "metrics": list(metrics), "version": "0.1.0"}
        Path(f"{path}.json").write_text(json.dumps(sidecar))


class Workshop:
    """Root modules beside a copy of the three modules, each with an account that nobody else uses."""

    def __init__(self, folder: Path, cloud: RunningCloud) -> None:
        self.cloud = cloud
        self._folder = folder
        self._numbers = itertools.count(500_000_000_001)
        unwanted = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan")
        shutil.copytree(CHECKOUT / "modules", folder / "modules", ignore=unwanted)
        shutil.copy(FIXTURES / "metrics.json", folder / "modules" / "spoke" / "metrics.json")
        known = json.loads((FIXTURES / "metrics.json").read_text())["metrics"]
        write_package(folder / "lambda_src" / "dist" / "ds_dashboard.zip", sorted(known))

    def new_account(self) -> str:
        """The id of an account that nobody else uses."""
        return str(next(self._numbers))

    def root(self, name: str, calls: Mapping[str, Call], account: str | None = None, region: str = REGION) -> Root:
        """A root module of these calls."""
        folder = self._folder / name
        folder.mkdir()
        root = Root(folder, self.cloud, account or self.new_account(), region)
        root.write(calls)
        return root

    def put_parameters(self, account: str, parameters: Mapping[str, str]) -> None:
        """Register by hand, as with `aws ssm put-parameter`."""
        ssm = self.cloud.client("ssm", account, REGION)
        for name, value in parameters.items():
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
