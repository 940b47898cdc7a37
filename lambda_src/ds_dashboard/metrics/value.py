"""What a metric returns when it has more to say than one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class MetricValue:
    """A headline with its breakdown, as the result event carries them.

    `value` is the scalar; `breakdown` a list of `{"Dimensions": {"InstanceType": "ml.m5.large"}, "Value": 2}`.
    """

    __slots__ = ("breakdown", "value")

    def __init__(self, value: Any, breakdown: list[dict[str, Any]]) -> None:
        self.value = value
        self.breakdown = breakdown

    def __repr__(self) -> str:
        return f"MetricValue({self.value!r}, breakdown={self.breakdown!r})"


def rows(
    name: str, dimensions: Sequence[str], breakdown: Mapping[Any, Any] | Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """A breakdown in the event's form, from rows in that form or from a mapping of dimension values to numbers.

    The keys of a mapping are strings for one dimension and tuples, in the order of `dimensions`, for several. Raises
    ValueError where rows and declared dimensions differ, since a chart would drop such rows without a word.
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


def _key(name: str, dimensions: Sequence[str], key: Any) -> tuple[Any, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != len(dimensions):
        raise ValueError(f"{name}: the breakdown's key {key!r} does not fit the declared dimensions {list(dimensions)}")
    return parts
