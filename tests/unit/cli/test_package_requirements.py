"""`ds-dashboard package --requirements`: what metrics need beside what the handlers need."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_cli.packaging import dependencies

Run = Callable[..., Any]
Build = Callable[..., Path]
# A small distribution, as PyPI has it.
WHEEL = "f670b443830b75aca3f00b75949efa20f4b2a80302ec7a21505c28dd54cffd43"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fastjsonschema==2.22.3\n", "uv pip compile --generate-hashes --python-version 3.13"),
        ("-r other.txt\n", "refers to another file: -r other.txt"),
    ],
    ids=["without hashes", "refers to another list"],
)
def test_a_list_that_does_not_say_all_is_refused(
    text: str, told: str, lines_team: Any, tmp_path: Path, run: Run
) -> None:
    """Whatever the index, or the other list, says that day would run with the spoke's permissions."""
    (tmp_path / "list.txt").write_text(text)
    words = ("--requirements", tmp_path / "list.txt", "-o", tmp_path / "a.zip")
    result = run("package", "--metrics", lines_team.path, *words)
    assert result.exit_code == 1
    assert told in result.stderr
    assert not (tmp_path / "a.zip").exists()


def test_what_is_pinned_is_in_the_package(lines_team: Any, tmp_path: Path, build: Build) -> None:
    """With its licence, and without what depends on who installed it."""
    (tmp_path / "list.txt").write_text(f"fastjsonschema==2.22.3 --hash=sha256:{WHEEL}\n")
    archive = build("a.zip", "--metrics", lines_team.path, "--requirements", tmp_path / "list.txt")
    names = zipfile.ZipFile(archive).namelist()
    assert "fastjsonschema/draft04.py" in names
    assert {name.split("/")[1] for name in names if name.startswith("fastjsonschema-")} == {"METADATA", "licenses"}


def test_two_contents_for_one_path_are_named(
    lines_team: Any, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One would replace the other, and which would be chance."""
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
def test_what_depends_on_the_installer_stays_at_home(name: str, wanted: bool) -> None:
    """RECORD and INSTALLER differ between pip and uv, scripts name the interpreter's path."""
    assert dependencies.is_packaged(name) is wanted
