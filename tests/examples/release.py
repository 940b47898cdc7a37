"""An example as a user of a release has it: modules from git, which contains only what git tracks, and no checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from ds_dashboard_dev.checkout import CHECKOUT

VERSION = "v0.1.0"
PACKAGE = "ds_dashboard.zip"
# The placeholder in the comments of the examples, which name the git source of each module.
_PUBLISHED = "https://github.com/<org>/ds-dashboard.git"


def publish(folder: Path) -> None:
    """Make a repository with the files that a commit would have now, tagged as a release."""
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard", "modules", cwd=CHECKOUT).splitlines():
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "release"], ["tag", VERSION]):
        _git(*command, cwd=folder)


def write_live(example: Path, folder: Path, repository: Path, package: Path) -> None:
    """Copy the files of an example to `folder`, with modules from the repository, and the package next to them."""
    folder.mkdir(parents=True)
    for file in example.glob("*.tf"):
        text = re.sub(r'(# .*: source = (".*")\n\s*)source = ".*"', r"\1source = \2", file.read_text())
        (folder / file.name).write_text(text.replace(_PUBLISHED, f"file://{repository}"))
    shutil.copy(package, folder / PACKAGE)


def _git(*arguments: str, cwd: Path) -> str:
    identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout
