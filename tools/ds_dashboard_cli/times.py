"""Spans and instants as people type them: `7d`, `12h`, `2026-11-23`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from ds_dashboard import dates

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)
_FORMS = "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"


def span(text: str) -> timedelta | None:
    """What `7d`, `12h`, `30m`, `45s` or `2w` says, also one after the other (`1d12h`); None for anything else."""
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip():
        return None
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit.lower()] for number, unit in parts))
    except OverflowError:
        return None


class Span(click.ParamType[timedelta]):
    """A span of time; a bare number counts in `unit`."""

    name = "span"

    def __init__(self, unit: str) -> None:
        self._unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = span(f"{value}{self._unit}" if re.fullmatch(r"\s*[\d.]+\s*", str(value)) else str(value))
        if found is None:
            self.fail(f"{value!r} is no span of time: write 90s, 30m, 12h, 7d or 2w.", param, ctx)
        return found


class Instant(click.ParamType[datetime]):
    """A date or an instant in ISO 8601, UTC where it names no offset; or a span, which is counted back from now."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            back = span(text)
            return _iso(text) if back is None else dates.now() - back
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is neither a span (30m, 12h, 7d) nor a date (2026-11-23, 2026-11-23T20:48, with Z or "
                "+01:00 if wanted; UTC without).",
                param,
                ctx,
            )


def _iso(text: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return dates.parse(text)
