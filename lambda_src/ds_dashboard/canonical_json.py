"""JSON with exact numbers: read as decimals, written in one canonical form.

Equal values become equal bytes, whatever the order of their keys or the spelling of their numbers. A digest of the
bytes therefore identifies an event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Subnormal
from typing import Any

# DynamoDB's own limits. Source: "Supported data types", Amazon DynamoDB Developer Guide.
MAX_DIGITS = 38
MIN_MAGNITUDE = -130
MAX_MAGNITUDE = 125
# DynamoDB allows 32 levels. A text that is read may have the levels of an envelope in addition.
MAX_DEPTH = 30
_ENVELOPE_DEPTH = 2
# The first integer with more digits.
_MAX_PLAIN = 10**MAX_DIGITS

# A key that a path shows without quotation marks.
_PLAIN_KEY = re.compile("[A-Za-z0-9_-]{1,64}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# JSON writes these two as they are, and SQS rejects a message that has one: the event would be lost on its way.
# Source: "SendMessage", Amazon SQS API Reference, which lists the characters that a message can have.
_UNDELIVERABLE = re.compile("[\ufffe\uffff]")
# The last quote is optional: a search for a missing one would begin again at each quote, and read the rest every time.
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
# Rejects what `_normalized` rejects, in a fraction of its time and without a reason.
_STORABLE = Context(
    prec=MAX_DIGITS,
    Emin=MIN_MAGNITUDE,
    Emax=MAX_MAGNITUDE,
    traps=[Inexact, InvalidOperation, Overflow, Subnormal],
)


class CanonicalJSONError(ValueError):
    """A text is not JSON, or the tables cannot store a value exactly; the message names the cause."""


def count_values(text: str) -> int:
    """Return the number of values in a JSON text: texts, numbers, true, false, null, lists and objects.

    Keys are not counted, and of members with the same key all are. Counting builds no value, and takes a small part of
    the time and memory for reading the text. Of a text that is not JSON, at least what comes before its first fault is
    counted.
    """
    structure = "".join(_QUOTED.sub("0", text).split())
    empty = structure.count("[]") + structure.count("{}")
    # A list or an object with members has one comma less than members.
    return structure.count(",") + structure.count("[") + structure.count("{") - empty + 1


def values_at_most(text: str) -> int:
    """Return an upper bound of `count_values` in a tenth of its time: it also counts punctuation in texts."""
    return text.count(",") + text.count("[") + text.count("{") + 1


def loads(text: str) -> Any:
    """Read a JSON text; numbers become `int` if they are whole, and normalized `Decimal` otherwise.

    Raises:
        CanonicalJSONError: the text is not JSON, or has NaN or infinity, a number with more than 38 significant digits
            or outside DynamoDB's range, too many levels, or lone surrogates.
    """
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_reject_constant)
    except CanonicalJSONError:
        raise
    except RecursionError:
        raise CanonicalJSONError(f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise CanonicalJSONError(f"not JSON: {error}") from None
    _check(value, 0)
    return value


def dumps(value: Any) -> str:
    """Write the canonical JSON text of a value: sorted keys, no white space, exact numbers.

    Args:
        value: dict (with string keys), list, tuple, str, bool, None, int, float, Decimal, or a scalar of a numerical
            library, such as `numpy.int64`. A float is written as the shortest decimal that reads back as the same
            float.

    Raises:
        CanonicalJSONError: the value has another type, or the tables cannot store it exactly.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def path_to_fault(value: Any, check: Callable[[Any], object] = dumps) -> str:
    """Return the path of the innermost part of a value that a check refuses, such as `Metadata.loss[3]`.

    Args:
        value: a value that the check refuses.
        check: raises `CanonicalJSONError` for what it refuses.
    """
    path, found = "", True
    # A value that contains itself has no innermost part.
    while found and path.count(".") + path.count("[") <= MAX_DEPTH:
        found = False
        for step, part in _parts(value):
            try:
                check(part)
            except CanonicalJSONError:
                path, value, found = path + step, part, True
                break
    return path.removeprefix(".")


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            plain = isinstance(key, str) and _PLAIN_KEY.fullmatch(key)
            yield f".{key}" if plain else f"[{repr(key)[:40]}]", part
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield f"[{index}]", part


def exact(number: int | float | Decimal) -> Decimal:
    """Return a number as a normalized decimal; a float becomes the shortest decimal that reads back as the same float.

    Raises:
        CanonicalJSONError: the number is NaN or infinity, has more than 38 significant digits, or is outside DynamoDB's
            range.
    """
    # By value: a subclass may have its own idea of float(), repr() and str().
    decimal = Decimal(repr(float.__float__(number))) if isinstance(number, float) else Decimal(number)
    return _normalized(decimal)


def exact_text(text: str) -> str:
    """Return the value of a text as `str` itself.

    `str()` returns what a subclass wants to show instead: `Colour.GREEN` for `class Colour(str, Enum)`.
    """
    return str.__str__(text)


def check_deliverable(text: str) -> None:
    """Check that a queue accepts the text of an event.

    Args:
        text: JSON in which nothing is escaped that need not be, as `dumps` writes it.

    Raises:
        CanonicalJSONError: the text has U+FFFE or U+FFFF.
    """
    if found := _UNDELIVERABLE.search(text):
        raise CanonicalJSONError(
            f"the character U+{ord(found.group()):04X}, which no queue accepts: replace it before the value is sent"
        )


def deliverable(text: str) -> str:
    """Return a text in which U+FFFD, the replacement character, stands for each character that no queue accepts."""
    return _UNDELIVERABLE.sub("\ufffd", text)


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= MAX_DIGITS else _number(text)


def _number(text: str) -> int | Decimal:
    try:
        decimal = _normalized(Decimal(text))
    except InvalidOperation:
        raise CanonicalJSONError(f"{text[:40]} is out of the range of numbers") from None
    # JSON Schema counts 3 and 3.0 as integers. The validators count only `int`.
    whole = decimal.as_tuple().exponent
    return int(decimal) if isinstance(whole, int) and whole >= 0 and decimal.adjusted() < MAX_DIGITS else decimal


def _normalized(decimal: Decimal) -> Decimal:
    try:
        normal = _STORABLE.normalize(decimal)
    except ArithmeticError:
        return _normalized_or_reason(decimal)
    if not normal.is_finite():
        return _normalized_or_reason(decimal)
    return normal or Decimal(0)


def _normalized_or_reason(decimal: Decimal) -> Decimal:
    sign, digits, exponent = decimal.as_tuple()
    if not isinstance(exponent, int):
        raise CanonicalJSONError(f"{decimal}, which is not a number: leave the value out")
    if not any(digits):
        return Decimal(0)
    significant = len(digits)
    while digits[significant - 1] == 0:
        significant -= 1
    leading = next(index for index, digit in enumerate(digits) if digit)
    if significant - leading > MAX_DIGITS:
        raise CanonicalJSONError(
            f"a number with {significant - leading} significant digits; at most {MAX_DIGITS} can be stored"
        )
    magnitude = len(digits) + exponent - 1 - leading
    if not MIN_MAGNITUDE <= magnitude <= MAX_MAGNITUDE:
        raise CanonicalJSONError(
            f"a number of the order of 1e{magnitude}; 1e{MIN_MAGNITUDE} to 1e{MAX_MAGNITUDE} can be stored"
        )
    return Decimal((sign, digits[leading:significant], exponent + len(digits) - significant))


def _reject_constant(name: str) -> Any:
    raise CanonicalJSONError(f"{name}, which is not a number: leave the value out")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH + _ENVELOPE_DEPTH:
        raise CanonicalJSONError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str | list | dict):
                _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            if isinstance(item, str | list | dict):
                _check(item, depth + 1)


def _check_text(text: str) -> None:
    if _SURROGATE.search(text):
        raise CanonicalJSONError("a lone surrogate, which is not valid Unicode text")


def _write(value: Any, parts: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CanonicalJSONError(f"nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        parts.append(json.dumps(value))
    elif isinstance(value, str):
        _check_text(value)
        parts.append(json.dumps(exact_text(value), ensure_ascii=False))
    elif isinstance(value, int) and -_MAX_PLAIN < value < _MAX_PLAIN:
        parts.append(int.__repr__(value))
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
    elif (scalar := _scalar(value)) is not None:
        _write(scalar, parts, depth)
    else:
        raise CanonicalJSONError(f"a value of type {type(value).__name__}, which JSON does not have")


def _scalar(value: Any) -> bool | int | float | str | None:
    """Return the Python value of a scalar of a numerical library; None for anything else, such as an array."""
    if not hasattr(value, "item") or getattr(value, "shape", ()) != ():
        return None
    scalar = value.item()
    return scalar if isinstance(scalar, bool | int | float | str) else None


def _key(pair: tuple[Any, Any]) -> str:
    return _text_key(pair[0])


def _text_key(key: Any) -> str:
    if not isinstance(key, str):
        raise CanonicalJSONError(f"a key of type {type(key).__name__}; JSON keys are strings")
    _check_text(key)
    return exact_text(key)


def _spell(decimal: Decimal) -> str:
    """Write a normalized decimal: without an exponent while that is short, with one otherwise."""
    magnitude = decimal.adjusted()
    if -7 <= magnitude <= MAX_DIGITS:
        return format(decimal, "f")
    sign, digits, _ = decimal.as_tuple()
    mantissa = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{magnitude}"
