"""The values of a page as a file: CSV without formulas, or JSON lines with exact numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ds_dashboard import dates
from ds_dashboard.client import csv_text
from ds_dashboard.pages.cells import Key, exact
from ds_dashboard.pages.model import Point
from ds_dashboard.text import json_line

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}
SUFFIX = {"csv": "csv", "json": "ndjson"}
_COLUMNS = ("MetricName", "ExtractionDate", "ProjectName", "Environment", "MetricValue", "RefreshId")


def lines(kind: str, key: Key, points: Sequence[Point]) -> Iterator[str]:
    """Yield the lines of a file with the values of a series.

    Args:
        kind: one of `FORMATS`.
        key: project, environment and metric.
        points: the values.
    """
    project, environment, metric = key
    records = (
        dict(
            zip(
                _COLUMNS,
                (metric, dates.format_instant(one.time), project, environment, one.value, one.refresh_id),
                strict=True,
            )
        )
        for one in points
    )
    if kind == "json":
        for record in records:
            yield f"{json_line(record)}\n"
        return
    yield f"{','.join(_COLUMNS)}\r\n"
    for record in records:
        yield csv_text.row(
            csv_text.escape(value) if isinstance(value, str) else exact(value) for value in record.values()
        )
