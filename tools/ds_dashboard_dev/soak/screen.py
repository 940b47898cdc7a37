"""Output of the soak: progress on standard error, the totals as a table on standard output."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from ds_dashboard_dev.testing.ledger import Totals


def say(text: str) -> None:
    """Print one line of progress."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def report(rows: Mapping[str, Totals], title: str) -> None:
    """Print a table of totals, one row for each."""
    table = Table(title=title)
    table.add_column("")
    for name in asdict(Totals()):
        table.add_column(name.replace("_", " "), justify="right")
    for label, totals in rows.items():
        table.add_row(label, *(f"{count:,}" for count in asdict(totals).values()))
    # Wide enough for all columns, also where the output is a file.
    Console(file=sys.stdout, width=160).print(table)
