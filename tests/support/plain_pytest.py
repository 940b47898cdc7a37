"""Tests of an author, run as an author does: without a plugin or an option of this repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def output_of_passing_tests(folder: Path, name: str) -> str:
    """Run the tests of `folder`/`name` in `folder`, and return what pytest printed. They must pass."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
