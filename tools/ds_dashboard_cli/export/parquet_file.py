"""Parquet, a row group at a time: values as exact text, and beside it as the nearest double to calculate with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.export import records
from ds_dashboard_cli.hub.spokes import instant

# A group stands in memory: a value's metadata may have 200 KB.
_MOST_ROWS = 10_000
_MOST_BYTES = 16 * 1024 * 1024
_DATES = ("ExtractionDate", "SentExtractionDate")
_DOUBLE = "MetricValueDouble"


class ParquetFile:
    """Rows of history as Parquet. Raises UserError where pyarrow is not installed."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            import pyarrow  # type: ignore[import-untyped]
            import pyarrow.parquet  # type: ignore[import-untyped]
        except ImportError as error:
            raise UserError(
                "Parquet", "needs pyarrow, which is not installed.", "Run: pip install 'ds-dashboard[parquet]'"
            ) from error
        kinds = {name: pyarrow.timestamp("us", tz="UTC") for name in _DATES}
        fields = [(name, kinds.get(name, pyarrow.string())) for name in records.COLUMNS]
        fields.insert(records.COLUMNS.index("MetricValue") + 1, (_DOUBLE, pyarrow.float64()))
        self._arrow, self._schema = pyarrow, pyarrow.schema(fields)
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0

    def write(self, item: Mapping[str, Any]) -> None:
        """Add a row."""
        texts = records.texts(item)
        self._bytes += sum(len(text) for text in texts.values() if text)
        row: dict[str, Any] = {**texts, _DOUBLE: None}
        if texts["ValueType"] == records.NUMBER:
            row[_DOUBLE] = float(item["MetricValue"])
        for name in _DATES:
            row[name] = instant(texts[name])
            if texts[name] and row[name] is None:
                raise UserError(
                    f"{name} {texts[name]}",
                    f"of a value of {texts['MetricName']} is no date, as a Parquet file needs it.",
                    "Export it as CSV.",
                )
        self._rows.append(row)
        if len(self._rows) >= _MOST_ROWS or self._bytes >= _MOST_BYTES:
            self._flush()

    def close(self) -> None:
        """Write the last rows and the file's end; the file itself stays open."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, which will not be kept."""
        # pyarrow would write the file's end when the writer is forgotten, and complain that there is no file.
        self._writer.is_open = False

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
            self._rows, self._bytes = [], 0
