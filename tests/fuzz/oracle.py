"""What the contract allows, without the product's code: the published schemas and the library `jsonschema`."""

from __future__ import annotations

import json
from decimal import Context, Decimal
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

import jsonschema  # type: ignore[import-untyped]

_MAX_DIGITS, _MIN_MAGNITUDE, _MAX_MAGNITUDE, _MAX_DEPTH = 38, -130, 125, 30
MAX_BYTES = 200 * 1024
_WIDE = Context(prec=1000)


def allows(kind: str, detail: Any) -> bool:
    """Return whether the schema of `kind` allows `detail`, the tables can store it, and queues accept it unescaped.

    Dates are not checked.
    """
    raw = json.dumps(detail, ensure_ascii=False, default=str)
    return bool(_validator(kind).is_valid(detail)) and can_be_stored(detail) and not {"\ufffe", "\uffff"} & set(raw)


def can_be_stored(value: Any, depth: int = 0) -> bool:
    """Return whether DynamoDB can store a value exactly: its digits, range, levels and characters."""
    if depth > _MAX_DEPTH:
        return False
    if isinstance(value, Decimal):
        return _fits(value)
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(can_be_stored(key) and can_be_stored(item, depth + 1) for key, item in value.items())
    return not isinstance(value, list) or all(can_be_stored(item, depth + 1) for item in value)


def all_can_be_stored(text: str) -> bool:
    """Return whether DynamoDB can store every part of a JSON text, also the values of duplicate keys."""
    try:
        flat = json.loads(text, parse_int=Decimal, parse_float=Decimal, object_pairs_hook=_parts)
    except ArithmeticError:
        return False  # a number outside the range of decimals
    return can_be_stored(flat)


def _parts(pairs: list[tuple[str, Any]]) -> list[Any]:
    return list(chain.from_iterable(pairs))


def fingerprint(value: Any) -> str:
    """Return a text that is equal for equal JSON values: 1.0 equals 1, and true does not."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return f"#{Decimal(value).normalize(_WIDE) + 0}"
    if isinstance(value, list):
        return f"[{','.join(map(fingerprint, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key!r}:{fingerprint(value[key])}' for key in sorted(value))}}}"
    return repr(value)


def _fits(number: Decimal) -> bool:
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return not digits or (len(digits) <= _MAX_DIGITS and _MIN_MAGNITUDE <= number.adjusted() <= _MAX_MAGNITUDE)


@cache
def _validator(kind: str) -> Any:
    schema = json.loads(resources.files("ds_dashboard").joinpath("schemas", f"{kind}.json").read_text(encoding="utf-8"))
    # 3.0 is an integer, also as a decimal.
    types = jsonschema.Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, Decimal) and value == value.to_integral_value()
    )
    return jsonschema.validators.extend(jsonschema.Draft7Validator, type_checker=types)(schema)
