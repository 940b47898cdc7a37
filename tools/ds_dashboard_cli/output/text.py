"""Text as a screen may have it: what others have sent controls no terminal."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ds_dashboard import canonical_json

# Control and format characters (the latter turn the direction of writing), separators of lines, halves of characters.
_UNSAFE = {"Cc", "Cf", "Zl", "Zp", "Cs"}
# They join the parts of an emoji or of a word and do nothing else.
_JOINERS = {"\u200c", "\u200d"}


def unsafe(character: str) -> bool:
    """Whether a character does something to a terminal other than to stand there."""
    return unicodedata.category(character) in _UNSAFE and character not in _JOINERS


def visible(text: str) -> str:
    r"""`text` with control characters spelled out: an escape character is shown as \x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(one) if unsafe(one) else one for one in text)


def shown(value: Any) -> str:
    """A value of the tables: a number with exactly its digits, a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return visible(value)
    if value is None:
        return ""
    return visible(str(value)) if isinstance(value, bool) else number(value)


def number(value: int | Decimal | Any) -> str:
    """The exact JSON text of a number (or of what holds numbers)."""
    return visible(canonical_json.dumps(value))


def moment(instant: datetime) -> str:
    """An instant to the second, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def age(duration: timedelta) -> str:
    """How long ago, in at most two units: `3d 4h`."""
    seconds = max(0, int(duration.total_seconds()))
    for unit, size, smaller, small_size in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            rest = seconds % size // small_size
            return f"{seconds // size}{unit} {rest}{smaller}" if rest else f"{seconds // size}{unit}"
    return f"{seconds}s"


def counted(count: int, noun: str) -> str:
    """`1 spoke`, `2 spokes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
