"""DynamoDB's typed JSON (`{"N": "1.5"}`) as plain Python values, and back.

boto3's own conversions are not used: `TypeDeserializer` rejects the large numbers that DynamoDB writes out in full, and
`TypeSerializer` takes five times the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from ds_dashboard.canonical_json import MAX_DIGITS


def plain_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an item from DynamoDB's typed JSON to plain values.

    Numbers become `Decimal` with all their digits, binary values `bytes`, and sets `set`.
    """
    return {name: plain(value) for name, value in item.items()}


def plain(typed_value: Mapping[str, Any]) -> Any:
    """Convert one value from DynamoDB's typed JSON, as `plain_item` does."""
    ((kind, value),) = typed_value.items()
    if kind == "N":
        return _number(value)
    if kind == "M":
        return plain_item(value)
    if kind == "L":
        return [plain(member) for member in value]
    if kind == "NS":
        return {_number(text) for text in value}
    if kind in ("SS", "BS"):
        return set(value)
    return None if kind == "NULL" else value


def typed(value: Any) -> dict[str, Any]:
    """Convert a value of an event to DynamoDB's typed JSON."""
    if isinstance(value, str):
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | Decimal):
        return {"N": str(value)}
    if isinstance(value, dict):
        return {"M": {key: typed(member) for key, member in value.items()}}
    return {"L": [typed(member) for member in value]}


def _number(text: str) -> Decimal:
    number = Decimal(text)
    digits = len(number.as_tuple().digits)
    # DynamoDB writes 1E+60 in full. Its trailing zeros are not significant digits.
    return number if digits <= MAX_DIGITS else number.normalize(Context(prec=digits))
