"""JSON, one object a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from ds_dashboard_cli.output import jsonlines


class JsonFile:
    """Values of history as the table has them, numbers exact, in UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a line."""
        self._file.write(jsonlines.line(item).encode() + b"\n")

    def close(self) -> None:
        """Write what is still in memory; the file itself stays open."""
        self._file.flush()

    def abandon(self) -> None:
        """Nothing is in memory here."""
