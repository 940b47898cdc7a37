"""`MetricValue`: a headline value with its breakdown by the metric's dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Breakdown = Mapping[Any, Any] | Iterable[Mapping[str, Any]]
# From the values of several rows, that of the row into which they are folded.
Fold = Callable[[Sequence[Any]], Any]


OTHER = "other"
# The headline value that a metric did not give.
SUM: Final = object()


class MetricValue:
    """A headline value with its breakdown, as `Metric.value` returns it.

    Attributes:
        value: the headline value: a number or a string.
        breakdown: rows of the form `{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}`.
        other: makes the value of the row `other` from those of the rows that do not fit into an event.
    """

    __slots__ = ("breakdown", "other", "value")

    def __init__(self, value: Any, breakdown: list[dict[str, Any]], other: Fold | None = None) -> None:
        self.value = value
        self.breakdown = breakdown
        self.other: Fold = other or total

    def __repr__(self) -> str:
        return f"MetricValue({self.value!r}, breakdown={self.breakdown!r})"


def total(values: Sequence[Any]) -> Any:
    """Return the exact sum of numbers: floats are added as the decimals that they are written as."""
    if any(isinstance(value, float | Decimal) for value in values):
        return sum((Decimal(str(value)) for value in values), Decimal(0))
    return sum(values)


def rows(name: str, dimensions: Sequence[str], breakdown: Breakdown) -> list[dict[str, Any]]:
    """Convert a breakdown to the event's form; a chart would drop rows that do not have the declared dimensions.

    Args:
        name: the metric's class, for messages.
        dimensions: the declared dimensions.
        breakdown: as in `Metric.value`.

    Raises:
        ValueError: the breakdown does not fit the dimensions.
    """
    if isinstance(breakdown, Mapping):
        breakdown = [
            {"Dimensions": dict(zip(dimensions, _key(name, dimensions, key), strict=True)), "Value": value}
            for key, value in breakdown.items()
        ]
    result = [dict(row) for row in breakdown]
    for row in result:
        if set(row) != {"Dimensions", "Value"} or set(row["Dimensions"]) != set(dimensions):
            raise ValueError(
                f'{name}: the row {row!r} is not {{"Dimensions": {{...}}, "Value": ...}} '
                f"with exactly the declared dimensions {list(dimensions)}"
            )
    return result


def fold(rows: Sequence[Mapping[str, Any]], kept: int, other: Fold) -> list[dict[str, Any]]:
    """Return the `kept` rows with the largest numbers in their order, and one row `other` for all the rest.

    Args:
        rows: rows of numbers.
        kept: less than the number of rows.
        other: makes the value of the last row.
    """
    by_size = sorted(range(len(rows)), key=lambda index: abs(rows[index]["Value"]), reverse=True)
    stays = {index for index in by_size[:kept] if set(rows[index]["Dimensions"].values()) != {OTHER}}
    folded = [row for index, row in enumerate(rows) if index not in stays]
    last = {"Dimensions": dict.fromkeys(rows[0]["Dimensions"], OTHER), "Value": other([row["Value"] for row in folded])}
    return [*(dict(row) for index, row in enumerate(rows) if index in stays), last]


def _key(name: str, dimensions: Sequence[str], key: Any) -> tuple[Any, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != len(dimensions):
        raise ValueError(f"{name}: the breakdown's key {key!r} does not fit the declared dimensions {list(dimensions)}")
    return parts
