"""Output for people and for programs: complete, without control characters, with colours on terminals only."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
from contextlib import redirect_stdout

import pytest
from tests.support.events import RESULT, result
from tests.support.tables import OTHER, HubTables

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.tables import Column, Row

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m[bold red]x[/]\u202etxt\n\r\x00"


def _on_a_terminal(hub: HubTables, columns: int, *words: str, **env: str) -> str:
    """Return what a command prints on a terminal of this width."""
    import fcntl
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {
        **hub.cloud.subprocess_environment("111111111111"),
        "DS_DASHBOARD_NAME": hub.name,
        "TERM": "xterm-256color",
        **env,
    }
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        if name not in env:
            environment.pop(name, None)
    command = [sys.executable, "-m", "ds_dashboard_cli", *words]
    with subprocess.Popen(command, stdout=slave, stderr=subprocess.PIPE, env=environment) as process:
        os.close(slave)
        content = b""
        try:
            while chunk := os.read(master, 65536):
                content += chunk
        except OSError:
            pass  # Linux answers EIO where the other end is closed.
        assert process.stderr is not None
        error = process.stderr.read().decode()
    os.close(master)
    assert process.returncode == 0, error
    return content.decode().replace("\r\n", "\n")


def _without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_values_cannot_control_a_terminal(hub: HubTables) -> None:
    """Names and values come from every registered account."""
    hub.send(RESULT, result(MetricName=HOSTILE, MetricValue=HOSTILE, Unit=HOSTILE[:60]))
    for columns in (200, 60):
        text = _without_colours(_on_a_terminal(hub, columns, "latest"))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert r"\x1b]0;owned\x07\x1b[2J\x9b31m[bold red]x[/]\u202etxt\n\r\x00" in hub.run("latest").stdout
    (line,) = hub.run("latest", "--json").stdout.splitlines()
    assert line.isprintable()
    assert json.loads(line)["MetricValue"] == HOSTILE


def test_a_table_is_as_wide_as_the_terminal_and_cuts_no_value(hub: HubTables) -> None:
    """80 columns are enough for usual values. Longer ones are folded, or printed below their row."""
    long = "v" + "".join(str(number) for number in range(100))
    hub.send(RESULT, result(MetricName="NumberOfCompletedTrainingJobs"), result(MetricName="Version", MetricValue=long))
    hub.send(RESULT, result(ProjectName="Q", Environment="prod"), account=OTHER)
    for columns in (40, 80):
        text = _without_colours(_on_a_terminal(hub, columns, "latest"))
        assert max(map(len, text.splitlines())) <= columns
        assert long in re.sub(r"Count|5m( \d+s)?|\s", "", text)
    piped = hub.run("latest").stdout
    assert long in piped
    assert len(piped.splitlines()) == 4
    assert piped == "\n".join(line.rstrip() for line in piped.splitlines()) + "\n"


def test_colours_need_a_terminal_and_respect_no_color(hub: HubTables) -> None:
    """See https://no-color.org. A pipe gets no colours, whatever the environment says."""
    hub.send(RESULT, result())
    assert "\x1b[" in _on_a_terminal(hub, 80, "latest")
    assert "\x1b" not in _on_a_terminal(hub, 80, "latest", NO_COLOR="1")
    assert "\x1b" not in _on_a_terminal(hub, 80, "history", "Jobs", "--plot", NO_COLOR="1")
    assert "\x1b" not in hub.run("latest", FORCE_COLOR="1").stdout


def test_a_long_table_is_printed_in_chunks() -> None:
    """Each chunk repeats the head, so that the table need not be in memory."""
    out = io.StringIO()
    with redirect_stdout(out):
        rows = (Row([str(number), "x" * (number % 7)]) for number in range(2500))
        assert tables.print_table((Column("NUMBER", right=True), Column("TEXT")), rows) == 2500
    lines = out.getvalue().splitlines()
    assert len(lines) == 2503
    assert [index for index, line in enumerate(lines) if line.startswith("NUMBER")] == [0, 1001, 2002]


def test_errors_cannot_control_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """An error can quote the name of a metric."""
    UserError("thing", HOSTILE.replace("\n", " "), "remedy", details=("one",)).show()
    printed = capsys.readouterr().err
    assert printed.startswith(r"Error: thing: \x1b]0;owned\x07\x1b[2J\x9b31m[bold red]x[/]\u202etxt")
    assert printed.endswith("\n  one\nremedy\n")
    assert all(line.isprintable() for line in printed.splitlines())
