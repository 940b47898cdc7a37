"""Figures as a table for people, as JSON for programs, and as Markdown for the documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ds_dashboard_dev.bench.figure import Figure
from ds_dashboard_dev.failure import Failure

# Headings of the table, and whether their column holds numbers.
_COLUMNS = {"Figure": False, "Measured": True, "Aim": True, "Met": False, "From": False}
# Marks in a Markdown file, between which the figures are written.
BEGIN, END = (
    "<!-- begin of figures: written by `python -m ds_dashboard_dev.bench --write` -->",
    "<!-- end of figures -->",
)


def show(machine: Mapping[str, str], figures: Sequence[Figure]) -> None:
    """Print a table, and the machine below it."""
    console = Console(highlight=False)
    table = Table(header_style="bold")
    for heading, number in _COLUMNS.items():
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for figure in figures:
        colour = {True: "green", False: "red", None: None}[figure.met]
        table.add_row(*_cells(figure), style=colour)
    console.print(table)
    console.print("\n".join(f"{name}: {fact}" for name, fact in machine.items()))


def document(machine: Mapping[str, str], figures: Sequence[Figure]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "machine": dict(machine),
        "figures": [{**dataclasses.asdict(figure), "met": figure.met} for figure in figures],
    }


def write(path: Path, machine: Mapping[str, str], figures: Sequence[Figure]) -> None:
    """Put the figures between the two marks in a Markdown file.

    Raises:
        Failure: the file has no such marks.
    """
    try:
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
    except (OSError, ValueError):
        raise Failure(f"{path} has no place for figures.", cure=f"Put two lines into it: {BEGIN} and {END}.") from None
    path.write_text(f"{before}{BEGIN}\n{_markdown(machine, figures)}{END}{after}", encoding="utf-8")


def _markdown(machine: Mapping[str, str], figures: Sequence[Figure]) -> str:
    lines = [
        f"| {' | '.join(_COLUMNS)} |",
        f"|{'|'.join('---:' if number else '---' for number in _COLUMNS.values())}|",
        *(f"| {' | '.join(_cells(figure))} |" for figure in figures),
        "",
        f"{', '.join(f'{name} {fact}' for name, fact in machine.items())}.",
    ]
    return "\n".join(lines) + "\n"


def _cells(figure: Figure) -> tuple[str, ...]:
    aim = "" if figure.aim is None else f"{figure.bound} {figure.aim:g}"
    missed = f"no, by {figure.missed_by:.0%}" if figure.missed_by is not None else ""
    return (figure.name, _measured(figure), aim, missed or ("yes" if figure.met else ""), figure.detail)


def _measured(figure: Figure) -> str:
    value = figure.measured
    return f"{value:,.0f} {figure.unit}" if value >= 100 else f"{value:.{1 if value >= 10 else 2}f} {figure.unit}"
