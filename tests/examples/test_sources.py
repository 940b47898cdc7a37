"""The modules as a git source, as in the comments of the examples: only what git tracks exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Root
from ds_dashboard_local import LocalCloud

from .world import BOTH, PACKAGE, World

VERSION = "v0.1.0"
# The placeholder in the examples.
PUBLISHED = "https://github.com/<org>/ds-dashboard.git"


def _git(*arguments: str | Path, cwd: Path) -> str:
    identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the files that a commit would have now, tagged as a release."""
    folder = tmp_path / "ds-dashboard.git"
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard", "modules", cwd=CHECKOUT).splitlines():
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "release"], ["tag", VERSION]):
        _git(*command, cwd=folder)
    return folder


def test_an_example_plans_with_modules_from_git_and_a_downloaded_package(
    repository: Path, world: World, local_cloud: LocalCloud, tmp_path: Path
) -> None:
    """A user of a release has no checkout. A module that refers to a file outside of itself would fail."""
    folder = tmp_path / "live"
    folder.mkdir()
    for file in (CHECKOUT / "examples" / "one-account").glob("*.tf"):
        text = re.sub(r'(# .*: source = (".*")\n\s*)source = ".*"', r"\1source = \2", file.read_text())
        (folder / file.name).write_text(text.replace(PUBLISHED, f"file://{repository}"))
    shutil.copy(world.checkout / PACKAGE, folder / "ds_dashboard.zip")

    planned = Root(folder, local_cloud.environment(BOTH)).plan(package_path="ds_dashboard.zip")

    assert set(planned.actions.values()) == {"create"}
    manifest = json.loads((folder / ".terraform" / "modules" / "modules.json").read_text())
    sources = {one["Key"]: one["Source"] for one in manifest["Modules"]}
    for module in ("hub", "spoke", "connection"):
        assert sources[module] == f"git::file://{repository}//modules/{module}?ref={VERSION}"
        assert [address for address in planned.actions if address.startswith(f"module.{module}.")]
