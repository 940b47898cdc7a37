"""Paths of sources and generated files, in a checkout of the repository and in an installed wheel."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import ds_dashboard


@dataclass(frozen=True)
class Checkout:
    """A checkout of the repository, and where it keeps generated files."""

    root: Path

    @property
    def manifest(self) -> Path:
        """The manifest that the spoke module reads by default."""
        return self.root / "modules" / "spoke" / "metrics.json"

    @property
    def catalogue(self) -> Path:
        """The page that lists all metrics."""
        return self.root / "docs" / "metrics.md"

    @property
    def package(self) -> Path:
        """The package that the modules deploy by default."""
        return self.root / "lambda_src" / "dist" / "ds_dashboard.zip"


def checkout() -> Checkout | None:
    """Return the checkout that this command runs from, or None if it was installed from a wheel."""
    root = Path(__file__).resolve().parents[3]
    inside = (root / "modules" / "spoke").is_dir() and (root / "lambda_src" / "ds_dashboard").is_dir()
    return Checkout(root) if inside else None


def lambda_sources() -> Path:
    """Return the folder of the `ds_dashboard` library, which runs in AWS."""
    return Path(ds_dashboard.__file__).resolve().parent


def vendor_folder() -> Path:
    """Return the cache for downloaded dependencies: `lambda_src/vendor` in a checkout, else the user's cache.

    A user without a home, as in many containers, gets one below the folder for temporary files.
    """
    home = checkout()
    if home:
        return home.root / "lambda_src" / "vendor"
    user = os.path.expanduser("~")
    default = os.path.join(user, ".cache") if os.path.isabs(user) else tempfile.gettempdir()
    cache = os.environ.get("XDG_CACHE_HOME") or default
    return Path(cache) / "ds-dashboard" / "vendor"
