"""What the metrics of Cost Explorer share: periods, filters, and the price of a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics import NothingToReport, Reader
from ds_dashboard.metrics._aws import code_of

REQUEST_USD = 0.01


def own_account(reader: Reader, *further: dict[str, Any]) -> dict[str, Any]:
    """Return the filter for the reader's account, without which a payer sees its whole organization."""
    conditions = [dimension("LINKED_ACCOUNT", reader.account_id), *further]
    return conditions[0] if len(conditions) == 1 else {"And": conditions}


def dimension(key: str, value: str) -> dict[str, Any]:
    """Return a condition of Cost Explorer."""
    return {"Dimensions": {"Key": key, "Values": [value]}}


def month(today: date) -> tuple[date, date]:
    """Return the first day of a day's month, and of the next month."""
    first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


@contextmanager
def nothing_without_data(reason: str) -> Iterator[None]:
    """Have nothing to report, for this reason, if Cost Explorer says that it has no data."""
    try:
        yield
    except ClientError as error:
        if code_of(error) == "DataUnavailableException":
            raise NothingToReport(reason) from error
        raise
