"""Identifiers that sort by time, for refreshes.

Format: https://github.com/ulid/spec.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new() -> str:
    """Return a new ULID: 26 characters, of which the first ten are the milliseconds since 1970 and the rest random."""
    number = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10))
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def time_of(identifier: str) -> datetime:
    """Return the instant at which a ULID was made, to the millisecond, in UTC.

    Raises:
        ValueError: the first ten characters are not those of a ULID.
    """
    milliseconds = 0
    for character in identifier[:10]:
        milliseconds = milliseconds << 5 | _ALPHABET.index(character)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
