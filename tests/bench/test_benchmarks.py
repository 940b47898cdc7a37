"""The benchmarks run, and the ratios that a busy machine changes little meet their aims."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.nightly

STEADY = (
    "20 metrics vs the slowest alone",
    "batch of 100 vs batch of 1",
    "size of the package",
    "calls of the whole library vs distinct ones",
    "calls of two metrics of one reading vs one",
    "10,000 training jobs: peak memory of all of them",
)


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """The figures of `--quick`, by name."""
    command = [sys.executable, "-m", "ds_dashboard_dev.bench", "--quick", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {"Measured", "Processor", "Cores", "Python", "Terraform", "System"} <= set(document["machine"])
    return {figure["name"]: figure for figure in document["figures"]}


@pytest.mark.parametrize("name", STEADY)
def test_an_aim_that_was_met_stays_met(figures: dict[str, dict[str, Any]], name: str) -> None:
    """They show a change that makes metrics or events wait for each other again."""
    assert figures[name]["met"], figures[name]


def test_a_batch_is_faster_than_one_put_per_event(figures: dict[str, dict[str, Any]]) -> None:
    """Writing each event exactly once takes more calls than a plain put, and batches must make up for it."""
    assert figures["archive, batch of 100"]["measured"] > 2 * figures["one put per event, batch of 100"]["measured"]


def test_all_handlers_start(figures: dict[str, dict[str, Any]]) -> None:
    """From the package alone. How long it takes does not matter on a machine that runs other tests."""
    started = [name for name in figures if "vs bare boto3" in name]
    assert [name.split()[0] for name in started] == ["extract", "archive", "refresh", "watch"]
