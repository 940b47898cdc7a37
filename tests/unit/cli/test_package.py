"""`ds-dashboard package`: its contents, its bytes on different machines, and the dependencies of metrics."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ds_dashboard
from ds_dashboard_cli.packaging import checkout, dependencies, package

ROOT = Path(__file__).parents[3]
Run = Callable[..., Any]
Build = Callable[..., Path]
# The hash of a small distribution on PyPI.
WHEEL_HASH = "f670b443830b75aca3f00b75949efa20f4b2a80302ec7a21505c28dd54cffd43"


def test_it_contains_the_library_and_the_folder_and_nothing_else(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """A stray file must neither be deployed nor change the bytes."""
    with zipfile.ZipFile(build("a.zip", "--metrics", lines_team.path)) as archive:
        names = archive.namelist()
        infos = archive.infolist()
        manifest = json.loads(archive.read("ds_dashboard/metrics.json"))
    assert names == sorted(names, key=str.encode)
    vendored = {name.split("/")[0] for name in names} - {"ds_dashboard", "ds_dashboard_user"}
    assert {name.partition("-")[0] for name in vendored} == {"jinja2", "markupsafe"}
    assert [name for name in names if name.startswith("ds_dashboard_user/")] == [
        "ds_dashboard_user/team/_data.py",
        "ds_dashboard_user/team/data/lines.txt",
        "ds_dashboard_user/team/lines.py",
    ]
    suffixes = {Path(name).suffix for name in names if name.startswith("ds_dashboard/")}
    assert suffixes == {".py", ".json", ".html", ".css"}
    assert {name.split("/")[1] for name in names if name.endswith((".html", ".css"))} == {"pages"}
    assert not [name for name in names if name.endswith((".pyc", "RECORD", "INSTALLER", "REQUESTED"))]
    assert not [name for name in names if name.startswith("ds_dashboard/testing/")], "the test kit needs no function"
    assert "Lines" in manifest["metrics"]
    assert {(info.date_time, info.external_attr, info.create_system) for info in infos} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644 << 16, 3)
    }
    own = {info.compress_type for info in infos if info.filename.startswith("ds_dashboard_user/")}
    assert own == {zipfile.ZIP_STORED}, "files of users may be large, and compression takes two seconds a megabyte"


def test_an_earlier_package_in_the_folder_is_not_packaged(lines_team: Any, build: Build) -> None:
    """A package that is built into the folder of the metrics has the same bytes again."""
    output = lines_team.path / "ds_dashboard.zip"
    first = build(output, "--metrics", lines_team.path).read_bytes()
    assert build(output, "--metrics", lines_team.path).read_bytes() == first


def test_the_metadata_file_describes_the_package(tmp_path: Path, build: Build) -> None:
    """A precondition compares it with the manifest: a zip and a manifest of different builds fail the plan."""
    archive = build("a.zip")
    metadata = json.loads((tmp_path / "a.zip.json").read_text())
    assert metadata == {
        "base64sha256": base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode(),
        "metrics": sorted(json.loads(zipfile.ZipFile(archive).read("ds_dashboard/metrics.json"))["metrics"]),
        "version": ds_dashboard.__version__,
    }


def test_the_version_is_the_same_everywhere() -> None:
    """The run event, the metadata file and the wheel report one version."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == ds_dashboard.__version__


def test_the_functions_load_a_metric_from_the_package_alone(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """As in Lambda: unpacked, without the installed library, and only the module of the metric is imported."""
    unpacked = tmp_path / "task"
    zipfile.ZipFile(build("a.zip", "--metrics", lines_team.path)).extractall(unpacked)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from ds_dashboard.metrics import registry\n"
        "made = registry.create('Lines', 'Lines', {}, 'Project1', 'dev')\n"
        "print(registry.__file__.startswith(sys.argv[1]), made._compute_value(), registry.names())\n"
        "print([name for name in sys.modules if name.startswith('ds_dashboard.metrics.t')], 'boto3' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program, unpacked], capture_output=True, text=True, check=True
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("True 2 [")
    assert "'Lines'" in first
    assert second == "[] False"


def test_a_zip_does_not_depend_on_the_order_of_its_files() -> None:
    """The order of a directory listing differs between file systems."""
    files = {"b/a.py": b"1", "a.py": b"2", "a/\u00fc.py": b"3", "B.py": b"4"}
    backwards = dict(reversed(files.items()))
    built = package.build_zip(files)
    assert built == package.build_zip(backwards)
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    """Copies the sources into a new checkout, in the order of the file names or in reverse."""

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
    """Two folders, umasks, time zones and file orders: otherwise each machine would deploy every function again."""
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


def test_it_works_from_a_wheel_without_a_checkout(
    lines_team: Any, tmp_path: Path, installed: Path, build: Build
) -> None:
    """Most users install the command from a git URL. Their package is the same."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")

    def command(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [installed / "bin" / "ds-dashboard", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment,
        )

    where = subprocess.run(
        [installed / "bin" / "python", "-P", "-c", "import ds_dashboard_cli; print(ds_dashboard_cli.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed))
    # The test kit and the check of metrics, which are for authors without a checkout.
    kit = (
        "import ds_dashboard.testing; from ds_dashboard_cli.authoring import check, iam_actions; "
        "print(*iam_actions.needed('s3', 'ListBuckets'), end='')"
    )
    shown = subprocess.run([installed / "bin" / "python", "-P", "-c", kit], capture_output=True, text=True, check=False)
    assert shown.stdout == "s3:ListAllMyBuckets", shown.stderr
    for words in (("manifest", "-o", "metrics.json"), ("package", "-o", "a.zip")):
        result = command(*words, "--metrics", "team")
        assert result.returncode == 0, result.stderr
    assert "Lines" in json.loads((tmp_path / "metrics.json").read_text())["metrics"]
    assert (tmp_path / "a.zip").read_bytes() == build("b.zip", "--metrics", lines_team.path).read_bytes()
    assert not (tmp_path / "cache").exists(), "the installed library needs no download"
    without_default = command("manifest")
    assert without_default.returncode == 2
    assert "is required with --metrics, and outside a checkout" in without_default.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fastjsonschema==2.22.3\n", "uv pip compile --generate-hashes --python-version 3.13"),
        ("-r other.txt\n", "refers to another file: -r other.txt"),
    ],
    ids=["without hashes", "refers to another file"],
)
def test_incomplete_requirements_are_rejected(
    text: str, message: str, lines_team: Any, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise code that somebody else chooses would run with the permissions of the spoke."""
    # A setting of many build machines, with which pip rejects every --target.
    monkeypatch.setenv("PIP_USER", "1")
    (tmp_path / "list.txt").write_text(text)
    words = ("--requirements", tmp_path / "list.txt", "-o", tmp_path / "a.zip")
    result = run("package", "--metrics", lines_team.path, *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "--user" not in result.stderr
    assert not (tmp_path / "a.zip").exists()


def test_pinned_requirements_are_packaged(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """With their licence, and without files that depend on the installer."""
    (tmp_path / "list.txt").write_text(f"fastjsonschema==2.22.3 --hash=sha256:{WHEEL_HASH}\n")
    archive = build("a.zip", "--metrics", lines_team.path, "--requirements", tmp_path / "list.txt")
    names = zipfile.ZipFile(archive).namelist()
    assert "fastjsonschema/draft04.py" in names
    assert {name.split("/")[1] for name in names if name.startswith("fastjsonschema-")} == {"METADATA", "licenses"}


def test_two_contents_for_one_path_are_rejected(
    lines_team: Any, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise one would silently replace the other."""
    other = {"ds_dashboard/__init__.py": b"# another version"}
    monkeypatch.setattr(dependencies, "download", lambda *_: other)
    result = run(
        "package",
        "--metrics",
        lines_team.path,
        "--requirements",
        lines_team.path / "lines.py",
        "-o",
        tmp_path / "a.zip",
    )
    assert result.exit_code == 1
    assert "ds_dashboard/__init__.py: exists with different contents" in result.stderr


@pytest.mark.parametrize(
    ("name", "packaged"),
    [
        ("pandas/__init__.py", True),
        ("pandas/_libs/x.cpython-313-aarch64-linux-gnu.so", True),
        ("pandas-2.2.dist-info/METADATA", True),
        ("pandas-2.2.dist-info/licenses/LICENSE", True),
        ("pandas-2.2.dist-info/LICENSE.txt", True),
        ("pandas-2.2.dist-info/RECORD", False),
        ("pandas-2.2.dist-info/INSTALLER", False),
        ("bin/f2py", False),
        ("../../../bin/f2py", False),
        ("pandas/__pycache__/x.pyc", False),
    ],
)
def test_files_that_depend_on_the_installer_are_not_packaged(name: str, packaged: bool) -> None:
    """RECORD and INSTALLER differ between pip and uv; scripts contain the path of the interpreter."""
    assert dependencies.is_packaged(name) is packaged


def test_a_home_that_cannot_be_written_is_named_with_the_fix(
    lines_team: Any, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of a checkout, downloads are kept in the user's cache."""
    monkeypatch.setattr(checkout, "checkout", lambda: None)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/dev/null")
    (tmp_path / "list.txt").write_text("")
    result = run(
        *("package", "--metrics", lines_team.path, "-o", tmp_path / "a.zip"),
        *("--requirements", tmp_path / "list.txt"),
    )
    assert result.exit_code == 1
    assert "cache /dev/null/.cache/ds-dashboard/vendor: cannot be written: Not a directory." in result.stderr
    assert "Set XDG_CACHE_HOME to a folder that can be written." in result.stderr


def test_a_user_without_a_home_has_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers often run with a user that has no entry."""
    monkeypatch.setattr(checkout, "checkout", lambda: None)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert checkout.vendor_folder() == Path(tempfile.gettempdir(), "ds-dashboard", "vendor")
