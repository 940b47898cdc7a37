"""`ds-dashboard package`: what is in the archive, and that the same sources give the same bytes."""

import base64
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import ds_dashboard
from ds_dashboard_cli import package, places, vendoring
from ds_dashboard_cli.main import cli

ROOT = Path(__file__).parents[2]
METRIC = '''
from pathlib import Path
from ds_dashboard.metrics import Metric
from ._data import FILE

class Lines(Metric):
    """Lines of a file that lies beside this one."""

    def _compute_value(self):
        return len(FILE.read_text().splitlines())
'''


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A folder with a metric, a helper, a data file, and what must stay at home."""
    root = tmp_path / "team"
    for name, text in {
        "lines.py": METRIC,
        "_data.py": "from pathlib import Path\nFILE = Path(__file__).parent / 'data' / 'lines.txt'\n",
        "data/lines.txt": "one\ntwo\n",
        "test_lines.py": "raise RuntimeError\n",
        "__pycache__/lines.cpython-313.pyc": "bytecode",
        ".env": "SECRET=1",
        ".git/config": "secret",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], prog_name="ds-dashboard")


def built(output: Path, *words: object) -> Path:
    result = run("package", "-o", output, *words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "", "stdout is for data"
    return output


def test_it_holds_sources_dependencies_and_the_user_s_folder_and_nothing_else(team: Path, tmp_path: Path) -> None:
    """What is lying about must neither be deployed nor change the bytes."""
    with zipfile.ZipFile(built(tmp_path / "a.zip", "--metrics", team)) as archive:
        names = archive.namelist()
        infos = archive.infolist()
        manifest = json.loads(archive.read("ds_dashboard/metrics.json"))
    assert names == sorted(names, key=str.encode)
    assert {name.split("/")[0] for name in names} == {
        "ds_dashboard",
        "ds_dashboard_user",
        "fastjsonschema",
        f"fastjsonschema-{importlib.metadata.version('fastjsonschema')}.dist-info",
    }
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


def test_the_sidecar_tells_terraform_what_is_in_the_archive(tmp_path: Path) -> None:
    """A precondition compares it with the manifest: zip and manifest of different days are an error at plan."""
    archive = built(tmp_path / "a.zip")
    told = json.loads((tmp_path / "a.zip.json").read_text())
    assert told == {
        "base64sha256": base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode(),
        "metrics": sorted(json.loads(zipfile.ZipFile(archive).read("ds_dashboard/metrics.json"))["metrics"]),
        "version": ds_dashboard.__version__,
    }


def test_the_version_is_the_same_everywhere() -> None:
    """The run event, the sidecar and the wheel must not tell three stories."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == ds_dashboard.__version__


def test_the_functions_load_a_metric_from_the_archive_alone(team: Path, tmp_path: Path) -> None:
    """As in the Lambda: unpacked, nothing else of ours installed, only the chosen metric's module imported."""
    unpacked = tmp_path / "task"
    zipfile.ZipFile(built(tmp_path / "a.zip", "--metrics", team)).extractall(unpacked)
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


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    """Copies the sources into a checkout of their own, in the order of the file names or against it."""

    def make(name: str, backwards: bool = False) -> Path:
        root = tmp_path / name
        kept = ("lambda_src/ds_dashboard", "tools/ds_dashboard_cli", "requirements", "modules/spoke", "pyproject.toml")
        paths = [path for entry in kept for path in [ROOT / entry, *(ROOT / entry).rglob("*")]]
        files = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
        for path in sorted(files, reverse=backwards):
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o600 if backwards else 0o755)
        (root / "lambda_src/ds_dashboard/only_in_copies.py").write_text("")
        # Downloaded once for all, so that a copy needs no network.
        vendoring.own_dependencies("arm64")
        shutil.copytree(places.vendor_folder(), root / "lambda_src" / "vendor")
        return root

    return make


def test_the_same_sources_give_the_same_bytes(copy: Callable[..., Path], team: Path, tmp_path: Path) -> None:
    """Otherwise every machine's plan would deploy every function anew. Two folders, umasks, zones and file orders."""
    backwards = tmp_path / "elsewhere" / "team"
    for path in sorted((path for path in team.rglob("*") if path.is_file()), reverse=True):
        (backwards / path.relative_to(team)).parent.mkdir(parents=True, exist_ok=True)
        (backwards / path.relative_to(team)).write_bytes(path.read_bytes())
    archives = []
    for root, folder, umask, zone, language in (
        (copy("one"), team, 0o022, "UTC", "C"),
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


def test_it_works_from_a_wheel_far_from_any_checkout(team: Path, tmp_path: Path) -> None:
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
    assert (tmp_path / "a.zip").read_bytes() == built(tmp_path / "b.zip", "--metrics", team).read_bytes()
    assert not (tmp_path / "cache").exists(), "what is installed needs no download"
    without_default = command("manifest")
    assert without_default.returncode == 2
    assert "there is no default outside a checkout" in without_default.stderr


def _site_packages() -> str:
    """Where this environment's distributions are."""
    return str(Path(str(importlib.metadata.distribution("click").locate_file(""))).resolve())


class TestRequirements:
    def test_a_list_without_hashes_is_refused_with_the_command_that_makes_one(self, team: Path, tmp_path: Path) -> None:
        """Whatever the index answers that day would run with the spoke's permissions."""
        (tmp_path / "requirements.txt").write_text("fastjsonschema==2.22.3\n")
        result = run(
            "package", "--metrics", team, "--requirements", tmp_path / "requirements.txt", "-o", tmp_path / "a.zip"
        )
        assert result.exit_code == 1
        assert "uv pip compile --generate-hashes --python-version 3.13" in result.stderr
        assert not (tmp_path / "a.zip").exists()

    def test_a_list_that_refers_to_another_is_refused(self, team: Path, tmp_path: Path) -> None:
        """What it refers to may change without the cached download noticing."""
        (tmp_path / "requirements.txt").write_text("-r other.txt\n")
        result = run(
            "package", "--metrics", team, "--requirements", tmp_path / "requirements.txt", "-o", tmp_path / "a.zip"
        )
        assert result.exit_code == 1
        assert "refers to something else: -r other.txt" in result.stderr

    def test_the_same_distribution_twice_is_once(self, team: Path, tmp_path: Path) -> None:
        """A metric may need what the handlers need, in the same version."""
        words = ("--metrics", team)
        with_list = built(tmp_path / "a.zip", *words, "--requirements", places.lambda_lock())
        assert with_list.read_bytes() == built(tmp_path / "b.zip", *words).read_bytes()

    def test_two_contents_for_one_path_are_named(
        self, team: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One would replace the other, and which would be chance."""
        other = {"fastjsonschema/__init__.py": b"# another version"}
        monkeypatch.setattr(vendoring, "dependencies", lambda *_: other)
        result = run("package", "--metrics", team, "--requirements", team / "lines.py", "-o", tmp_path / "a.zip")
        assert result.exit_code == 1
        assert "fastjsonschema/__init__.py: comes twice" in result.stderr

    @pytest.mark.parametrize(
        ("name", "wanted"),
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
    def test_what_depends_on_the_installer_stays_at_home(self, name: str, wanted: bool) -> None:
        """RECORD and INSTALLER differ between pip and uv, scripts name the interpreter's path."""
        assert vendoring._wanted(name) is wanted


def test_an_archive_does_not_depend_on_the_order_in_which_it_was_asked_for() -> None:
    """Dictionaries keep the order of a directory's listing, which differs between file systems."""
    files = {"b/a.py": b"1", "a.py": b"2", "a/\u00fc.py": b"3", "B.py": b"4"}
    backwards = dict(reversed(files.items()))
    assert package.archive(files) == package.archive(backwards)
