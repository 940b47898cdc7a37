"""Export of values to CSV, Parquet, SQLite and JSON lines, row by row, so that memory does not grow with the file."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from ds_dashboard.client import csv_text
from ds_dashboard.client.csv_text import NUMBER
from ds_dashboard.client.errors import HubError, MissingDependency
from ds_dashboard.client.export_rows import COLUMNS, DATES, DOUBLE, texts
from ds_dashboard.client.export_sqlite import SqliteWriter
from ds_dashboard.client.tables import parse_instant
from ds_dashboard.client.values import Value
from ds_dashboard.text import json_line

FORMATS = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
}
_GZIP = ".gz"
# The size of a Parquet row group, which is held in memory. The metadata of one value can have 200 KB.
_MAX_ROWS = 10_000
_MAX_BYTES = 16 * 1024 * 1024


class ExportError(HubError):
    """A value that the format cannot hold."""


class Writer(Protocol):
    """Writes items of the history table to a file."""

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a row."""

    def close(self) -> None:
        """Write what is still in memory. The file itself stays open."""

    def abandon(self) -> None:
        """Release the file without completing it."""


def file_format(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's suffix stands for: `csv`, `parquet`, `sqlite` or `json`.

    A suffix `.gz` is left out. A name without suffix stands for `csv`.

    Raises:
        ValueError: no format has this suffix.
    """
    file = _without_gzip(Path(path))
    kind = FORMATS.get(file.suffix.lower()) if file.suffix else "csv"
    if kind is None:
        known = ", ".join(FORMATS)
        raise ValueError(f"{Path(path).name}: no format has the suffix {file.suffix}. Use {known}, or name the format")
    return kind


def _without_gzip(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == _GZIP else path


@contextlib.contextmanager
def compressing(path: Path, file: BinaryIO) -> Iterator[BinaryIO]:
    """Compress what is written to a file if its name ends with `.gz`. The file itself stays open."""
    if path.suffix.lower() != _GZIP:
        yield file
        return
    # Without a time, so that the same values give the same bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed:
        yield cast(BinaryIO, compressed)


def open_writer(kind: str, file: BinaryIO, *, raw: bool = False, display: Callable[[str], str] | None = None) -> Writer:
    """Return the writer of a format.

    Args:
        kind: `csv`, `parquet`, `sqlite` or `json`.
        file: receives the bytes. It stays open.
        raw: CSV only, see `CsvWriter`.
        display: CSV only, see `CsvWriter`.

    Raises:
        MissingDependency: Parquet needs pyarrow.
        ValueError: there is no such format.
    """
    if kind == "parquet":
        return ParquetWriter(file)
    if kind == "sqlite":
        return SqliteWriter(file)
    if kind == "json":
        return JsonWriter(file)
    if kind == "csv":
        return CsvWriter(file, raw=raw, display=display)
    raise ValueError(f"format {kind!r}: use csv, parquet, sqlite or json")


def write_values(values: Iterable[Value], writer: Writer, progress: Callable[[int, Value], None] | None = None) -> int:
    """Write values, close the writer, and return their number.

    Args:
        values: values of history.
        writer: writes their items; released without completing the file if anything fails.
        progress: receives the number of written values and the last one, after each value.
    """
    count = 0
    try:
        for count, value in enumerate(values, 1):
            writer.write(value.item)
            if progress:
                progress(count, value)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return count


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when it is complete. If the block raises, `path` stays as it is.

    The folder is created if it does not exist. A device or a named pipe is written to instead of being replaced. A
    file keeps its mode, and a link its target, which is replaced.

    Raises:
        OSError: the file cannot be written.
    """
    # Before links are followed: /dev/stdout of a pipe leads to a name that cannot be opened.
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as device:
            yield device
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(name, _mode_of(path))
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _mode_of(path: Path) -> int:
    """Return the mode of a file; of one that does not exist, the usual one: mkstemp's is for the owner alone."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


class CsvWriter:
    """Writes CSV in UTF-8, numbers with all their digits.

    Args:
        raw: leave texts that a spreadsheet would evaluate as they are, instead of escaping them with apostrophes.
        display: makes a text safe for a terminal; None for a file.
    """

    def __init__(self, file: BinaryIO, *, raw: bool = False, display: Callable[[str], str] | None = None) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._raw, self._display = raw, display
        self._text.write(csv_text.row(COLUMNS))

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a row."""
        row = texts(item)
        self._text.write(csv_text.row(self._cell(name, text, row) for name, text in row.items()))

    def close(self) -> None:
        """Write what is still in memory. The file itself stays open."""
        self._text.flush()
        self._text.detach()

    def abandon(self) -> None:
        """Release the file without completing it."""
        with contextlib.suppress(OSError, ValueError):
            self._text.detach()

    def _cell(self, name: str, text: str | None, row: Mapping[str, str | None]) -> str:
        if not text or (name == "MetricValue" and row["ValueType"] == NUMBER):
            return text or ""
        if not self._raw:
            text = csv_text.escape(text)
        return self._display(text) if self._display else text


class JsonWriter:
    """Writes items of the table as JSON, one object a line, in UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a line."""
        self._file.write(json_line(item).encode() + b"\n")

    def close(self) -> None:
        """Write what is still in memory. The file itself stays open."""
        self._file.flush()

    def abandon(self) -> None:
        """Release the file without completing it."""


class ParquetWriter:
    """Writes Parquet: `MetricValue` as exact text, and the nearest double next to it.

    Raises:
        MissingDependency: pyarrow is not installed.
    """

    def __init__(self, file: BinaryIO) -> None:
        try:
            import pyarrow  # type: ignore[import-untyped]
            import pyarrow.parquet  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingDependency("Parquet", "pyarrow", "parquet") from error
        types = {name: pyarrow.timestamp("us", tz="UTC") for name in DATES}
        fields = [(name, types.get(name, pyarrow.string())) for name in COLUMNS]
        fields.insert(COLUMNS.index("MetricValue") + 1, (DOUBLE, pyarrow.float64()))
        self._arrow, self._schema = pyarrow, pyarrow.schema(fields)
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a row.

        Raises:
            ExportError: a date is not valid.
        """
        given = texts(item)
        self._bytes += sum(len(text) for text in given.values() if text)
        row: dict[str, Any] = {**given, DOUBLE: None}
        if given["ValueType"] == NUMBER:
            row[DOUBLE] = float(item["MetricValue"])
        for name in DATES:
            row[name] = parse_instant(given[name])
            if given[name] and row[name] is None:
                raise ExportError(
                    f"{name} {given[name]}",
                    f"of a value of {given['MetricName']} is not a valid date, which Parquet requires.",
                    "Export it as CSV.",
                )
        self._rows.append(row)
        if len(self._rows) >= _MAX_ROWS or self._bytes >= _MAX_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is still in memory. The file itself stays open."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Release the file without completing it."""
        # Otherwise pyarrow writes the file's end at garbage collection, and complains that the file is closed.
        self._writer.is_open = False

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
            self._rows, self._bytes = [], 0
