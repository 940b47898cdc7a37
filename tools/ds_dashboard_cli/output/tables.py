"""Tables for people: on a terminal as wide as the terminal, elsewhere as wide as the values. No value is ever cut."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from rich.console import Console

# Rows that are aligned together. A longer table repeats its head, so that it need not be in memory as a whole.
_CHUNK = 1000
_MIN_WIDTH = 15
# A text that is folded more often is easier to read below its row than in a narrow column.
_MAX_FOLDS = 4
_GAP = 2
# Wider than any line, so that nothing is folded without a terminal.
_UNFOLDED = 1_000_000

Mark = Literal["", "bad", "warn", "dim"]
_STYLES: dict[Mark, str] = {"": "", "bad": "red", "warn": "yellow", "dim": "dim"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. One that `folds` becomes narrower on a narrow terminal."""

    heading: str
    folds: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, already without control characters, and how the row is marked."""

    cells: Sequence[str]
    mark: Mark = ""


def print_table(columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """Print rows on stdout, and return their number. Print nothing if there are none."""
    rows, count, terminal = iter(rows), 0, sys.stdout.isatty()
    console = stdout_console() if terminal else None
    while chunk := list(islice(rows, _CHUNK)):
        count += len(chunk)
        if console is None:
            _print_lines(columns, chunk)
        else:
            _print(console, columns, chunk)
    return count


def write_line() -> None:
    """Print an empty line between two tables."""
    click.echo()


def stdout_console() -> Console:
    """Return the console of stdout, with colours on a terminal only, and without if NO_COLOR is set."""
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            """Let the command line end. rich would exit with 1, which means that the command failed."""
            raise BrokenPipeError

    terminal = sys.stdout.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR")
    return PipedConsole(
        file=sys.stdout,
        width=None if terminal else _UNFOLDED,
        force_terminal=terminal,
        color_system="auto" if coloured else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _print_lines(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print each row on one line. Where nothing is folded or coloured, rich would take most of a command's time."""
    lines = [[column.heading for column in columns], *(row.cells for row in rows)]
    widths = [[_width(cell) for cell in cells] for cells in lines]
    columns_width = [max(column) for column in zip(*widths, strict=True)]
    gap = " " * _GAP
    printed = []
    for cells, own in zip(lines, widths, strict=True):
        padded = [
            f"{' ' * (width - used)}{cell}" if column.right else f"{cell}{' ' * (width - used)}"
            for column, cell, width, used in zip(columns, cells, columns_width, own, strict=True)
        ]
        printed.append(gap.join(padded).rstrip())
    click.echo("\n".join(printed))


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _print(console: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    widths = [
        max(cell_len(column.heading), *(cell_len(row.cells[index]) for row in rows))
        for index, column in enumerate(columns)
    ]
    least = [min(width, _MIN_WIDTH) if column.folds else width for column, width in zip(columns, widths, strict=True)]
    room = console.width - sum(least) - _GAP * (len(columns) - 1)
    folding = [index for index, column in enumerate(columns) if column.folds]
    natural, given = (sum(sizes[index] for index in folding) for sizes in (widths, least))
    if room < 0 or natural > _MAX_FOLDS * (room + given):
        _print_one_by_one(console, columns, rows)
        return
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), collapse_padding=True, header_style="bold")
    for column in columns:
        table.add_column(
            column.heading, justify="right" if column.right else "left", no_wrap=not column.folds, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row.cells), style=_STYLES[row.mark])
    with console.capture() as captured:
        console.print(table)
    # Remove the padding of the last column.
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()), color=True)


def _print_one_by_one(console: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print each cell on a line of its own, for terminals that are too narrow for the table."""
    from rich.padding import Padding
    from rich.text import Text

    for row in rows:
        for index, (column, cell) in enumerate(zip(columns, row.cells, strict=True)):
            if index == 0:
                console.print(Text(cell, style="bold", overflow="fold"))
            elif cell:
                text = Text.assemble((f"{column.heading}: ", "dim"), (cell, _STYLES[row.mark]), overflow="fold")
                console.print(Padding(text, (0, 0, 0, _GAP), expand=False))
