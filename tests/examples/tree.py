"""A checkout as a user has it after `make package-lambdas`, in which the examples stand as they are written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ds_dashboard_dev.checkout import CHECKOUT

PACKAGE = Path("lambda_src", "dist", "ds_dashboard.zip")
_LEFT_BY_RUNS = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan", "__pycache__")


def ds_dashboard(*arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run the command that is installed here; returns what it printed."""
    program = Path(sys.executable).with_name("ds-dashboard")
    done = subprocess.run([program, *arguments], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy(folder: Path) -> Path:
    """Copy modules and examples into `folder`, and build the package where the examples look for it."""
    for part in ("modules", "examples"):
        shutil.copytree(CHECKOUT / part, folder / part, ignore=_LEFT_BY_RUNS)
    ds_dashboard("package", "-o", folder / PACKAGE)
    return folder
