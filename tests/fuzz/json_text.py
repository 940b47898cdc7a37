"""JSON in any spelling: numbers, duplicate keys, escaped characters, white space.

`json.dumps` writes a value in one way only. Hostile and old producers send others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Number:
    """A number with exactly this spelling."""

    text: str


@dataclass(frozen=True)
class Pairs:
    """An object with keys in this order, some of them possibly twice."""

    pairs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Spelling:
    """Choices that JSON leaves to the writer: white space, escapes, and the order of keys."""

    space: str = ""
    escaped: bool = True
    backwards: bool = False


PLAIN = Spelling()


def write(value: Any, spelling: Spelling = PLAIN) -> str:
    """Write a JSON text; `value` has None, bool, str, int, Number, Pairs, dict and list."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, list):
        return _between("[", [write(item, spelling) for item in value], "]", spelling)
    if isinstance(value, dict | Pairs):
        pairs = list(value.pairs if isinstance(value, Pairs) else value.items())
        # The last value of a duplicate key counts, so these keys keep their order.
        if spelling.backwards and len({key for key, _ in pairs}) == len(pairs):
            pairs.reverse()
        members = [
            f"{_text(key, spelling)}{spelling.space}:{spelling.space}{write(item, spelling)}" for key, item in pairs
        ]
        return _between("{", members, "}", spelling)
    return _text(value, spelling) if isinstance(value, str) else json.dumps(value)


def meaning(text: str) -> Any:
    """Read a JSON text with the standard library, with numbers as decimals.

    Raises:
        ValueError: the text is not JSON.
        decimal.InvalidOperation: a number is outside the range of decimals.
        RecursionError: the text has too many levels.
    """
    return json.loads(text, parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse)


def _text(value: str, spelling: Spelling) -> str:
    # Lone surrogates can only be escaped, and queues do not accept the two noncharacters.
    escape = spelling.escaped or any("\ud800" <= one <= "\udfff" or one in "\ufffe\uffff" for one in value)
    return json.dumps(value, ensure_ascii=escape)


def _between(opening: str, parts: Sequence[str], closing: str, spelling: Spelling) -> str:
    space = spelling.space
    return f"{opening}{space}{f'{space},{space}'.join(parts)}{space}{closing}"


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
