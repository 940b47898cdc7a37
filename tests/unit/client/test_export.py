"""The writers of exported files."""

from __future__ import annotations

import csv
import io
import os
import stat
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_dashboard.client import export, read_csv
from ds_dashboard.client.export import CsvWriter, ParquetWriter
from ds_dashboard.client.export_rows import COLUMNS
from ds_dashboard.client.export_sqlite import SqliteWriter

HOSTILE = [
    *(
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "a,b",
        'a"b',
        "a\nb",
        "a\rb",
        "\x00",
        "é\u2028\u202e",
        "=",
        "'=",
        "'",
        "''",
    ),
    *(
        "ok;=1+1",
        "ok\t=1",
        "ok\n=1",
        "ok\r\n@x",
        "ok|-1",
        "ok; =1",
        'ok;"=1;',
        "ok;'=1",
        "ok;''=1",
        "ok;\uff1d1",
        ";;=1",
        ";'",
    ),
    *("ok;fine", "it's", "1-2", '{"a": "x;=1", "b": -1}', "x;y|z\tw"),
]
# What spreadsheets split at, depending on the locale and on what the user chooses.
SEPARATORS = ",;\t|"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
odd_texts = st.text(st.sampled_from("=+-@;|,\t\r\n'\" a1\uff1d")) | st.text()


def _exported(*items: dict[str, Any], raw: bool = False) -> str:
    buffer = io.BytesIO()
    writer = CsvWriter(buffer, raw=raw)
    for item in items:
        writer.write(item)
    writer.close()
    return buffer.getvalue().decode()


@given(text=st.sampled_from(HOSTILE) | odd_texts)
def test_no_cell_of_a_csv_file_is_a_formula_whatever_it_is_split_at(text: str) -> None:
    """A value from a spoke must not run a formula on the machine of the person who opens the file."""
    item = {name: text for name in COLUMNS if name not in ("ValueType", "Metadata", "Breakdown")}
    exported = _exported({**item, "Metadata": {"Note": text}, "Breakdown": [{"Dimensions": {text: text}, "Value": 1}]})
    for separator in SEPARATORS:
        for row in csv.reader(io.StringIO(exported, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.lstrip(' \xa0"').startswith(FORMULA)], (separator, row)


@given(text=st.sampled_from(HOSTILE) | odd_texts.filter(bool), number=st.sampled_from(["-1", "0.10", "1E+60"]))
def test_an_exported_csv_file_is_read_back_exactly(text: str, number: str) -> None:
    """Numbers and texts keep every character, whether texts are escaped or not."""
    items: list[dict[str, Any]] = [
        {"MetricName": text, "MetricValue": text, "Metadata": {"Note": text}},
        {"MetricName": text, "MetricValue": Decimal(number), "Unit": text, "Breakdown": [{"Value": 1, "Name": text}]},
    ]
    for raw in (False, True):
        exported = _exported(*items, raw=raw)
        assert list(read_csv(io.StringIO(exported, newline=""), raw=raw)) == items
    rows = list(csv.DictReader(io.StringIO(_exported(*items, raw=True), newline="")))
    assert (rows[0]["MetricValue"], Decimal(rows[1]["MetricValue"])) == (text, Decimal(number))


@pytest.mark.parametrize("text", ["ok;fine", "a\tb", "a|b", "a\rb", "a\nb", "a b", 'a"b', "a,b"])
def test_a_text_with_a_separator_of_any_locale_is_quoted(text: str) -> None:
    """A reader that splits at another separator than the comma keeps it in one cell where it can."""
    quoted = '"' + text.replace('"', '""') + '"'
    assert f"\n{quoted},P,dev,,{quoted},string," in _exported(
        {"MetricName": text, "MetricValue": text, "ProjectName": "P", "Environment": "dev"}
    )


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "MetricName,MetricValue,ValueType\nM,x,number\n", "ValueType\nstring\n"]
)
def test_a_file_that_is_not_an_export_is_an_error_with_its_line(text: str) -> None:
    """Another file, or one that somebody edited."""
    with pytest.raises(ValueError, match="line 2 is not a line of an export"):
        list(read_csv(io.StringIO(text)))


@pytest.mark.parametrize("kind", [CsvWriter, ParquetWriter, SqliteWriter])
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


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    """What only its owner could read must not be readable for everybody after the next export."""
    file = tmp_path / "history.csv"
    file.write_text("old")
    file.chmod(0o600)
    with export.replacing(file) as written:
        written.write(b"new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o600)


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_keeps_its_target(tmp_path: Path, exists: bool) -> None:
    """It may lead to another disk, from which others read."""
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "history.csv", tmp_path / "link.csv"
    link.symlink_to(target)
    if exists:
        target.write_text("old")
    with export.replacing(link) as written:
        written.write(b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "elsewhere", link]


def test_a_pipe_is_written_to_and_not_replaced() -> None:
    """`-o /dev/stdout | gzip` and `-o >(gzip)` are such files; the target of their link is no path."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        try:
            with export.replacing(Path(f"/dev/fd/{writing}")) as file:
                file.write(b"values")
        finally:
            os.close(writing)
        assert pipe.read() == b"values"
