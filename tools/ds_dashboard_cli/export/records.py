"""A value of history as a row: the columns, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ds_dashboard_cli.output import jsonlines
from ds_dashboard_cli.output.text import number

# As the event contract names them; ValueType tells a number from a text that looks like one.
COLUMNS = (
    *("MetricName", "ProjectName", "Environment", "ExtractionDate", "MetricValue", "ValueType", "Unit"),
    *("RefreshId", "AccountId", "Region", "EventId", "SentExtractionDate", "Metadata", "Breakdown"),
)
NUMBER, TEXT = "number", "string"


def texts(item: Mapping[str, Any]) -> dict[str, str | None]:
    """The text of each column; None where a value has none. Numbers have exactly their digits."""
    value = item.get("MetricValue")
    row: dict[str, str | None] = {name: _text(item.get(name)) for name in COLUMNS}
    row["ValueType"] = NUMBER if isinstance(value, int | Decimal) and not isinstance(value, bool) else TEXT
    return row


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return number(value)
    # `line` takes an object; what stands behind the key is the text of any value.
    return jsonlines.line({"": value})[len('{"": ') : -1]
