"""`ds-dashboard package`: what is in the archive and beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ds_dashboard
from ds_dashboard_cli.packaging import package

ROOT = Path(__file__).parents[3]
Run = Callable[..., Any]
Build = Callable[..., Path]


def test_it_holds_sources_and_the_user_s_folder_and_nothing_else(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """What is lying about must neither be deployed nor change the bytes."""
    with zipfile.ZipFile(build("a.zip", "--metrics", lines_team.path)) as archive:
        names = archive.namelist()
        infos = archive.infolist()
        manifest = json.loads(archive.read("ds_dashboard/metrics.json"))
    assert names == sorted(names, key=str.encode)
    assert {name.split("/")[0] for name in names} == {"ds_dashboard", "ds_dashboard_user"}
    assert [name for name in names if name.startswith("ds_dashboard_user/")] == [
        "ds_dashboard_user/team/_data.py",
        "ds_dashboard_user/team/data/lines.txt",
        "ds_dashboard_user/team/lines.py",
    ]
    assert {Path(name).suffix for name in names if name.startswith("ds_dashboard/")} == {".py", ".json"}
    assert not [name for name in names if name.endswith((".pyc", "RECORD", "INSTALLER", "REQUESTED"))]
    assert "Lines" in manifest["metrics"]
    assert {(info.date_time, info.external_attr, info.create_system, info.compress_type) for info in infos} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644 << 16, 3, zipfile.ZIP_STORED)
    }


def test_an_earlier_package_in_the_folder_is_no_part_of_the_next(lines_team: Any, build: Build) -> None:
    """Whoever builds into the folder of the metrics gets the same bytes again."""
    output = lines_team.path / "ds_dashboard.zip"
    first = build(output, "--metrics", lines_team.path).read_bytes()
    assert build(output, "--metrics", lines_team.path).read_bytes() == first


def test_the_sidecar_tells_terraform_what_is_in_the_archive(tmp_path: Path, build: Build) -> None:
    """A precondition compares it with the manifest: zip and manifest of different days are an error at plan."""
    archive = build("a.zip")
    told = json.loads((tmp_path / "a.zip.json").read_text())
    assert told == {
        "base64sha256": base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode(),
        "metrics": sorted(json.loads(zipfile.ZipFile(archive).read("ds_dashboard/metrics.json"))["metrics"]),
        "version": ds_dashboard.__version__,
    }


def test_the_version_is_the_same_everywhere() -> None:
    """The run event, the sidecar and the wheel must not tell three stories."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == ds_dashboard.__version__


def test_the_functions_load_a_metric_from_the_archive_alone(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """As in the Lambda: unpacked, nothing else of ours installed, only the chosen metric's module imported."""
    unpacked = tmp_path / "task"
    zipfile.ZipFile(build("a.zip", "--metrics", lines_team.path)).extractall(unpacked)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from ds_dashboard.metrics import registry\n"
        "made = registry.create('Lines', 'Lines', {}, 'Project1', 'dev')\n"
        "print(registry.__file__.startswith(sys.argv[1]), made._compute_value(), registry.names())\n"
        "print([name for name in sys.modules if name.startswith('ds_dashboard.metrics.t')], 'boto3' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program, unpacked], capture_output=True, text=True, check=True
    )
    first, second = told.stdout.splitlines()
    assert first.startswith("True 2 ['CompletedTrainingJobs24h', 'Lines'")
    assert second == "[] False"


def test_an_archive_does_not_depend_on_the_order_in_which_it_was_asked_for() -> None:
    """Dictionaries keep the order of a directory's listing, which differs between file systems."""
    files = {"b/a.py": b"1", "a.py": b"2", "a/\u00fc.py": b"3", "B.py": b"4"}
    backwards = dict(reversed(files.items()))
    assert package.build_zip(files) == package.build_zip(backwards)
