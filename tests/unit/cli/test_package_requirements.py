"""`ds-dashboard package --requirements`: what metrics need beside what the handlers need."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_cli import places, vendoring

Run = Callable[..., Any]
Build = Callable[..., Path]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fastjsonschema==2.22.3\n", "uv pip compile --generate-hashes --python-version 3.13"),
        ("-r other.txt\n", "refers to something else: -r other.txt"),
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


def test_the_same_distribution_twice_is_once(lines_team: Any, build: Build) -> None:
    """A metric may need what the handlers need, in the same version."""
    words = ("--metrics", lines_team.path)
    with_list = build("a.zip", *words, "--requirements", places.lambda_lock())
    assert with_list.read_bytes() == build("b.zip", *words).read_bytes()


def test_two_contents_for_one_path_are_named(
    lines_team: Any, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One would replace the other, and which would be chance."""
    other = {"fastjsonschema/__init__.py": b"# another version"}
    monkeypatch.setattr(vendoring, "dependencies", lambda *_: other)
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
def test_what_depends_on_the_installer_stays_at_home(name: str, wanted: bool) -> None:
    """RECORD and INSTALLER differ between pip and uv, scripts name the interpreter's path."""
    assert vendoring._wanted(name) is wanted
