"""`ds-dashboard export`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
from tests.support.events import RESULT, Exact, ago, result
from tests.support.tables import OTHER, HubTables

HOSTILE_NAME = "'); DROP TABLE history; --\x1b"
DIGITS = "0.10000000000000000555111512312578270211"


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_and_parquet_keep_all_digits(hub: HubTables, tmp_path: Path) -> None:
    """A number and a text with the same characters stay distinct."""
    hub.send(RESULT, result(MetricValue=Exact(DIGITS)), result(MetricName="Version", MetricValue="10"))
    hub.send(RESULT, result(ProjectName="Q", Environment="prod", MetricValue=-3), account=OTHER)
    files = {kind: tmp_path / f"history.{kind}" for kind in ("csv", "parquet")}
    for file in files.values():
        outcome = hub.run("export", "-o", file)
        assert outcome.stdout == ""
        assert "3 values written to" in outcome.stderr
    rows = _rows(files["csv"].read_text())
    assert {(row["ProjectName"], row["MetricValue"], row["ValueType"]) for row in rows} == {
        ("P", DIGITS, "number"),
        ("P", "10", "string"),
        ("Q", "-3", "number"),
    }
    table: list[dict[str, Any]] = pyarrow.parquet.read_table(files["parquet"]).to_pylist()
    doubles = {row["MetricValue"]: row["MetricValueDouble"] for row in table}
    assert doubles == {DIGITS: float(DIGITS), "10": None, "-3": -3.0}
    assert {row["ExtractionDate"].isoformat(timespec="microseconds").replace("+00:00", "Z") for row in table} == {
        row["ExtractionDate"] for row in rows
    }
    assert [path.name for path in tmp_path.iterdir() if path not in files.values()] == []


def test_a_sqlite_database_can_be_queried(hub: HubTables, tmp_path: Path) -> None:
    """Exact texts next to doubles that sort, and nothing is left next to the file."""
    hub.send(RESULT, result(MetricValue=Exact(DIGITS)), result(MetricName="Version", MetricValue="10"))
    hub.send(RESULT, result(MetricValue=20, ExtractionDate=ago(hours=1)), result(MetricName=HOSTILE_NAME))
    for name in ("history.sqlite", "history.db.gz"):
        assert "4 values written to" in hub.run("export", "-o", tmp_path / name).stderr
    packed = tmp_path / "history.db.gz"
    assert sorted(tmp_path.iterdir()) == [packed, tmp_path / "history.sqlite"]
    (tmp_path / "unpacked.db").write_bytes(gzip.decompress(packed.read_bytes()))
    for name in ("history.sqlite", "unpacked.db"):
        with closing(sqlite3.connect(tmp_path / name)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            rows = database.execute(
                "SELECT MetricValue, MetricValueDouble FROM history WHERE MetricName = 'Jobs' ORDER BY ExtractionDate"
            ).fetchall()
            assert rows == [("20", 20.0), (DIGITS, float(DIGITS))]
            (text,) = database.execute("SELECT * FROM history WHERE MetricName = 'Version'").fetchall()
            assert text[4:7] == ("10", None, "string")
            names = {name for (name,) in database.execute("SELECT DISTINCT MetricName FROM history")}
            assert names == {"Jobs", "Version", HOSTILE_NAME}
    assert "SQLite needs a file" in hub.run("export", "--format", "sqlite", code=2).stderr


def test_filters_select_what_is_exported(hub: HubTables) -> None:
    """Values go to stdout by default, and their number to stderr."""
    hub.send(
        RESULT, result(), result(MetricName="Cost", MetricValue=2), result(MetricValue=3, ExtractionDate=ago(days=9))
    )
    hub.send(RESULT, result(ProjectName="Q", Environment="prod", MetricValue=4), account=OTHER)

    def found(*words: str) -> list[str]:
        outcome = hub.run("export", *words)
        rows = _rows(outcome.stdout)
        assert outcome.stderr.startswith(f"{len(rows)} value")
        return sorted(row["MetricValue"] for row in rows)

    assert found() == ["1", "2", "3", "4"]
    assert found("--metric", "Jobs,Cost", "--since", "1d") == ["1", "2", "4"]
    assert found("--until", "1d") == ["3"]
    assert found("--project", "Q") == ["4"]
    assert found("--metric", "Jobs", "--project", "P", "--environment", "dev") == ["1", "3"]
    assert found("--metric", "Nothing") == []


def test_json_lines_are_the_items_of_the_table(hub: HubTables) -> None:
    """--json is short for --format json."""
    hub.send(RESULT, result(MetricValue=Exact(DIGITS), Metadata={"a": [1, "\x1b[31m"]}))
    (line,) = hub.run("export", "--json").stdout.splitlines()
    assert "\x1b" not in line
    item = json.loads(line, parse_float=Decimal)
    assert item["MetricValue"] == Decimal(DIGITS)
    assert item["Metadata"] == {"a": [1, "\x1b[31m"]}


def test_a_failed_export_leaves_the_old_file(hub: HubTables, tmp_path: Path) -> None:
    """The file is replaced when it is complete, and no temporary file is left."""
    target = tmp_path / "history.parquet"
    target.write_text("before")
    hub.put("metrics", {**result(), "ExtractionDate": "yesterday"})
    outcome = hub.run("export", "-o", target, code=1)
    assert "yesterday" in outcome.stderr
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]
    assert "yesterday" in hub.run("export").stdout


@pytest.mark.parametrize("suffix", [".csv.gz", ".ndjson", ".JSONL.GZ", ""])
def test_the_name_of_the_file_says_what_is_in_it(hub: HubTables, tmp_path: Path, suffix: str) -> None:
    """People name a file for what they want, and tools open it by its name."""
    hub.send(RESULT, result())
    target = tmp_path / f"history{suffix}"
    hub.run("export", "-o", target)
    content = target.read_bytes()
    text = (gzip.decompress(content) if suffix.lower().endswith(".gz") else content).decode()
    values = _rows(text) if "csv" in suffix or not suffix else [json.loads(line) for line in text.splitlines()]
    assert [row["MetricName"] for row in values] == ["Jobs"]


@pytest.mark.parametrize("name", ["history.xlsx", "history.csv.zip", "history.txt.gz", "history.2026"])
def test_a_suffix_of_no_format_is_rejected_unless_the_format_is_named(
    hub: HubTables, tmp_path: Path, name: str
) -> None:
    """Otherwise a program that opens the file by its name would fail, or show something else."""
    hub.send(RESULT, result())
    outcome = hub.run("export", "-o", tmp_path / name, code=2)
    assert f"{name}: no format has the suffix" in outcome.stderr
    assert "--format" in outcome.stderr
    assert list(tmp_path.iterdir()) == []
    hub.run("export", "-o", tmp_path / name, "--format", "csv")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_without_pyarrow_the_error_names_the_command_that_installs_it(
    hub: HubTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra because it is large."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    outcome = hub.run("export", "-o", tmp_path / "x.parquet", code=1)
    assert "pip install 'ds-dashboard[parquet]'" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_paths_that_cannot_be_written_are_errors(hub: HubTables, tmp_path: Path) -> None:
    """A folder, and a file used as a folder, cannot be written. Parquet cannot go to stdout."""
    (tmp_path / "file").touch()
    assert "Is a directory" in hub.run("export", "-o", tmp_path, code=1).stderr
    assert "file/x.csv: cannot be written" in hub.run("export", "-o", tmp_path / "file" / "x.csv", code=1).stderr
    assert "-o" in hub.run("export", "--format", "parquet", code=2).stderr
    assert "--format csv" in hub.run("export", "--format", "csv", "--json", code=2).stderr


def test_a_closed_pipe_ends_the_export_quietly(hub: HubTables) -> None:
    """`| head` prints no error and no stack trace."""
    hub.put_many(400, lambda number: result(ExtractionDate=ago(minutes=number)), size=1000)
    process = subprocess.Popen(
        [sys.executable, "-m", "ds_dashboard_cli", "export", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**hub.cloud.subprocess_environment("111111111111"), "DS_DASHBOARD_NAME": hub.name},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 141
