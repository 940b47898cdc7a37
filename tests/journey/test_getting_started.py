"""What a new user sees after the documented commands for the local cloud."""

from __future__ import annotations

import re
import socket
from concurrent.futures import Future

import pytest

from .conftest import PORT


@pytest.fixture
def outputs(documented_commands: Future[dict[str, str]]) -> dict[str, str]:
    """The output of each command, once all of them have run."""
    return documented_commands.result()


def _output_of(outputs: dict[str, str], words: str) -> str:
    return next(output for command, output in outputs.items() if words in command)


def test_a_new_user_sees_the_values_of_every_spoke(outputs: dict[str, str]) -> None:
    """Values are the first thing that anyone looks for."""
    latest = _output_of(outputs, "ds-dashboard latest")
    assert re.search(r"Forecasting/dev\s+TotalCompletedTrainingJobs\s+130\s", latest)
    assert re.search(r"Search/prod\s+NumberEndPointsInService\s+3\s", latest)


def test_a_new_user_sees_earlier_values(outputs: dict[str, str]) -> None:
    """The demo trains more between its two refreshes, and the block refreshes once more."""
    values = re.findall(r"Forecasting/dev\s+(\d+)\s", _output_of(outputs, "ds-dashboard history"))
    assert values == ["123", "130", "130"]


def test_a_new_user_sees_what_fails_and_why(outputs: dict[str, str]) -> None:
    """A missing value has a reason."""
    assert "sagemaker:ListNotebookInstances" in _output_of(outputs, "spokes --failures")


def test_a_new_user_can_export_the_history_to_a_file(outputs: dict[str, str]) -> None:
    """Its first line names the columns."""
    lines = _output_of(outputs, "ds-dashboard export").splitlines()
    assert len(lines) == 3
    assert "MetricValue" in lines[0]


def test_the_last_command_stops_the_local_cloud(outputs: dict[str, str]) -> None:
    """Nothing listens on its port any more."""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", PORT)) != 0
