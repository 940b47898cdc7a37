"""The worst batch that can arrive stays within the archive's time and memory, and delays nobody else's events."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from ds_dashboard_dev.checkout import CHECKOUT

from .worst_batch import SHAPES, USUAL

_ARCHIVE = (CHECKOUT / "modules/hub/archive.tf").read_text()
(MEMORY_MB,) = map(int, re.findall(r"memory +=\s(\d+)", _ARCHIVE))
(TIMEOUT_SECONDS,) = map(int, re.findall(r"timeout +=\s(\d+)", _ARCHIVE))
(BATCH_SIZE,) = map(int, re.findall(r"batch_size +=\s(\d+)", _ARCHIVE))
# Lambda gives a function a full processor at this memory, and less of one in proportion.
FULL_PROCESSOR_MB = 1769


def archived(shape: str, number: int, seconds: float) -> dict[str, Any]:
    """Archive `number` events with as many values as are allowed, with others, within `seconds`."""
    program = [sys.executable, "-m", "tests.bench.worst_batch", shape, str(number), str(seconds)]
    done = subprocess.run(program, cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=300)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize(
    ("shape", "number"),
    [("numbers", 12), *(pytest.param(shape, BATCH_SIZE, marks=pytest.mark.nightly) for shape in SHAPES)],
)
def test_the_largest_events_that_are_accepted_fit_into_the_archive(shape: str, number: int) -> None:
    """With 200 KB of numbers in each event, a batch took 1.3 GB and 33 s of a processor, and nobody's was archived."""
    took = archived(shape, number, TIMEOUT_SECONDS)
    assert took["failed"] == []
    assert took["megabytes"] < MEMORY_MB / 2
    full_batch = BATCH_SIZE / number * took["seconds"] * FULL_PROCESSOR_MB / MEMORY_MB
    # Twice what was measured: the machine of the tests is busy.
    assert full_batch < 2 * TIMEOUT_SECONDS


def test_usual_events_are_acknowledged_when_the_time_ends_with_large_ones() -> None:
    """The large ones come last, and are delivered again."""
    took = archived("nested", 60, 3.0)
    usual = range(took["messages"] - USUAL, took["messages"])
    assert took["failed"]
    assert not set(took["failed"]) & set(usual)
