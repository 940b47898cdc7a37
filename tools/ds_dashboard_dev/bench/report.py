"""Measured figures, and their report with the machine they were measured on: a table, JSON, or Markdown."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from ds_dashboard_dev.checkout import Failure
from ds_dashboard_dev.terraform import find_terraform, terraform_version

# The headings of the table, and whether the column contains numbers.
_COLUMNS = {"Figure": False, "Measured": True, "Aim": True, "Met": False, "From": False}
# The figures are written between these two lines of a Markdown file.
BEGIN, END = (
    "<!-- begin of figures: written by `python -m ds_dashboard_dev.bench --write` -->",
    "<!-- end of figures -->",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure.

    Attributes:
        unit: Of `measured` and `aim`; `times` is a ratio.
        detail: What it was measured from, and the spread.
        aim: `None` if the figure is only for comparison with others.
        bound: Whether the aim is an upper or a lower limit.
    """

    name: str
    measured: float
    unit: Literal["times", "s", "MB", "events/s", "calls"]
    detail: str
    aim: float | None = None
    bound: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool | None:
        """Return whether the aim is met; `None` without an aim."""
        if self.aim is None:
            return None
        return self.measured <= self.aim if self.bound == "at most" else self.measured >= self.aim

    @property
    def missed_by(self) -> float | None:
        """Return the share of the aim by which it is missed; `None` if it is met, or without an aim."""
        return None if self.met is not False or self.aim is None else abs(self.measured - self.aim) / self.aim


def spread(seconds: Sequence[float]) -> str:
    """Describe measured seconds: their minimum, maximum, median and number."""
    unit, factor = ("ms", 1000) if median(seconds) < 1 else ("s", 1)
    least, middle, most = (
        f"{value * factor:.{0 if value * factor >= 100 else 1}f}"
        for value in (min(seconds), median(seconds), max(seconds))
    )
    return f"{least} to {most} {unit}, median {middle} of {len(seconds)}"


def machine() -> dict[str, str]:
    """Return what a reader needs to compare the figures with other machines: name of a fact -> the fact."""
    return {
        "Measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Processor": _processor(),
        "Cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "Load before": _load(),
        "Memory": _memory(),
        "System": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "boto3": importlib.metadata.version("boto3"),
        "Terraform": _terraform(),
    }


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def _load() -> str:
    """Return how many programs ran or waited in the last minute. Above the number of cores, figures are too high."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (ValueError, OSError):
        return "unknown"


def _terraform() -> str:
    try:
        return terraform_version(find_terraform())
    except Failure:
        return "none"


def show(facts: Mapping[str, str], figures: Sequence[Figure]) -> None:
    """Print the figures as a table, and the facts of the machine below it."""
    console = Console(highlight=False)
    table = Table(header_style="bold")
    for heading, number in _COLUMNS.items():
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for figure in figures:
        colour = {True: "green", False: "red", None: None}[figure.met]
        table.add_row(*_cells(figure), style=colour)
    console.print(table)
    console.print("\n".join(f"{name}: {fact}" for name, fact in facts.items()))


def document(facts: Mapping[str, str], figures: Sequence[Figure]) -> dict[str, Any]:
    """Return the figures and the facts of the machine as a document for JSON."""
    return {
        "machine": dict(facts),
        "figures": [{**dataclasses.asdict(figure), "met": figure.met} for figure in figures],
    }


def write(path: Path, facts: Mapping[str, str], figures: Sequence[Figure]) -> None:
    """Write the figures between the two marks in the Markdown file `path`.

    Raises:
        Failure: The file does not have the marks.
    """
    try:
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
    except (OSError, ValueError):
        raise Failure(f"{path} has no marks for figures.", fix=f"Add two lines to it: {BEGIN} and {END}.") from None
    path.write_text(f"{before}{BEGIN}\n{_markdown(facts, figures)}{END}{after}", encoding="utf-8")


def _markdown(facts: Mapping[str, str], figures: Sequence[Figure]) -> str:
    lines = [
        f"| {' | '.join(_COLUMNS)} |",
        f"|{'|'.join('---:' if number else '---' for number in _COLUMNS.values())}|",
        *(f"| {' | '.join(_cells(figure))} |" for figure in figures),
        "",
        f"{', '.join(f'{name} {fact}' for name, fact in facts.items())}.",
    ]
    return "\n".join(lines) + "\n"


def _cells(figure: Figure) -> tuple[str, ...]:
    aim = "" if figure.aim is None else f"{figure.bound} {figure.aim:g}"
    missed = f"no, by {figure.missed_by:.0%}" if figure.missed_by is not None else ""
    return (figure.name, _measured(figure), aim, missed or ("yes" if figure.met else ""), figure.detail)


def _measured(figure: Figure) -> str:
    value = figure.measured
    return f"{value:,.0f} {figure.unit}" if value >= 100 else f"{value:.{1 if value >= 10 else 2}f} {figure.unit}"
