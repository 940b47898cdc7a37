"""Instants in the form of the event contract (UTC, ISO 8601, with microseconds and `Z`), and numbers of hours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
# How far a sender's clock may be ahead. A single value dated 2099 would freeze its series.
TOLERANCE = timedelta(minutes=15)

_SAMPLE_FORM = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?")
_FINER_DIGITS = re.compile(r"(?<=\.\d{6})\d+(?=Z\Z)")
_ISO_FORM = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|z|[+-]\d{2}(:?\d{2})?)")


class InvalidDate(ValueError):
    """A text is not a date in an accepted form; the message shows the expected form."""


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def parse(text: str) -> datetime:
    """Read a date, and return its instant in UTC.

    Accepted are the contract's own form, ISO 8601 with an offset, and the AWS sample's `YYYY-MM-DD hh:mm:ss.ffffff`,
    which is interpreted as UTC. Digits after the microsecond are cut off.

    Raises:
        InvalidDate: the text has another form, or the day or hour does not exist.
    """
    try:
        if _SAMPLE_FORM.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if _ISO_FORM.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidDate(f"{text!r} is not a date: {error}") from None
    raise InvalidDate(f"{text[:64]!r} is not a date in the form 2026-11-23T20:48:00.123456Z")


def format_instant(instant: datetime) -> str:
    """Write an instant in the contract's form; these texts sort as the instants do."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def to_microsecond(text: str) -> str:
    """Return a date in the contract's form without the digits after the microsecond; any other text as it is.

    A key of the history table has such digits if its microsecond is taken, and few programs read them.
    """
    return _FINER_DIGITS.sub("", text)


def parse_hours(hours: str | None) -> timedelta | None:
    """Parse a positive number of hours, as a function's environment has it; return None for anything else."""
    try:
        parsed = timedelta(hours=float(hours or ""))
    except (ValueError, OverflowError):
        return None
    return parsed if parsed > timedelta() else None
