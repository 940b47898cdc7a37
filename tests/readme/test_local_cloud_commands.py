"""The commands of docs/getting-started.md for the local cloud, run as they stand there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from ds_dashboard_dev.checkout import CHECKOUT

PAGE = CHECKOUT / "docs" / "getting-started.md"
PORT = 4566
_BLOCK = re.compile(r"<!-- tests/readme runs this block as it stands -->\n```sh\n(.*?)```", re.DOTALL)


def _commands() -> list[str]:
    found = _BLOCK.findall(PAGE.read_text())
    assert len(found) == 1
    return [line for line in found[0].splitlines() if line.strip()]


def _script(commands: list[str], outputs: Path) -> str:
    """The commands in one shell, each with its output in a file of its own."""
    lines = [f"{{ {command.split('  #')[0]}\n}} > {outputs}/{number}" for number, command in enumerate(commands)]
    return "\n".join(["set -euo pipefail", *lines])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command printed."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            pytest.fail(f"port {PORT} is in use; stop what uses it: .venv/bin/ds-dashboard local down --port {PORT}")
    outputs = tmp_path_factory.mktemp("readme")
    commands = _commands()
    # A make in a make would take the outer one's options and variables.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "AWS_"))}
    done = subprocess.run(
        ["bash", "-c", _script(commands, outputs)],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        subprocess.run([CHECKOUT / ".venv/bin/ds-dashboard", "local", "down"], check=False)
        printed = "\n".join(path.read_text() for path in sorted(outputs.iterdir()))
        pytest.fail(f"exit code {done.returncode}\n{printed[-3000:]}\n{done.stderr[-3000:]}")
    return {command: (outputs / str(number)).read_text() for number, command in enumerate(commands)}


def _of(told: dict[str, str], words: str) -> str:
    return next(output for command, output in told.items() if words in command)


def test_a_new_user_sees_the_values_of_every_spoke(told: dict[str, str]) -> None:
    """The first thing anyone wants of it."""
    latest = _of(told, "ds-dashboard latest")
    assert re.search(r"Forecasting/dev\s+TotalCompletedTrainingJobs\s+130\s", latest)
    assert re.search(r"Search/prod\s+NumberEndPointsInService\s+3\s", latest)


def test_a_new_user_sees_what_a_value_was_before(told: dict[str, str]) -> None:
    """The demo trains some more between two refreshes, and the block asks once more."""
    values = re.findall(r"Forecasting/dev\s+(\d+)\s", _of(told, "ds-dashboard history"))
    assert values == ["123", "130", "130"]


def test_a_new_user_sees_what_fails_and_why(told: dict[str, str]) -> None:
    """A gap without a reason would be a riddle."""
    assert "sagemaker:ListNotebookInstances" in _of(told, "spokes --failures")


def test_a_new_user_gets_the_history_as_a_file(told: dict[str, str]) -> None:
    """Its first line names the columns."""
    lines = _of(told, "ds-dashboard export").splitlines()
    assert len(lines) == 3
    assert "MetricValue" in lines[0]


def test_nothing_keeps_running(told: dict[str, str]) -> None:
    """The last command says that it forgets everything."""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", PORT)) != 0
