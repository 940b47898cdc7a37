"""A root module of the world, applied by Terraform in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Changes, TerraformFailed
from ds_dashboard_local import RunningCloud

__all__ = ["Changes", "Root", "TerraformFailed"]

_SOURCES = Path(__file__).parent / "world"
_MODULES = CHECKOUT / "modules"


class Root(terraform.Root):
    """One of the folders below `sources`, with a state of its own."""

    def __init__(
        self, name: str, cloud: RunningCloud, folder: Path, variables: Mapping[str, Any], *, sources: Path = _SOURCES
    ) -> None:
        path = folder / name
        path.mkdir()
        for source in (sources / name).glob("*.tf"):
            text = source.read_text().replace("../../../../modules", str(_MODULES))
            (path / source.name).write_text(text)
        # Of no account's: each provider names its own.
        super().__init__(path, cloud.environment("000000000000"), variables)
