"""The command line: output files, exit codes and errors."""

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


def test_a_stale_file_fails_the_check_with_the_command_that_fixes_it(team: Any, tmp_path: Path, run: Run) -> None:
    """The message must be enough for users who do not know this repository."""
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
def test_it_does_not_write_metrics_of_users_into_the_repository(command: str, team: Any, run: Run) -> None:
    """The default output is for the metrics of this repository."""
    team.metric("A")
    result = run(command, "--metrics", team.path)
    assert result.exit_code == 2
    assert "-o" in result.stderr


def test_invalid_folders_are_reported(team: Any, tmp_path: Path, run: Run) -> None:
    """Missing, a file, empty, of the library, two with one name, or overlapping: each with its fix."""
    file = team.metric("A")
    team.put("deep/b.py", "")
    (tmp_path / "empty").mkdir()
    shutil.copytree(team.path, tmp_path / "copy" / "team")
    for paths, message in (
        ([tmp_path / "missing"], "missing: does not exist."),
        ([file], "a.py: is a file."),
        ([tmp_path / "empty"], "has no metric (searched: no file)."),
        ([team.path, tmp_path / "copy" / "team"], "both would be ds_dashboard_user.team."),
        ([team.path, team.path / "deep"], "overlaps with "),
        ([Path(ds_dashboard.metrics.__file__).parent], "belongs to ds_dashboard, which is always searched."),
    ):
        result = run("manifest", *(word for path in paths for word in ("--metrics", path)), "-o", "-")
        assert result.exit_code == 1
        assert message.strip() in result.stderr


def test_a_file_that_cannot_be_written_is_reported(team: Any, run: Run) -> None:
    """The message contains the path and the error of the operating system."""
    file = team.metric("A")
    result = run("manifest", "--metrics", team.path, "-o", file / "metrics.json")
    assert result.exit_code == 1
    assert f"{file / 'metrics.json'}: cannot be written" in result.stderr


def test_the_help_has_examples(run: Run) -> None:
    """Users read examples before options."""
    for words in (["--help"], ["manifest", "--help"], ["package", "--help"]):
        result = run(*words)
        assert result.exit_code == 0
        assert "Examples:" in result.stdout
    assert run("--version").stdout == "ds-dashboard 0.1.0\n"
    assert run("manifests").exit_code == 2


def test_a_missing_extra_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The local cloud is large, so it is an optional extra."""
    monkeypatch.setitem(sys.modules, "ds_dashboard_local.cli.commands", None)
    result = run("local", "up")
    assert result.exit_code == 1
    assert "pip install 'ds-dashboard[local]'" in result.stderr
    assert run("--help").exit_code == 0


def test_a_bug_is_reported_without_a_stack_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message asks for a report, and says how to see the stack trace."""

    def broken(_: object) -> object:
        raise RuntimeError("surprise")

    monkeypatch.setattr("ds_dashboard_cli.commands.manifest.resolve_folders", broken)
    monkeypatch.setattr("sys.argv", ["ds-dashboard", "manifest", "-o", "-"])
    monkeypatch.delenv("DS_DASHBOARD_DEBUG", raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert printed.out == ""
    assert printed.err.startswith("Error: RuntimeError: surprise\nThis is a bug in ds-dashboard.")


@pytest.mark.parametrize("words", [["--help"], ["metrics"], ["web", "--demo", "--no-browser", "--port", "0"]])
def test_a_command_without_an_output_says_so(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shell closes it with `>&-`; this is no bug to report."""
    monkeypatch.setattr(sys, "argv", ["ds-dashboard", *words])
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Error: standard output: is closed.\nRedirect it to /dev/null instead.\n"
