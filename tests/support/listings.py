"""SageMaker's lists over canned items, by their documented order and filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Parameter -> whether an item passes, given the field and the parameter's value.
_FILTERS: dict[str, Callable[[Any, Any], bool]] = {
    "StatusEquals": lambda value, wanted: bool(value == wanted),
    "NameContains": lambda value, wanted: wanted in value,
    "CreationTimeBefore": lambda value, wanted: bool(value < wanted),
    "ScheduledTimeAfter": lambda value, wanted: bool(value > wanted),
}


def listing(
    key: str, items: Sequence[Mapping[str, Any]], *, time: str = "CreationTime", **filters: str
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the answer of a list operation, which has the oldest item first unless the newest is requested.

    Args:
        key: the name of the list in the answer.
        items: the items.
        time: the field by which `SortBy` sorts.
        **filters: parameter -> the field that it filters, such as `StatusEquals="TransformJobStatus"`.
    """
    known = {"CreationTimeBefore": "CreationTime", **filters}

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        found = sorted(
            items,
            key=lambda item: item[time],
            reverse=(parameters.get("SortBy"), parameters.get("SortOrder")) == (time, "Descending"),
        )
        for parameter, field in known.items():
            if parameter in parameters:
                found = [item for item in found if _FILTERS[parameter](item[field], parameters[parameter])]
        return {key: [dict(item) for item in found]}

    return answer
