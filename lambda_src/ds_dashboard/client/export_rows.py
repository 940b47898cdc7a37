"""The columns of an exported file, and the text of each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ds_dashboard import canonical_json, dates
from ds_dashboard.client.csv_text import NUMBER, TEXT
from ds_dashboard.text import json_line

# The names of the event contract. ValueType tells a number from a text that looks like one.
COLUMNS = (
    *("MetricName", "ProjectName", "Environment", "ExtractionDate", "MetricValue", "ValueType", "Unit"),
    *("RefreshId", "AccountId", "Region", "EventId", "SentExtractionDate", "Metadata", "Breakdown"),
)
DATES = ("ExtractionDate", "SentExtractionDate")
# Next to the exact number, where a format has types: the nearest double.
DOUBLE = "MetricValueDouble"


def texts(item: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the text of each column; None if the item does not have it. Numbers have all their digits."""
    row: dict[str, str | None] = {name: _text_of(item.get(name)) for name in COLUMNS}
    for name in DATES:
        if text := row[name]:
            row[name] = dates.to_microsecond(text)
    row["ValueType"] = NUMBER if _is_number(item.get("MetricValue")) else TEXT
    return row


def _text_of(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if _is_number(value):
        return canonical_json.dumps(value)
    # json_line writes an object: cut out the only member.
    return json_line({"": value})[len('{"": ') : -1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
