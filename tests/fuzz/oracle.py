"""What the contract allows, told without the product's code: the published schema, read by the `jsonschema` library."""

from __future__ import annotations

import json
from decimal import Context, Decimal
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

import jsonschema  # type: ignore[import-untyped]

_MOST_DIGITS, _SMALLEST, _LARGEST, _DEEPEST = 38, -130, 125, 30
MOST_BYTES = 200 * 1024
_WIDE = Context(prec=1000)


def allows(kind: str, detail: Any) -> bool:
    """Whether the schema of `kind` allows `detail` and a table can hold it; dates are not looked at."""
    return bool(_validator(kind).is_valid(detail)) and can_be_held(detail)


def can_be_held(value: Any, depth: int = 0) -> bool:
    """Whether DynamoDB holds it exactly: 38 digits, its range, its nesting, text that is Unicode."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, Decimal):
        return _fits(value)
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(can_be_held(key) and can_be_held(item, depth + 1) for key, item in value.items())
    return not isinstance(value, list) or all(can_be_held(item, depth + 1) for item in value)


def all_can_be_held(text: str) -> bool:
    """Whether a table could hold every part of a JSON text, that of a key given twice included."""
    try:
        flat = json.loads(text, parse_int=Decimal, parse_float=Decimal, object_pairs_hook=_parts)
    except ArithmeticError:
        return False  # a number past what any library reads
    return can_be_held(flat)


def _parts(pairs: list[tuple[str, Any]]) -> list[Any]:
    return list(chain.from_iterable(pairs))


def fingerprint(value: Any) -> str:
    """A text that two values share if they mean the same JSON: True is not 1 here, and 1.0 is 1."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return f"#{Decimal(value).normalize(_WIDE) + 0}"
    if isinstance(value, list):
        return f"[{','.join(map(fingerprint, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key!r}:{fingerprint(value[key])}' for key in sorted(value))}}}"
    return repr(value)


def _fits(number: Decimal) -> bool:
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return not digits or (len(digits) <= _MOST_DIGITS and _SMALLEST <= number.adjusted() <= _LARGEST)


@cache
def _validator(kind: str) -> Any:
    schema = json.loads(resources.files("ds_dashboard").joinpath("schemas", f"{kind}.json").read_text(encoding="utf-8"))
    # 3.0 is an integer, whatever the library thinks of decimals.
    types = jsonschema.Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, Decimal) and value == value.to_integral_value()
    )
    return jsonschema.validators.extend(jsonschema.Draft7Validator, type_checker=types)(schema)
