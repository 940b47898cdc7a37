"""What the benchmark command does with its figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ds_dashboard_dev.bench import report
from ds_dashboard_dev.bench.report import Figure
from ds_dashboard_dev.checkout import Failure

CROWDED = Figure("a start", 1.5, "times", "from 3 runs", aim=1.2)
FAST = Figure("events", 1234.0, "events/s", "from 3 runs", aim=1000.0, bound="at least")


def test_an_unknown_benchmark_is_an_error() -> None:
    """The message lists the known ones."""
    command = [sys.executable, "-m", "ds_dashboard_dev.bench", "coldstarts"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    known = "extract, unchanged, library, archive, coldstart, pages, package, plan, refresh"
    assert f"no such benchmark: coldstarts. The benchmarks are {known}" in done.stderr


def test_an_aim_is_met_at_its_limit_and_missed_by_a_share_of_it() -> None:
    """An aim is an upper or a lower limit."""
    assert CROWDED.met is False
    assert CROWDED.missed_by == pytest.approx(0.25)
    assert (FAST.met, FAST.missed_by) == (True, None)
    assert Figure("x", 1.2, "s", "", aim=1.2).met
    assert Figure("x", 1.2, "s", "").met is None


def test_figures_are_written_between_their_marks_and_nowhere_else(tmp_path: Path) -> None:
    """The text around them stays, and the second time replaces the first."""
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


def test_a_page_without_marks_is_an_error_and_not_changed(tmp_path: Path) -> None:
    """The message says which lines to add."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n")
    with pytest.raises(Failure, match="has no marks for figures"):
        report.write(page, {}, [FAST])
    assert page.read_text() == "# Title\n"
