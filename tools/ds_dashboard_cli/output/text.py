"""Text as a screen may have it: what others have sent controls no terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ds_dashboard import canonical_json
from ds_dashboard.client.text import is_unsafe


def visible(text: str) -> str:
    r"""`text` with control characters spelled out: an escape character is shown as \x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(one) if is_unsafe(one) else one for one in text)


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


def counted(count: int, noun: str) -> str:
    """`1 spoke`, `2 spokes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
