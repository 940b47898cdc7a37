"""The hub's own report: `report.html` and `latest.csv` in its bucket, written on a schedule."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard import dates
from ds_dashboard.client import csv_text
from ds_dashboard.client.errors import HubError
from ds_dashboard.pages import report
from ds_dashboard.pages.cells import exact
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Series
from ds_dashboard.publish.last_read import missing_resource
from ds_dashboard.publish.source import Source

REPORT, LATEST = "report.html", "latest.csv"
_HTML, _CSV = "text/html; charset=utf-8", "text/csv; charset=utf-8"
_COLUMNS = (
    *("ProjectName", "Environment", "MetricName", "MetricValue", "ValueType", "Unit", "ExtractionDate"),
    *("State", "ErrorType", "ErrorMessage", "AccountId"),
)


def write(source: Source, s3: Any, bucket: str, account: str, now: datetime) -> dict[str, int]:
    """Write the report and the newest values to a bucket.

    Args:
        source: reads the hub.
        s3: a client.
        bucket: the bucket's name.
        account: the account that must own the bucket.
        now: the instant from which ages are measured.

    Returns:
        The key of each object, and its size in bytes.

    Raises:
        HubError: a table or the bucket does not exist.
        botocore.exceptions.ClientError: AWS answered with another error.
    """
    try:
        return _write(source, s3, bucket, account, now)
    except ClientError as error:
        if missing := missing_resource(error):
            raise HubError(missing, "does not exist.", "Apply the hub again.") from error
        raise


def _write(source: Source, s3: Any, bucket: str, account: str, now: datetime) -> dict[str, int]:
    snapshot = source.snapshot()
    index = Index(snapshot)
    index.set_values_before(source.values_before(snapshot))
    files = report.linked(report.report_files(index, source.sparklines, now), REPORT)
    # The file that links to the others is the last one, so that no link is to a file that is not there yet.
    objects = {name: (text, _HTML) for name, text in sorted(files.items(), key=lambda one: one[0] == REPORT)}
    objects[LATEST] = ("".join(csv_lines(snapshot.series)), _CSV)
    sizes = {}
    for key, (text, content_type) in objects.items():
        content = gzip.compress(text.encode(), mtime=0)
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType=content_type,
            ContentEncoding="gzip",
            CacheControl="no-cache",
            ExpectedBucketOwner=account,
        )
        sizes[key] = len(content)
    return sizes


def csv_lines(rows: Any) -> Iterator[str]:
    """Yield the lines of the newest values, in which no spreadsheet finds a formula."""
    yield csv_text.row(_COLUMNS)
    for one in rows:
        yield csv_text.row(_cells(one))


def _cells(one: Series) -> Iterator[str]:
    is_number = isinstance(one.value, Decimal)
    value = "" if one.value is None else exact(one.value)
    kind = "" if one.value is None else csv_text.NUMBER if is_number else csv_text.TEXT
    texts = (one.project, one.environment, one.metric)
    yield from map(csv_text.escape, texts)
    yield value if is_number else csv_text.escape(value)
    yield kind
    yield csv_text.escape(one.unit or "")
    yield dates.format_instant(one.time) if one.time else ""
    yield from map(csv_text.escape, (one.state.word, one.error_type, one.error_message, one.account))
