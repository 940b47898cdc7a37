"""The soak and the fuzzing as `make soak` and `make fuzz` run them, for a few minutes each with a new seed."""

from __future__ import annotations

import subprocess
import sys

import pytest

# The command's minutes, and as many for its apply, its recovery or its last round.
pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1200)]


@pytest.mark.parametrize(("command", "minutes"), [("soak", 5), ("fuzz", 5)])
def test_a_long_run_finds_nothing(command: str, minutes: int) -> None:
    """The output of a failure has the seed that repeats the run."""
    done = subprocess.run(
        [sys.executable, "-m", f"ds_dashboard_dev.{command}", "--minutes", str(minutes)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
