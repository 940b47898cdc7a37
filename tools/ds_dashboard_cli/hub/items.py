"""Items of the tables, page by page, as plain values: numbers as exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer

# DynamoDB's own limit, in significant digits.
_DIGITS = 38


class _Exact(TypeDeserializer):
    """DynamoDB writes 1E+60 out in full, and boto3 takes the noughts for digits that it would have to round."""

    def _deserialize_n(self, value: str) -> Decimal:
        number = Decimal(value)
        digits = len(number.as_tuple().digits)
        return number if digits <= _DIGITS else number.normalize(Context(prec=digits))


_deserialize = _Exact().deserialize


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an item; binary ones as bytes."""
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Binary):
        content: bytes = value.value  # type: ignore[attr-defined]
        return content
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, set):
        return {_plain(member) for member in value}
    return value


def scan(dynamodb: Any, table: str, **more: Any) -> Iterator[dict[str, Any]]:
    """All items of a table."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, **more):
        for item in page["Items"]:
            yield plain(item)


def query(dynamodb: Any, table: str, **more: Any) -> Iterator[dict[str, Any]]:
    """The items of one key, in the order of the other."""
    for page in dynamodb.get_paginator("query").paginate(TableName=table, **more):
        for item in page["Items"]:
            yield plain(item)


def of_project(dynamodb: Any, table: str, project: str, attributes: str = "", **more: Any) -> Iterator[dict[str, Any]]:
    """The items of `<ProjectName>/<Environment>` in the latest table, or some attributes of them."""
    return query(
        dynamodb,
        table,
        KeyConditionExpression="#project = :project",
        ExpressionAttributeNames={"#project": "Project"},
        ExpressionAttributeValues={":project": {"S": project.replace("/", "#")}},
        **({"ProjectionExpression": attributes} if attributes else {}),
        **more,
    )


def one_of(attribute: str, words: Sequence[str], names: dict[str, str], values: dict[str, Any]) -> str:
    """A filter on one attribute; fills in the placeholders of names and values."""
    names[f"#{attribute}"] = attribute
    placeholders = [f":{attribute}{index}" for index in range(len(words))]
    values.update({place: {"S": word} for place, word in zip(placeholders, words, strict=True)})
    return f"#{attribute} IN ({', '.join(placeholders)})"


def filtered(**attributes: Iterable[str]) -> dict[str, Any]:
    """Arguments of a scan or query for what has one of these values in each attribute; an empty one filters nothing."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    parts = [one_of(name, list(words), names, values) for name, words in attributes.items() if words]
    if not parts:
        return {}
    return {
        "FilterExpression": " AND ".join(parts),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
