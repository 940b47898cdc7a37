"""Items of the hub's tables with the types that the archive writes.

Other programs can write to a table too, and a table that was imported or restored can hold anything. One odd attribute
must not keep a reader from all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ds_dashboard.text import pluralize
from ds_dashboard.thresholds import Side

# The largest integer of pandas and of most languages.
_MAX_COUNT = 2**63 - 1


class OddAttributes:
    """Removes attributes that have another type than the archive writes, and remembers how many items had some."""

    def __init__(self) -> None:
        self.items = 0
        self._names: set[str] = set()

    def removed_from(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item without its odd attributes, and without odd parts of its lists and maps."""
        found: dict[str, Any] = {}
        odd = set()
        for name, value in item.items():
            cleaned = _CLEANED[name](value) if name in _CLEANED and value is not None else value
            if cleaned is not None:
                found[name] = cleaned
            if cleaned != value:
                odd.add(name)
        self.items += bool(odd)
        self._names |= odd
        return found

    def describe(self) -> str:
        """Return a sentence about the attributes that were left out; empty if there are none."""
        if not self.items:
            return ""
        return (
            f"{pluralize(self.items, 'item')} of the tables {'has' if self.items == 1 else 'have'} attributes that no "
            f"archive writes in this form, which are left out: {', '.join(sorted(self._names))}."
        )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _value(value: Any) -> str | Decimal | None:
    return value if isinstance(value, str | Decimal) else None


def _number(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _side(value: Any) -> str | None:
    return value if value in tuple(Side) else None


def _count(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) and 0 <= value <= _MAX_COUNT and value % 1 == 0 else None


def _map(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _texts(value: Any) -> list[str] | None:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None


def _parts(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, list):
        return None
    return [
        part
        for part in value
        if isinstance(part, dict) and isinstance(part.get("Dimensions"), dict) and _value(part.get("Value")) is not None
    ]


def _failures(value: Any) -> dict[str, dict[str, Any]] | None:
    if not isinstance(value, dict):
        return None
    return {
        metric: {name: text for name, text in failure.items() if text is None or isinstance(text, str)}
        for metric, failure in value.items()
        if isinstance(failure, dict)
    }


def _text_map(value: Any) -> dict[str, str] | None:
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else None


def _as_of(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    cleaned = {name: _CLEANED[name](one) if name in _CLEANED else one for name, one in value.items()}
    return {name: one for name, one in cleaned.items() if one is not None}


_CLEANED: dict[str, Callable[[Any], Any]] = {
    "MetricValue": _value,
    "Metadata": _map,
    "Breakdown": _parts,
    "Failures": _failures,
    "AsOfFailures": _failures,
    "AsOf": _as_of,
    "NothingToReport": _text_map,
    "NothingToReportAt": _text_map,
    "Metrics": _texts,
    "ThresholdState": _side,
    "ThresholdAbove": _number,
    "ThresholdBelow": _number,
    "Emitted": _count,
    "Failed": _count,
    **dict.fromkeys(
        (
            *("MetricName", "ProjectName", "Environment", "ExtractionDate", "SentExtractionDate", "Unit", "RefreshId"),
            *("AccountId", "Region", "EventId", "DedupKey", "LastSeen", "LastRefreshId", "StartedAt", "FinishedAt"),
            *("ScheduleExpression", "PackageVersion", "BotoVersion", "Age", "ThresholdSince"),
        ),
        _text,
    ),
}
