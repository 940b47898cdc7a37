"""Where things are: in a checkout of the repository, or in an installed wheel."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import ds_dashboard


@dataclass(frozen=True)
class Checkout:
    """A checkout of the repository, where generated files have a place of their own."""

    root: Path

    @property
    def manifest(self) -> Path:
        return self.root / "modules" / "spoke" / "metrics.json"

    @property
    def catalogue(self) -> Path:
        return self.root / "docs" / "metrics.md"

    @property
    def package(self) -> Path:
        return self.root / "lambda_src" / "dist" / "ds_dashboard.zip"


def checkout() -> Checkout | None:
    """The checkout that this command runs from, or None where it is installed from a wheel."""
    root = Path(__file__).resolve().parents[3]
    inside = (root / "modules" / "spoke").is_dir() and (root / "lambda_src" / "ds_dashboard").is_dir()
    return Checkout(root) if inside else None


def lambda_sources() -> Path:
    """The folder `ds_dashboard`, which runs in AWS."""
    return Path(ds_dashboard.__file__).resolve().parent


def vendor_folder() -> Path:
    """Where downloaded dependencies are kept: ignored by git in a checkout, else the user's cache."""
    home = checkout()
    if home:
        return home.root / "lambda_src" / "vendor"
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "ds-dashboard" / "vendor"


def display_path(path: Path) -> str:
    """A path as a user would type it: relative where it is below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
