"""A folder with metrics of a team, and the commands to run on it."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ds_dashboard_cli.main import cli
from ds_dashboard_dev.checkout import CHECKOUT

IMPORTS = "import boto3\nfrom ds_dashboard.metrics import Metric\n"
LINES = '''
from pathlib import Path
from ds_dashboard.metrics import Metric
from ._data import FILE

class Lines(Metric):
    """The number of lines in a file next to this one."""

    def _compute_value(self):
        return len(FILE.read_text().splitlines())
'''
COMPUTES = "    def _compute_value(self):\n        return 1\n"


def run_command(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], prog_name="ds-dashboard")


@dataclass
class Team:
    """A folder named `team` outside the repository."""

    path: Path

    def put(self, name: str, text: str) -> Path:
        """Write a file, and return its path."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def metric(self, name: str, body: str = "", before: str = "") -> Path:
        """Write a file with one metric: two lines of imports, then `before`, then the class."""
        return self.put(f"{name.lower()}.py", f"{IMPORTS}{before}class {name}(Metric):\n{body}{COMPUTES}")

    def manifest(self) -> dict[str, Any]:
        """Build the manifest with the metrics of the folder, which must be valid."""
        result = run_command("manifest", "--metrics", self.path, "-o", "-")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)  # type: ignore[no-any-return]

    def error(self) -> str:
        """Return the error message for the folder, which must be invalid."""
        result = run_command("manifest", "--metrics", self.path, "-o", "-")
        assert result.exit_code == 1
        assert result.stdout == "", "stdout is for data"
        assert "Traceback" not in result.stderr
        return result.stderr


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment outside the checkout, in which the wheel is installed, as users have it."""
    folder = tmp_path_factory.mktemp("installed")
    wheels, home = folder / "wheels", folder / "home"
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, CHECKOUT],
        check=True,
        capture_output=True,
    )
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/*/site-packages"))
    # The dependencies of this environment, without its .pth files, which would add the checkout.
    dependencies = Path(str(importlib.metadata.distribution("click").locate_file(""))).resolve()
    (site / "dependencies.pth").write_text(str(dependencies))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--no-deps", "--no-index"]
        + ["--quiet", "--disable-pip-version-check", *map(str, wheels.iterdir())],
        check=True,
        capture_output=True,
    )
    return home


@pytest.fixture
def team(tmp_path: Path) -> Team:
    (tmp_path / "team").mkdir()
    return Team(tmp_path / "team")


@pytest.fixture
def lines_team(team: Team) -> Team:
    """A folder with a metric, a helper, a data file, and files that must not be packaged."""
    team.put("lines.py", LINES)
    team.put("_data.py", "from pathlib import Path\nFILE = Path(__file__).parent / 'data' / 'lines.txt'\n")
    team.put("data/lines.txt", "one\ntwo\n")
    team.put("test_lines.py", "raise RuntimeError\n")
    team.put("__pycache__/lines.cpython-313.pyc", "bytecode")
    team.put(".env", "SECRET=1")
    team.put(".git/config", "secret")
    return team


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Path]:
    """Builds a package, and returns its path."""

    def built(name: str, *words: object) -> Path:
        result = run_command("package", "-o", tmp_path / name, *words)
        assert result.exit_code == 0, result.stderr
        assert result.stdout == "", "stdout is for data"
        return tmp_path / name

    return built


@pytest.fixture
def run() -> Callable[..., Result]:
    """Runs a command."""
    return run_command
