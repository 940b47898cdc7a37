"""The writers of exported files."""

from __future__ import annotations

import csv
import io
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest

from ds_dashboard.client.export import CsvWriter, ParquetWriter

HOSTILE = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "a,b", 'a"b', "a\nb", "a\rb", "\x00", "é\u2028\u202e", "=", "'="]


def test_no_cell_of_a_csv_file_is_a_formula_and_every_text_can_be_read_back() -> None:
    """A value from a spoke must not run a formula on the machine of the person who opens the file."""
    for raw in (False, True):
        buffer = io.BytesIO()
        file = CsvWriter(buffer, raw=raw)
        for text in HOSTILE:
            file.write({"MetricName": text, "MetricValue": text})
        file.write({"MetricName": "Number", "MetricValue": Decimal("-1")})
        file.close()
        rows = list(csv.DictReader(io.StringIO(buffer.getvalue().decode(), newline="")))
        assert rows[-1]["MetricValue"] == "-1"
        cells = [row["MetricValue"] for row in rows[:-1]]
        assert [row["MetricName"] for row in rows[:-1]] == cells
        if raw:
            assert cells == HOSTILE
        else:
            assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in HOSTILE]
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


@pytest.mark.parametrize("kind", [CsvWriter, ParquetWriter])
def test_memory_does_not_grow_with_what_is_written(kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """History can have any size, so rows are written as they are read."""
    monkeypatch.setattr("ds_dashboard.client.export._MAX_BYTES", 1_000_000)
    item = {
        "MetricName": "Jobs",
        "MetricValue": Decimal("0.1"),
        "ExtractionDate": "2026-11-24T11:00:00Z",
        "Metadata": {"Note": "x" * 20_000},
    }
    with (tmp_path / "file").open("wb") as file:
        writer = kind(file)
        # pyarrow imports pandas, if it is installed, when it writes the first row group.
        for _ in range(100):
            writer.write(item)
        tracemalloc.start()
        for _ in range(1500):
            writer.write(item)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        writer.close()
    assert peak < 10e6
