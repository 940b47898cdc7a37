"""Instants as the event contract writes them: UTC, ISO 8601, microseconds, `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
# How far a sender's clock may be ahead: one value dated 2099 would freeze its series.
TOLERANCE = timedelta(minutes=15)

_SAMPLE_FORM = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?")
_ISO_FORM = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|z|[+-]\d{2}(:?\d{2})?)")


class NotADate(ValueError):
    """A text that names no instant; the message says what is expected."""


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def parse(text: str) -> datetime:
    """The instant that `text` names, in UTC.

    Takes the contract's own form, ISO 8601 with an offset, and the AWS sample's `YYYY-MM-DD hh:mm:ss.ffffff`,
    which is taken as UTC. Fractions past the microsecond are cut.

    Raises:
        NotADate: another form, or no such day or hour.
    """
    try:
        if _SAMPLE_FORM.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if _ISO_FORM.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotADate(f"{text!r} is no date: {error}") from None
    raise NotADate(f"{text[:64]!r} is no date in the form 2026-11-23T20:48:00.123456Z")


def format_instant(instant: datetime) -> str:
    """`instant` in the contract's form, which sorts as time does."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
