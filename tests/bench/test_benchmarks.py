"""The benchmarks run, and the figures that a busy machine changes little meet their aims."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_dev.bench import report
from ds_dashboard_dev.bench.report import Figure
from ds_dashboard_dev.checkout import Failure

STEADY = (
    "20 metrics vs the slowest alone",
    "batch of 100 vs batch of 1",
    "size of the package",
)
CROWDED = Figure("a start", 1.5, "times", "from 3 runs", aim=1.2)
FAST = Figure("events", 1234.0, "events/s", "from 3 runs", aim=1000.0, bound="at least")


def _bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ds_dashboard_dev.bench", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """Every figure of the quick form, by name."""
    done = _bench("--quick", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {"Measured", "Processor", "Cores", "Python", "Terraform", "System"} <= set(document["machine"])
    return {figure["name"]: figure for figure in document["figures"]}


@pytest.mark.nightly
@pytest.mark.parametrize("name", STEADY)
def test_an_aim_that_was_met_stays_met(figures: dict[str, dict[str, Any]], name: str) -> None:
    """A change that makes metrics or events wait for each other again shows here."""
    assert figures[name]["met"], figures[name]


@pytest.mark.nightly
def test_a_batch_beats_one_put_an_event(figures: dict[str, dict[str, Any]]) -> None:
    """Keeping each event exactly once costs more than a plain put, and batches must pay for it."""
    assert figures["archive, batch of 100"]["measured"] > 2 * figures["one put per event, batch of 100"]["measured"]


@pytest.mark.nightly
def test_all_handlers_start(figures: dict[str, dict[str, Any]]) -> None:
    """From the package alone. How long it takes is no matter for a machine that runs tests beside it."""
    started = [name for name in figures if "vs bare boto3" in name]
    assert [name.split()[0] for name in started] == ["extract", "archive", "refresh", "watch"]


def test_a_benchmark_that_does_not_exist_is_named() -> None:
    """With those that do."""
    done = _bench("coldstarts")
    assert done.returncode == 2
    assert (
        "no such benchmark: coldstarts. The benchmarks are extract, archive, coldstart, package, plan, refresh"
        in done.stderr
    )


def test_an_aim_is_met_at_its_bound_and_missed_by_a_share_of_it() -> None:
    """At most and at least are opposites."""
    assert CROWDED.met is False
    assert CROWDED.missed_by == pytest.approx(0.25)
    assert (FAST.met, FAST.missed_by) == (True, None)
    assert Figure("x", 1.2, "s", "", aim=1.2).met
    assert Figure("x", 1.2, "s", "").met is None


def test_figures_are_written_between_their_marks_and_nowhere_else(tmp_path: Path) -> None:
    """What people wrote around them stays; written twice is written once."""
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n{report.BEGIN}\nold\n{report.END}\n\nThe end.\n")
    for _ in range(2):
        report.write(page, {"Cores": "2"}, [CROWDED, FAST])
    assert page.read_text() == (
        f"# Title\n\n{report.BEGIN}\n"
        "| Figure | Measured | Aim | Met | From |\n"
        "|---|---:|---:|---|---|\n"
        "| a start | 1.50 times | at most 1.2 | no, by 25% | from 3 runs |\n"
        "| events | 1,234 events/s | at least 1000 | yes | from 3 runs |\n"
        "\n"
        "Cores 2.\n"
        f"{report.END}\n\nThe end.\n"
    )


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    """And its cure is said."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n")
    with pytest.raises(Failure, match="has no marks for figures"):
        report.write(page, {}, [FAST])
    assert page.read_text() == "# Title\n"
