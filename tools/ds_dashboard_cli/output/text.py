"""Values as text for people: exact, and without characters that control a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ds_dashboard import canonical_json
from ds_dashboard.client.text import is_unsafe


def visible(text: str) -> str:
    r"""Spell out control characters: an escape character becomes \x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one.encode("unicode_escape").decode() if is_unsafe(one) else one for one in text)


def format_value(value: Any) -> str:
    """Format a value of the tables: a number with exactly its digits, a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return visible(value)
    if value is None:
        return ""
    return visible(str(value) if isinstance(value, bool) else canonical_json.dumps(value))


def format_time(instant: datetime) -> str:
    """Format an instant to the second, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def pluralize(count: int, noun: str) -> str:
    """Format a count: `1 spoke`, `2,000 spokes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
