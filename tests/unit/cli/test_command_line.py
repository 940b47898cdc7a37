"""The command as such: its files, its exit codes, its errors."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ds_dashboard.metrics
from ds_dashboard_cli.main import main

Run = Callable[..., Any]


def test_a_stale_file_fails_the_check_with_the_command_that_mends_it(team: Any, tmp_path: Path, run: Run) -> None:
    """The message is all that somebody has who never saw this repository."""
    output, page = tmp_path / "out" / "my metrics.json", tmp_path / "out" / "metrics.md"
    words = ["manifest", "--metrics", team.path, "-o", output, "--markdown", page]
    team.metric("A")
    missing = run(*words, "--check")
    assert missing.exit_code == 1
    assert not output.exists()
    assert run(*words).exit_code == 0
    assert run(*words, "--check").exit_code == 0
    assert 'class     = "SSMParameterValue"' in page.read_text()
    team.metric("B")
    before = output.read_text()
    stale = run(*words, "--check")
    assert stale.exit_code == 1
    assert f"Run: ds-dashboard manifest --metrics {team.path} -o '{output}' --markdown {page}" in stale.stderr
    assert output.read_text() == before


@pytest.mark.parametrize("command", ["manifest", "package"])
def test_it_does_not_write_foreign_metrics_into_the_repository(command: str, team: Any, run: Run) -> None:
    """Without -o the default would be what the repository's own examples use."""
    team.metric("A")
    result = run(command, "--metrics", team.path)
    assert result.exit_code == 2
    assert "-o" in result.stderr


def test_folders_that_cannot_be_meant_are_named(team: Any, tmp_path: Path, run: Run) -> None:
    """Missing, a file, empty, ours, two of one name, one in the other: each with its cure."""
    file = team.metric("A")
    team.put("deep/b.py", "")
    (tmp_path / "empty").mkdir()
    shutil.copytree(team.path, tmp_path / "copy" / "team")
    for paths, told in (
        ([tmp_path / "missing"], "missing: does not exist."),
        ([file], "a.py: is a file."),
        ([tmp_path / "empty"], "has no metric (searched: no file)."),
        ([team.path, tmp_path / "copy" / "team"], "both would be ds_dashboard_user.team."),
        ([team.path, team.path / "deep"], "overlaps with "),
        ([Path(ds_dashboard.metrics.__file__).parent], "belongs to ds_dashboard, which is always searched."),
    ):
        result = run("manifest", *(word for path in paths for word in ("--metrics", path)), "-o", "-")
        assert result.exit_code == 1
        assert told.strip() in result.stderr


def test_a_place_that_cannot_be_written_is_named(team: Any, run: Run) -> None:
    """Whatever the system says of the path, the user reads it with the path."""
    file = team.metric("A")
    result = run("manifest", "--metrics", team.path, "-o", file / "metrics.json")
    assert result.exit_code == 1
    assert f"{file / 'metrics.json'}: cannot be written" in result.stderr


def test_commands_explain_themselves(run: Run) -> None:
    """Examples are read before options."""
    for words in (["--help"], ["manifest", "--help"], ["package", "--help"]):
        result = run(*words)
        assert result.exit_code == 0
        assert "Examples:" in result.stdout
    assert run("--version").stdout == "ds-dashboard 0.1.0\n"
    assert run("manifests").exit_code == 2


def test_the_local_cloud_s_extra_is_named_where_it_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is large, so it is not installed with the rest."""
    monkeypatch.setitem(sys.modules, "ds_dashboard_local.cli.commands", None)
    result = run("local", "up")
    assert result.exit_code == 1
    assert "pip install 'ds-dashboard[local]'" in result.stderr
    assert run("--help").exit_code == 0


def test_a_mistake_of_ours_is_no_stack_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says that it is ours, and how to see more."""

    def broken(_: object) -> object:
        raise RuntimeError("surprise")

    monkeypatch.setattr("ds_dashboard_cli.commands.manifest.resolve_folders", broken)
    monkeypatch.setattr("sys.argv", ["ds-dashboard", "manifest", "-o", "-"])
    monkeypatch.delenv("DS_DASHBOARD_DEBUG", raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 1
    assert told.out == ""
    assert told.err.startswith("Error: RuntimeError: surprise\nThis is a mistake in ds-dashboard.")
