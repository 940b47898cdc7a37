"""The command line as a whole: help, completion, exit codes, interruptions."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from tests.support.commands import run
from tests.support.tables import HUB, HubTables

from ds_dashboard import dates
from ds_dashboard_cli.main import cli
from ds_dashboard_cli.options import Duration, Instant
from ds_dashboard_cli.output.tables import stdout_console

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def _commands(group: click.Group, *words: str) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*words, name), command))
        if isinstance(command, click.Group):
            found += _commands(command, *words, name)
    return found


COMMANDS = _commands(cli)


@pytest.mark.parametrize("words", [words for words, _ in COMMANDS], ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]) -> None:
    """Users read examples before options, and every option has a description."""
    text = run(*words, "--help").stdout
    assert f"  ds-dashboard {' '.join(words)}" in text.partition("\n")[2]
    command = dict(COMMANDS)[words]
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{words} {option.name}"
    assert (command.help or "").strip()


def test_every_command_is_documented() -> None:
    """docs/cli.md describes every command and every exit code."""
    text = DOCS.read_text(encoding="utf-8")
    for words, _ in COMMANDS:
        assert f"`{words[0]}`" in text or f"`{' '.join(words)}`" in text, words
    for code in ("0", "1", "2", "3", "130", "141"):
        assert re.search(rf"^\| {code} \|", text, re.MULTILINE), code


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_completes(shell: str) -> None:
    """It completes commands and options."""
    script = run("completion", shell).stdout
    assert "_DS_DASHBOARD_COMPLETE" in script
    for line, wanted in (
        ("ds-dashboard la", "latest"),
        ("ds-dashboard latest --stale", "--stale-after"),
        ("ds-dashboard rejected red", "redrive"),
        ("ds-dashboard spokes fo", "forget"),
        ("ds-dashboard spokes --fail", "--failures"),
    ):
        words = line.split(" ")
        env = {
            "_DS_DASHBOARD_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
        }
        found = subprocess.run(
            [Path(sys.executable).with_name("ds-dashboard")],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=True,
        )
        assert wanted in found.stdout
        assert "Error" not in found.stdout


def test_the_completion_script_for_bash_is_valid() -> None:
    """An invalid script would break the shell that sources it."""
    script = run("completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_help_imports_neither_boto3_nor_rich() -> None:
    """Help and completion must not wait for large imports."""
    code = (
        "import sys; from ds_dashboard_cli.main import cli\n"
        "for words in (['--help'], ['latest', '--help'], ['export', '--help']):\n"
        "    cli.main(words, standalone_mode=False)\n"
        "large = {'boto3', 'botocore', 'ds_dashboard.client', 'rich', 'plotext', 'pyarrow'}\n"
        "print(large & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"


def test_an_interrupted_command_exits_cleanly(hub: HubTables) -> None:
    """The exit code is 130, the output so far is printed, and there is no stack trace."""
    hub.function("refresh", "def handler(event, context):\n    return {'RefreshId': '0' * 26, 'EventId': 'e'}\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "ds_dashboard_cli", "refresh", "--wait"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**hub.cloud.subprocess_environment("111111111111"), "DS_DASHBOARD_NAME": hub.name},
        # A script that runs the tests in the background ignores SIGINT, and the process would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "0" * 26 + "\n" or process.stderr.read() == ""
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert error.strip().endswith("Interrupted.")
    assert "Traceback" not in error


@pytest.mark.parametrize("words", [("nonsense",), ("latest", "--nonsense"), ("history",), ("latest", "--name", "a/b")])
def test_an_invalid_command_line_exits_with_2(words: tuple[str, ...]) -> None:
    """The message names --help."""
    assert "--help" in run(*words, code=2).stderr


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("7d", {"days": 7}),
        ("12H", {"hours": 12}),
        ("1d12h", {"hours": 36}),
        ("1.5h", {"minutes": 90}),
        ("90", {"hours": 90}),
    ],
)
def test_durations_have_units(text: str, span: dict[str, float]) -> None:
    """A number without a unit counts in the unit of the option."""
    assert Duration("h").convert(text, None, None) == timedelta(**span)


@pytest.mark.parametrize("text", ["", "x", "7y", "d", "-7d", "7d!", "2026", "2026-13-01", "2026-11-23T25:00", "9e9d"])
def test_an_invalid_instant_is_rejected(text: str) -> None:
    """The message lists the valid forms."""
    with pytest.raises(click.BadParameter, match="neither a duration"):
        Instant().convert(text, None, None)


def test_an_instant_is_a_date_or_a_duration_before_now() -> None:
    """A date without an offset is in UTC."""
    day = datetime(2026, 11, 23, tzinfo=UTC)
    for text in ("2026-11-23", "2026-11-23T00:00", "2026-11-23 00:00:00", "2026-11-23T01:00+01:00"):
        assert Instant().convert(text, None, None) == day
    assert abs(dates.now() - timedelta(hours=2) - Instant().convert("2h", None, None)) < timedelta(seconds=60)


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("doctor", "--help"), ("rejected", "show", "--help"), ("metrics",)],
    ids=" ".join,
)
def test_a_reader_that_has_ended_is_no_failure(words: tuple[str, ...]) -> None:
    """`| head` must not look like a broken link, which is exit code 1."""
    assert _without_a_reader(words) == (141, b"")


def test_a_reader_that_has_ended_is_no_broken_link(hub: HubTables) -> None:
    """The doctor exits with 1 if it finds one."""
    env = {**hub.cloud.environment(HUB), "DS_DASHBOARD_NAME": hub.name}
    assert _without_a_reader(("doctor", "--side", "hub", "--all"), **env)[0] == 141


def test_a_console_ends_with_its_reader_as_a_table_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """rich, which writes it, would exit with 1 itself."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        with pytest.raises(BrokenPipeError):
            stdout_console().print("text")
        # The text is still in the buffer, which is written when the file is closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), write)


def _without_a_reader(words: tuple[str, ...], **env: str) -> tuple[int, bytes]:
    """Run a command whose standard output nobody reads; returns its exit code and its standard error."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        command = [sys.executable, "-m", "ds_dashboard_cli", *words]
        done = subprocess.run(
            command, stdout=nobody, stderr=subprocess.PIPE, env={**os.environ, **env}, check=False, timeout=60
        )
    return done.returncode, done.stderr
