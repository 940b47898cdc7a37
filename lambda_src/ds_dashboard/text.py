"""Values as text: exact, and without characters that control a terminal."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from ds_dashboard import canonical_json

# Control and format characters (which can reverse the direction of text), line separators, and lone surrogates.
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Cs"}
# Zero-width joiners connect the parts of an emoji or a word, and have no other effect.
_JOINERS = {"\u200c", "\u200d"}


class Literal(str):
    """A number as it was spelled: `json_line` writes what `json.loads(text, parse_float=Literal)` has read."""


def json_line(record: Mapping[str, Any]) -> str:
    """Return a record as one line of JSON.

    Keys keep their order, numbers all their digits; characters that can control a terminal are escaped. Sets become
    sorted lists, and binary values base64.
    """
    text = _json(record)
    if text.isascii() and text.isprintable():
        return text
    return "".join(json.dumps(one)[1:-1] if _is_unsafe(one) else one for one in text)


def _json(value: Any) -> str:
    # json.dumps with a default cannot write a number that is not a float.
    if isinstance(value, str):
        return canonical_json.exact_text(value) if isinstance(value, Literal) else encode_basestring(value)
    if isinstance(value, Decimal):
        return canonical_json.dumps(value)
    if isinstance(value, Mapping):
        members = [f"{encode_basestring(_key(key))}: {_json(member)}" for key, member in value.items()]
        return f"{{{', '.join(members)}}}"
    if isinstance(value, set | frozenset):
        return _json(sorted(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join([_json(member) for member in value])}]"
    if isinstance(value, bytes | bytearray):
        return encode_basestring(base64.b64encode(value).decode())
    return json.dumps(value)


def _key(key: Any) -> str:
    return canonical_json.exact_text(key) if isinstance(key, str) else str(key)


def has_words(words: str, *texts: str) -> bool:
    """Return whether each word occurs in one of the texts, in upper or lower case."""
    searched = searchable(*texts)
    return all(word in searched for word in words.casefold().split())


def searchable(*texts: str) -> str:
    """Return texts as one in which words are looked for; no word is in two of them."""
    return "\n".join(texts).casefold()


def visible(text: str) -> str:
    r"""Spell out control characters: an escape character becomes \x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one.encode("unicode_escape").decode() if _is_unsafe(one) else one for one in text)


def _is_unsafe(character: str) -> bool:
    """Return whether a character can control a terminal."""
    return unicodedata.category(character) in _UNSAFE_CATEGORIES and character not in _JOINERS


def format_value(value: Any) -> str:
    """Format a value of the tables: a number with exactly its digits, a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return visible(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    try:
        return visible(canonical_json.dumps(value))
    except canonical_json.CanonicalJSONError:
        # Sets and binary values, which the archive does not write.
        return visible(_json(value))


def format_time(instant: datetime) -> str:
    """Format an instant to the second, in UTC."""
    # strftime does not pad the years before 1000.
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


def format_age(duration: timedelta) -> str:
    """Format a duration in at most two units, such as `3d 4h`; a negative one as `0s`."""
    seconds = max(0, int(duration.total_seconds()))
    for unit, size, smaller, smaller_size in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size}{unit} {rest}{smaller}" if rest else f"{seconds // size}{unit}"
    return f"{seconds}s"


def pluralize(count: int, noun: str) -> str:
    """Format a count: `1 spoke`, `2,000 spokes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
