"""JSON whose numbers survive exactly: read as decimals, written in one canonical form.

The same value always becomes the same bytes, whatever the order of keys or the spelling of a number, so a digest of
them can serve as an event's identity.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

# DynamoDB's own limits. Source: "Supported data types", Amazon DynamoDB Developer Guide.
MAX_DIGITS = 38
MIN_MAGNITUDE = -130
MAX_MAGNITUDE = 125
# DynamoDB nests 32 levels. What is read may be wrapped in an envelope.
MAX_DEPTH = 30
_ENVELOPE_DEPTH = 2

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class NotExact(ValueError):
    """A text that is no JSON, or holds what the tables cannot hold exactly; the message says which."""


def loads(text: str) -> Any:
    """The value of a JSON text, its numbers as `int` where they are whole, else as normalized `Decimal`.

    Raises:
        NotExact: not JSON, NaN or infinity, a number past 38 digits or DynamoDB's range, nested too deeply, or
            characters that are no Unicode text.
    """
    try:
        value = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_refuse_constant)
    except NotExact:
        raise
    except RecursionError:
        raise NotExact(f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise NotExact(f"not JSON: {error}") from None
    _check(value, 0)
    return value


def dumps(value: Any) -> str:
    """The canonical JSON text of `value`: sorted keys, no white space, exact numbers.

    Takes dict (keys are strings), list, tuple, str, bool, None, int, float (its shortest decimal form) and Decimal.

    Raises:
        NotExact: another type, or a value the tables cannot hold exactly.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def exact(number: int | float | Decimal) -> Decimal:
    """`number` as a normalized decimal; a float counts as the shortest decimal that reads back as it.

    Raises:
        NotExact: NaN, infinity, or past DynamoDB's 38 digits or range.
    """
    decimal = Decimal(repr(float(number))) if isinstance(number, float) else Decimal(number)
    return _normalized(decimal)


def _number(text: str) -> int | Decimal:
    try:
        decimal = _normalized(Decimal(text))
    except InvalidOperation:
        raise NotExact(f"{text[:40]} is out of the range of numbers") from None
    # JSON Schema counts 3 and 3.0 as integers, the validator only what is an `int`.
    whole = decimal.as_tuple().exponent
    return int(decimal) if isinstance(whole, int) and whole >= 0 and decimal.adjusted() < MAX_DIGITS else decimal


def _normalized(decimal: Decimal) -> Decimal:
    sign, digits, exponent = decimal.as_tuple()
    if not isinstance(exponent, int):
        raise NotExact(f"{decimal}, which is no number: leave the value out instead")
    if not any(digits):
        return Decimal(0)
    significant = len(digits)
    while digits[significant - 1] == 0:
        significant -= 1
    leading = next(index for index, digit in enumerate(digits) if digit)
    if significant - leading > MAX_DIGITS:
        raise NotExact(f"a number of {significant - leading} significant digits; {MAX_DIGITS} is the most")
    magnitude = len(digits) + exponent - 1 - leading
    if not MIN_MAGNITUDE <= magnitude <= MAX_MAGNITUDE:
        raise NotExact(f"a number of the order of 1e{magnitude}; 1e{MIN_MAGNITUDE} to 1e{MAX_MAGNITUDE} can be kept")
    return Decimal((sign, digits[leading:significant], exponent + len(digits) - significant))


def _refuse_constant(name: str) -> Any:
    raise NotExact(f"{name}, which is no number: leave the value out instead")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH + _ENVELOPE_DEPTH:
        raise NotExact(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth + 1)


def _check_text(text: str) -> None:
    if _SURROGATE.search(text):
        raise NotExact("a lone surrogate, which is no Unicode text")


def _write(value: Any, parts: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotExact(f"nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        parts.append(json.dumps(value))
    elif isinstance(value, str):
        _check_text(value)
        parts.append(json.dumps(value, ensure_ascii=False))
    elif isinstance(value, int | float | Decimal):
        parts.append(_spell(exact(value)))
    elif isinstance(value, list | tuple):
        parts.append("[")
        for index, item in enumerate(value):
            parts.append("," if index else "")
            _write(item, parts, depth + 1)
        parts.append("]")
    elif isinstance(value, dict):
        parts.append("{")
        for index, (key, item) in enumerate(sorted(value.items(), key=_key)):
            parts.append(("," if index else "") + json.dumps(_text_key(key), ensure_ascii=False) + ":")
            _write(item, parts, depth + 1)
        parts.append("}")
    else:
        raise NotExact(f"a value of type {type(value).__name__}, which has no JSON form")


def _key(pair: tuple[Any, Any]) -> str:
    return _text_key(pair[0])


def _text_key(key: Any) -> str:
    if not isinstance(key, str):
        raise NotExact(f"a key of type {type(key).__name__}; JSON keys are strings")
    _check_text(key)
    return key


def _spell(decimal: Decimal) -> str:
    """A normalized decimal as JSON: plain while that is short, with an exponent beyond."""
    sign, digits, exponent = decimal.as_tuple()
    assert isinstance(exponent, int)
    magnitude = len(digits) + exponent - 1
    if -7 <= magnitude <= MAX_DIGITS:
        return format(decimal, "f")
    mantissa = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{magnitude}"
