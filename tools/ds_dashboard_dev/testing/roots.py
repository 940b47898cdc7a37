"""Terraform roots of test worlds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Root
from ds_dashboard_local import RunningCloud

# No account: each provider of a world names its own, by the access key.
_NO_ACCOUNT = "000000000000"
_MODULE_SOURCE = re.compile(r'"(?:\.\./)+modules/')


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that somebody writes to Parameter Store by hand."""

    account: str
    name: str
    value: str
    region: str = "eu-west-1"

    def put(self, cloud: RunningCloud) -> None:
        """Write it, over an older value."""
        cloud.client("ssm", self.account, self.region).put_parameter(
            Name=self.name, Value=self.value, Type="String", Overwrite=True
        )

    def delete(self, cloud: RunningCloud) -> None:
        """Delete it."""
        cloud.client("ssm", self.account, self.region).delete_parameter(Name=self.name)


def copy_root(source: Path, folder: Path, cloud: RunningCloud, variables: Mapping[str, Any] | None = None) -> Root:
    """Copy the Terraform files of `source` to `folder`, where they call the modules of this checkout.

    Args:
        source: a folder of `.tf` files whose providers name their accounts by access key.
        folder: made by this function; the state is written next to the files.
        cloud: where Terraform applies the root.
        variables: passed to every run, next to those of the run itself.
    """
    folder.mkdir(parents=True)
    modules = CHECKOUT / "modules"
    for file in source.glob("*.tf"):
        (folder / file.name).write_text(_MODULE_SOURCE.sub(f'"{modules}/', file.read_text()))
    return Root(folder, cloud.environment(_NO_ACCOUNT), variables)
