"""JSON as somebody wrote it: numbers in any spelling, a key twice, characters escaped or not, space anywhere.

`json.dumps` writes a value in one way only, so it cannot write what a hostile or an old producer sends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Number:
    """A number in this very spelling."""

    text: str


@dataclass(frozen=True)
class Pairs:
    """An object with these keys in this order, one of them perhaps twice."""

    pairs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Spelling:
    """How what JSON leaves open is written."""

    space: str = ""
    escaped: bool = True
    backwards: bool = False


PLAIN = Spelling()


def write(value: Any, spelling: Spelling = PLAIN) -> str:
    """The JSON text of `value`: None, bool, str, int, Number, Pairs, dict and list."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, list):
        return _between("[", [write(item, spelling) for item in value], "]", spelling)
    if isinstance(value, dict | Pairs):
        pairs = list(value.pairs if isinstance(value, Pairs) else value.items())
        # A key given twice means its last value, so those keep their order.
        if spelling.backwards and len({key for key, _ in pairs}) == len(pairs):
            pairs.reverse()
        members = [
            f"{_text(key, spelling)}{spelling.space}:{spelling.space}{write(item, spelling)}" for key, item in pairs
        ]
        return _between("{", members, "}", spelling)
    return _text(value, spelling) if isinstance(value, str) else json.dumps(value)


def meaning(text: str) -> Any:
    """What a JSON text means, its numbers as decimals; the standard library's reading, none of ours.

    Raises ValueError (decimal.InvalidOperation for a number past all bounds) or RecursionError.
    """
    return json.loads(text, parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse)


def _text(value: str, spelling: Spelling) -> str:
    # A lone surrogate has no other form than its escape, and no queue takes the two characters that are none.
    escape = spelling.escaped or any("\ud800" <= one <= "\udfff" or one in "\ufffe\uffff" for one in value)
    return json.dumps(value, ensure_ascii=escape)


def _between(opening: str, parts: Sequence[str], closing: str, spelling: Spelling) -> str:
    space = spelling.space
    return f"{opening}{space}{f'{space},{space}'.join(parts)}{space}{closing}"


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
