"""The package is imported once more with nothing beside it, and files with metrics that are skipped are named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import dependencies, isolation, skipped
from ds_dashboard_cli.packaging.metric_folders import MetricFolder

COMPUTES = "    def _compute_value(self):\n        return 1\n"
METRIC = f"from ds_dashboard.metrics import Metric\nclass A(Metric):\n{COMPUTES}"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that is installed beside the command, as requests may be, and that is not in the package."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "beside.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    return tmp_path / "site"


@pytest.fixture
def package(team: Any, tmp_path: Path, run: Any) -> Any:
    """Builds the package of the folder `team`, with further options."""
    return lambda *words: run("package", "--metrics", team.path, "-o", tmp_path / "a.zip", *words)


REFUSED = {
    "installed": ("import beside", "beside is not in the package: it is only installed here. Pass --requirements FILE"),
    "linked": ("from .shared import X", "team/shared is a link to a folder (../common), and links to folders are not"),
    "tested": ("from .test_data import X", "team.test_data is not in the package. Its name is that of a test. Rename"),
    "tests_of": ("from .tests.data import X", "team/tests are not packaged. Move it to another folder."),
    "kit": ("import ds_dashboard.testing", "ds_dashboard.testing is not in the package. It is for tests and for this"),
    "tools": ("import ds_dashboard_cli", "ds_dashboard_cli is not in the package: it is only installed here"),
    "depends": ("import click", "click is not in the package: it is only installed here"),
    "removed": ("import cgi", "cgi is not in Python 3.13, which the functions run. Use another module"),
}


def test_what_only_this_machine_has_is_refused_with_the_reason(
    team: Any, installed: Path, package: Any, tmp_path: Path
) -> None:
    """Manifest, package and plan succeeded, and each refresh failed."""
    team.put("../common/__init__.py", "X = 1\n")
    (team.path / "shared").symlink_to("../common")
    team.put("test_data.py", "X = 1\n")
    team.put("tests/data.py", "X = 1\n")
    refused = {name: one for name, one in REFUSED.items() if name != "removed" or sys.version_info < (3, 13)}
    for name, (line, _) in refused.items():
        text = METRIC.replace("class A", f"class {name.title().replace('_', '')}")
        team.put(f"{name}.py", f"import warnings; warnings.simplefilter('ignore')\n{line}\n{text}")
    result = package()
    assert result.exit_code == 1
    assert not (tmp_path / "a.zip").exists()
    lines = result.stderr.splitlines()
    for name, (_, message) in refused.items():
        assert [one for one in lines if f"team/{name}.py:2: " in one and message in one], (name, lines)
    assert len(lines) == 1 + len(refused)


def test_what_functions_have_is_found(team: Any, package: Any) -> None:
    """The standard library, boto3 with what it needs, neighbours, data files, and modules that may be missing."""
    team.put("_data.py", "from pathlib import Path\nX = (Path(__file__).parent / 'x.txt').read_text()\n")
    team.put("x.txt", "1")
    imports = "import csv, boto3, botocore.config, dateutil.tz\nfrom ._data import X\nimport ds_dashboard.dates\n"
    optional = "try:\n    import no_such_module\nexcept ImportError:\n    pass\n"
    team.put("a.py", f"{imports}{optional}{METRIC}")
    result = package()
    assert (result.exit_code, result.stderr.count("\n")) == (0, 1)


def test_an_import_in_a_function_is_noted(team: Any, installed: Path, package: Any) -> None:
    """It fails only when the metric is computed, and perhaps never."""
    expected = "        try:\n            import no_such_module\n        except ImportError:\n            pass\n"
    team.put(
        "a.py",
        "from ds_dashboard.metrics import Metric\nclass A(Metric):\n    def _compute_value(self):\n"
        f"        import json, boto3\n        from beside import X\n{expected}        return X\n",
    )
    result = package()
    assert result.exit_code == 0
    assert "team/a.py:5: beside is not in the package" in result.stderr
    assert "no_such_module" not in result.stderr
    assert "boto3" not in result.stderr


def test_requirements_are_found_and_may_be_for_another_machine(
    team: Any, installed: Path, package: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Native code for the functions' processor cannot be loaded here: what is installed here stands for it."""
    (installed / "pure.py").write_text("")
    (installed / "native").mkdir()
    (installed / "native" / "__init__.py").write_text("Y = 2\n")
    carried = {"pure.py": b"import beside\n", "native/__init__.py": b"from .fast import Y\n", "native/fast.so": b"\0"}
    monkeypatch.setattr(dependencies, "download", lambda *_: carried)
    (tmp_path / "list.txt").write_text("")
    team.put("a.py", f"from native import Y\nimport pure\n{METRIC}")
    result = package("--requirements", tmp_path / "list.txt")
    assert result.exit_code == 1
    assert "pure.py:1: beside is not in the package" in result.stderr
    assert "Add beside, and what it needs, to " in result.stderr
    assert "native" not in result.stderr


SKIPPED = {
    "_cost.py": "its name begins with `_`. Rename it.",
    "test_coverage.py": "its name is that of a test. Rename it.",
    "tests/cost.py": "folders with the name or contents of team/tests are not packaged. Move it to another folder.",
    "shared/cost.py": "team/shared is a link to a folder (../common), and links to folders are not followed.",
}


def test_a_metric_in_a_file_that_is_skipped_is_named(team: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its author would look for it in vain. It is not the mistake of everybody, and fails nothing."""
    monkeypatch.chdir(team.path.parent)
    team.put("../common/other.txt", "")
    (team.path / "shared").symlink_to("../common")
    for name in SKIPPED:
        team.put(name, METRIC)
    team.put("b.py", METRIC.replace("class A", "class B"))
    result = run("manifest", "--metrics", team.path, "-o", "-")
    assert result.exit_code == 0
    for name, reason in SKIPPED.items():
        assert f"team/{name}:2: holds the metric A and is skipped: {reason}" in result.stderr


def test_tests_and_bases_are_not_taken_for_skipped_metrics(team: Any) -> None:
    """Both derive from Metric, and are skipped on purpose."""
    team.put("_base.py", f"{METRIC.replace('class A', 'class _A')}class Base(Metric):\n    unit = 'Count'\n")
    team.put("test_a.py", f"{METRIC}def test_a(): pass\n")
    team.put("tests/helper.py", f"import pytest\n{METRIC}")
    team.put("venv/lib/a.py", "not Python")
    (team.path / "loop").symlink_to("..")
    assert skipped.describe([MetricFolder(team.path, "team")]) == []


def test_handlers_are_imported_too() -> None:
    """A dependency of the library that is not vendored would stop a function, and no test runs without it installed."""
    files = {"ds_dashboard/__init__.py": b"", "ds_dashboard/handlers/archive.py": b"import click\n"}
    with pytest.raises(UserError, match=r"ds_dashboard/handlers/archive.py:1: click is not in the package"):
        isolation.check(files, {"metrics": {}}, [], None)
