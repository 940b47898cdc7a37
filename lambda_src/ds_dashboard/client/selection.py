"""What methods of `Hub` take as names and as instants."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ds_dashboard import canonical_json, dates
from ds_dashboard.identity import MAX_NAMES

Selection = str | Iterable[str]
When = datetime | timedelta | None


def unique_names(names: Selection) -> tuple[str, ...]:
    """Return each name once.

    Raises:
        ValueError: there are more names than DynamoDB filters by.
    """
    given = (names,) if isinstance(names, str) else names
    # By value: str() of an enum with texts is the name of its member.
    unique = tuple(dict.fromkeys(canonical_json.exact_text(name) for name in given))
    if len(unique) > MAX_NAMES:
        raise ValueError(f"{len(unique)} names, and DynamoDB filters by at most {MAX_NAMES}")
    return unique


def period(since: When, until: When) -> tuple[datetime | None, datetime | None]:
    """Return the bounds of a period as instants in UTC.

    Raises:
        ValueError: the period ends before it begins, or its bounds are out of range.
    """
    start, end = instant(since), instant(until)
    if start is not None and end is not None and start >= end:
        raise ValueError("the period ends before it begins")
    return start, end


def instant(when: When) -> datetime | None:
    """Return an instant in UTC. One without a time zone is in UTC; a duration counts back from now.

    Raises:
        ValueError: it is out of range.
    """
    if isinstance(when, timedelta):
        try:
            return dates.now() - when
        except OverflowError:
            raise ValueError(f"{when} back from now is out of range") from None
    if when is None:
        return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{when} is out of range in UTC") from None
