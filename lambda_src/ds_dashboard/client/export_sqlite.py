"""Export to a SQLite database, which Datasette, DuckDB, Evidence, Grafana and most languages open."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ds_dashboard.client.csv_text import NUMBER
from ds_dashboard.client.export_rows import COLUMNS, DOUBLE, texts

TABLE = "history"


class SqliteWriter:
    """Writes a database with the table `history`: `MetricValue` as exact text, and the nearest double next to it.

    SQLite writes to a file of its own, which is copied to the given one at the end. That one may be compressed.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        name = getattr(file, "name", None)
        # Next to the result, where there is room for it. The system's folder may be in memory.
        folder = Path(name).parent if isinstance(name, str) and name else None
        self._folder = tempfile.TemporaryDirectory(dir=folder, prefix=".export.")
        self._path = Path(self._folder.name) / "history.sqlite"
        self._names = list(COLUMNS)
        self._names.insert(COLUMNS.index("MetricValue") + 1, DOUBLE)
        self._database = sqlite3.connect(self._path, isolation_level=None)
        columns = ", ".join(f"{name} {'REAL' if name == DOUBLE else 'TEXT'}" for name in self._names)
        # Nobody reads the file before it is complete.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(f"CREATE TABLE {TABLE} ({columns})")
        self._database.execute("BEGIN")
        self._insert = f"INSERT INTO {TABLE} VALUES ({', '.join('?' * len(self._names))})"

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a row."""
        row: dict[str, Any] = {**texts(item), DOUBLE: None}
        if row["ValueType"] == NUMBER:
            row[DOUBLE] = float(item["MetricValue"])
        self._database.execute(self._insert, [row[name] for name in self._names])

    def close(self) -> None:
        """Complete the database, and copy it to the file, which stays open."""
        self._database.execute("COMMIT")
        self._database.execute(
            f"CREATE INDEX BySeries ON {TABLE} (MetricName, ProjectName, Environment, ExtractionDate)"
        )
        self._database.close()
        with self._path.open("rb") as content:
            shutil.copyfileobj(content, self._file)
        self._file.flush()
        self._folder.cleanup()

    def abandon(self) -> None:
        """Release the file without completing it."""
        self._database.close()
        with contextlib.suppress(OSError):
            self._folder.cleanup()
