"""CSV: exact numbers, every text quoted where it has to be, and no cell that a spreadsheet would calculate."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Mapping
from typing import Any, BinaryIO

from ds_dashboard_cli.export import records
from ds_dashboard_cli.output.text import visible

# Spreadsheets take a text that begins with one of these as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class CsvFile:
    """Rows of history as CSV in UTF-8.

    Args:
        raw: leave texts that look like formulas as they are.
        screen: somebody looks at it: control characters are spelled out.
    """

    def __init__(self, file: BinaryIO, *, raw: bool = False, screen: bool = False) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._raw, self._screen = raw, screen
        self._plain = csv.writer(self._text, lineterminator="\n")
        # The writer quotes no lone carriage return, and readers take it for the end of a row.
        self._quoted = csv.writer(self._text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self._plain.writerow(records.COLUMNS)

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a row."""
        row = records.texts(item)
        cells = [self._cell(name, text, row) for name, text in row.items()]
        (self._quoted if any("\r" in cell for cell in cells) else self._plain).writerow(cells)

    def close(self) -> None:
        """Write what is still in memory; the file itself stays open."""
        self._text.flush()
        self._text.detach()

    def abandon(self) -> None:
        """Let go of the file, which will not be kept."""
        with contextlib.suppress(OSError, ValueError):
            self._text.detach()

    def _cell(self, name: str, text: str | None, row: Mapping[str, str | None]) -> str:
        if not text or (name == "MetricValue" and row["ValueType"] == records.NUMBER):
            return text or ""
        if text.startswith(_FORMULA) and not self._raw:
            text = f"'{text}"
        return visible(text) if self._screen else text
