"""The same sources give the same package: in another folder, from another file system, from a wheel."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
Run = Callable[..., Any]
Build = Callable[..., Path]


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    """Copies the sources into a checkout of their own, in the order of the file names or against it."""

    def make(name: str, backwards: bool = False) -> Path:
        root = tmp_path / name
        kept = ("lambda_src/ds_dashboard", "tools/ds_dashboard_cli", "modules/spoke", "pyproject.toml")
        paths = [path for entry in kept for path in [ROOT / entry, *(ROOT / entry).rglob("*")]]
        files = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
        for path in sorted(files, reverse=backwards):
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o600 if backwards else 0o755)
        (root / "lambda_src/ds_dashboard/only_in_copies.py").write_text("")
        return root

    return make


def test_the_same_sources_give_the_same_bytes(
    copy: Callable[..., Path], lines_team: Any, tmp_path: Path, build: Build
) -> None:
    """Otherwise every machine's plan would deploy every function anew. Two folders, umasks, zones and file orders."""
    backwards = tmp_path / "elsewhere" / "team"
    for path in sorted((path for path in lines_team.path.rglob("*") if path.is_file()), reverse=True):
        (backwards / path.relative_to(lines_team.path)).parent.mkdir(parents=True, exist_ok=True)
        (backwards / path.relative_to(lines_team.path)).write_bytes(path.read_bytes())
    archives = []
    for root, folder, umask, zone, language in (
        (copy("one"), lines_team.path, 0o022, "UTC", "C"),
        (copy("two", backwards=True), backwards, 0o077, "Pacific/Kiritimati", "C.UTF-8"),
    ):
        environment = {**os.environ, "TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": str(umask)}
        environment["PYTHONPATH"] = f"{root / 'lambda_src'}{os.pathsep}{root / 'tools'}"
        output = tmp_path / f"{root.name}.zip"
        subprocess.run(
            [sys.executable, "-c", "from ds_dashboard_cli.main import main; main()", "package"]
            + ["--metrics", str(folder), "-o", str(output)],
            env=environment,
            umask=umask,
            check=True,
            capture_output=True,
            cwd=root,
        )
        archives.append(output.read_bytes())
        assert "ds_dashboard/only_in_copies.py" in zipfile.ZipFile(output).namelist()
    assert archives[0] == archives[1]


def test_it_works_from_a_wheel_far_from_any_checkout(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """Most users install the command from a git URL and never see this folder; their package is the same."""
    wheels, home = tmp_path / "wheels", tmp_path / "home"
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT],
        check=True,
        capture_output=True,
    )
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = next(home.glob("lib/*/site-packages"))
    # Dependencies from here, without the .pth files of this environment, which would bring the checkout.
    (site / "dependencies.pth").write_text(_site_packages())
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
        + ["--disable-pip-version-check", *map(str, wheels.iterdir())],
        check=True,
        capture_output=True,
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")

    def command(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [home / "bin" / "ds-dashboard", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment,
        )

    where = subprocess.run(
        [python, "-P", "-c", "import ds_dashboard_cli; print(ds_dashboard_cli.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(home))
    for words in (("manifest", "-o", "metrics.json"), ("package", "-o", "a.zip")):
        result = command(*words, "--metrics", "team")
        assert result.returncode == 0, result.stderr
    assert "Lines" in json.loads((tmp_path / "metrics.json").read_text())["metrics"]
    assert (tmp_path / "a.zip").read_bytes() == build("b.zip", "--metrics", lines_team.path).read_bytes()
    assert not (tmp_path / "cache").exists(), "what is installed needs no download"
    without_default = command("manifest")
    assert without_default.returncode == 2
    assert "is required with --metrics, and outside a checkout" in without_default.stderr


def _site_packages() -> str:
    """Where this environment's distributions are."""
    return str(Path(str(importlib.metadata.distribution("click").locate_file(""))).resolve())
