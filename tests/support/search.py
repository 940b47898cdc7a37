"""SageMaker's Search over canned records, by its documented operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


def search(resource: str, records: Sequence[Mapping[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the answer of Search for records of one resource, newest first."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        assert parameters["Resource"] == resource
        filters = parameters["SearchExpression"]["Filters"]
        found = [one for one in records if all(_matches(one, condition) for condition in filters)]
        found.sort(key=lambda one: one["CreationTime"], reverse=True)
        total = {"Value": len(found), "Relation": "EqualTo"}
        return {"Results": [{resource: dict(one)} for one in found], "TotalHits": total}

    return answer


def _matches(record: Mapping[str, Any], condition: Mapping[str, str]) -> bool:
    value, wanted = record.get(condition["Name"]), condition["Value"]
    if value is None:
        return False
    if isinstance(value, datetime):
        # Without a zone, which stands for UTC.
        limit = datetime.fromisoformat(wanted).replace(tzinfo=UTC)
        return {"GreaterThanOrEqualTo": value >= limit, "LessThanOrEqualTo": value <= limit}[condition["Operator"]]
    if condition["Operator"] == "In":
        return value in wanted.split(",")
    assert condition["Operator"] == "Equals"
    return bool(value == wanted)
