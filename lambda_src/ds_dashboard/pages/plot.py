"""The plot of a series: its axes, gaps, limits and the time in which it fails, as SVG and as data for JavaScript."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ds_dashboard.pages import cells, figures, svg
from ds_dashboard.pages.model import Period, Point, Series
from ds_dashboard.pages.svg import Svg
from ds_dashboard.states import State
from ds_dashboard.text import visible

# Units of time, in seconds.
_SECONDS = {"Seconds": 1.0, "Milliseconds": 1e-3, "Microseconds": 1e-6}
_HUGE, _TINY = 1e20, 1e-6
# Digits after the point, after which levels are shown in a smaller unit.
_MAX_PLACES = 3


def drawing(
    series: Series, points: Sequence[Point], period: Period, others: Mapping[str, Sequence[Point]], now: datetime
) -> Svg:
    """Return the plot as SVG, which is all that there is without JavaScript."""
    return svg.plot(
        with_gaps(points),
        f"{visible(series.metric)}: {len(points)} values",
        ticks=time_ticks(period.since, period.until),
        levels=_levels(series, points, others),
        band=failed_band(series, period, now),
        thresholds=limits(series),
        others=[with_gaps(found) for found in others.values()],
    )


def _levels(series: Series, points: Sequence[Point], others: Mapping[str, Sequence[Point]]) -> list[tuple[float, str]]:
    levels = nice_levels([*points, *(one for found in others.values() for one in found)], series.unit)
    return list(zip(levels, level_texts(levels, series.unit), strict=True))


def level_texts(levels: Sequence[float], unit: str | None) -> list[str]:
    """Return the texts of an axis, no two of which read alike, all in one unit: "24 h", and then "30 h".

    A unit that figures do not know is beside the plot, and not at each level.
    """
    if unit in _SECONDS:
        seconds = [float(f"{level * _SECONDS[unit]:.14g}") for level in levels]
        return _texts(seconds, *_scale_of_time(seconds))
    largest = max(map(abs, levels), default=0.0)
    base, names = (1024, figures.BINARY) if unit == "Bytes" else (1000, figures.THOUSANDS)
    is_scaled = 10 * base <= largest < _HUGE
    fits = sum(base**index <= largest for index in range(1, len(names))) if is_scaled else 0
    # In a smaller unit, if the levels would need many digits in this one.
    index = next((one for one in range(fits, 0, -1) if _places(levels, base**one) <= _MAX_PLACES), 0)
    return _texts(
        levels, base**index, f"{names[index]}{'%' if unit == 'Percent' else ''}", "$" if unit == "USD" else ""
    )


def _scale_of_time(seconds: Sequence[float]) -> tuple[float, str]:
    for scale, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if any(seconds) and all(one % scale == 0 for one in seconds):
            return scale, name
    largest = max(map(abs, seconds), default=0.0)
    return (1, "s") if largest >= 1 or not largest else (1e-3, "ms") if largest >= 1e-3 else (1e-6, "µs")


def _texts(levels: Sequence[float], scale: float, after: str, before: str = "") -> list[str]:
    largest = max(map(abs, levels), default=0.0) / scale
    places = _places(levels, scale)
    if before and places and scale == 1:
        places = max(places, 2)  # cents

    def digits(size: float) -> str:
        if largest >= _HUGE or 0 < largest < _TINY:
            number, _, power = f"{size:.9e}".partition("e")
            return f"{figures.trimmed(number)}e{int(power)}".replace("e-", "e−") if size else "0"
        text = f"{size:,.{places}f}"
        return text if before and scale == 1 else figures.trimmed(text)

    def shown(level: float) -> str:
        suffix = "" if not level and after in figures.THOUSANDS else after
        return f"{'−' if level < 0 else ''}{before}{digits(abs(level) / scale)}{f' {suffix}' if suffix else ''}"

    return [shown(level) for level in levels]


def _places(levels: Sequence[float], scale: float) -> int:
    """Return how many digits after the point show the levels as they are."""
    scaled = [level / scale for level in levels]
    enough = min((after - before for before, after in pairwise(scaled)), default=1.0) / 1e6
    return next((one for one in range(12) if all(abs(round(level, one) - level) <= enough for level in scaled)), 12)


def band(series: Series, points: Sequence[Point], period: Period, now: datetime) -> Svg:
    """Return the band of a text: a part for each value, as long as it stayed. Missing values are a gap."""
    step = cells.usual_step(points)
    parts: list[tuple[float, float, str]] = []
    end = min(now, period.until)
    for one, after in zip(points, [*points[1:], None], strict=True):
        until = after.time if after else end if series.state.is_current else one.time
        if step and until - one.time > 1.75 * step:
            until = one.time + step
        text = visible(str(one.value))
        if parts and parts[-1][2] == text and parts[-1][1] == one.time.timestamp():
            parts[-1] = (parts[-1][0], until.timestamp(), text)
        else:
            parts.append((one.time.timestamp(), until.timestamp(), text))
    return svg.band(
        parts,
        f"{visible(series.metric)}: {len(parts)} parts",
        begin=period.since.timestamp(),
        end=period.until.timestamp(),
        ticks=time_ticks(period.since, period.until),
        failed=failed_band(series, period, now),
    )


def failed_band(series: Series, period: Period, now: datetime) -> tuple[float, float] | None:
    """Return since when a metric fails, in seconds, within the period."""
    if series.state is not State.FAILING or series.since is None or series.since >= period.until:
        return None
    return max(series.since, period.since).timestamp(), min(now, period.until).timestamp()


def limits(series: Series) -> list[tuple[float, str]]:
    """Return the limits of the threshold of a series, each with its text."""
    found = (("below", series.below), ("above", series.above))
    return [(float(one), f"{word} {figures.figure(one, series.unit)}") for word, one in found if one is not None]


def with_gaps(points: Sequence[Point]) -> list[tuple[float, float | None]]:
    """Return seconds and numbers, with a None where values are missing: a gap is neither a zero nor a line."""
    numbers = [one for one in points if isinstance(one.value, Decimal)]
    step = cells.usual_step(numbers)
    found: list[tuple[float, float | None]] = []
    before: datetime | None = None
    for one in numbers:
        if before is not None and step and one.time - before > 1.75 * step:
            found.append(((before + (one.time - before) / 2).timestamp(), None))
        found.append((one.time.timestamp(), float(one.value)))
        before = one.time
    return found


def _with_texts(points: Sequence[Point], unit: str | None) -> list[tuple[float, float | None, str]]:
    """Return seconds, number and the number for people; without a number where values are missing."""
    texts = (str(figures.figure(one.value, unit)) for one in points if isinstance(one.value, Decimal))
    return [(at, value, "" if value is None else next(texts)) for at, value in with_gaps(points)]


def nice_levels(points: Sequence[Point], unit: str | None) -> list[float]:
    """Return about five levels for the axis of values, which begins at zero if the values are near it.

    Args:
        points: the values.
        unit: their unit; levels of seconds are whole minutes, hours or days, and those of bytes whole KiB, MiB or GiB.
    """
    values = [float(one.value) for one in points if isinstance(one.value, Decimal)]
    values = [value for value in values if math.isfinite(value)]
    if not values:
        return []
    low, high = min(values), max(values)
    if 0 <= low <= high / 2 or low == high >= 0:
        low = 0.0
    elif low / 2 <= high <= 0 or low == high:
        high = 0.0
    if low == high:
        high = 1.0
    scales = {"Seconds": (86400, 3600, 60), "Bytes": (1024**4, 1024**3, 1024**2, 1024)}.get(unit or "", ())
    scale = next((one for one in scales if high - low >= 2 * one), 1)
    low, high = low / scale, high / scale
    # Steps of a billionth of the largest value can be told from each other as doubles.
    raw = max((high - low) / 5, max(abs(low), abs(high)) / 1e9)
    # No half of what is counted.
    are_whole = scale == 1 and all(value.is_integer() for value in values)
    raw = max(raw, 1.0) if are_whole else raw
    power = 10.0 ** math.floor(math.log10(raw))
    sizes = (1, 2, 5, 10) if are_whole and power == 1 else (1, 2, 2.5, 5, 10)
    step = next(size * power for size in sizes if size * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step * scale:.14g}") for number in range(first, max(last, first + 1) + 1)]


def time_ticks(since: datetime, until: datetime) -> list[tuple[float, str]]:
    """Return at most eight ticks of the time axis, no two of which read alike."""
    hours = (until - since).total_seconds() / 3600
    step, form = next(
        (timedelta(hours=one), form)
        for one, form in (
            (1, "%H:%M"),
            (3, "%d %b %H:%M"),
            (6, "%d %b %H:%M"),
            (12, "%d %b %H:%M"),
            (24, "%d %b"),
            (48, "%d %b"),
            (96, "%d %b"),
            (168, "%d %b"),
            (336, "%d %b"),
            (720, "%b %Y"),
            (1440, "%b %Y"),
            # Up to 8,000 years, which is all that dates have.
            *((24 * 366 * size * years, "%Y") for size in (1, 10, 100) for years in (1, 2, 5)),
            (24 * 366_000, "%Y"),
        )
        if hours / one <= 8
    )
    first = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if step >= timedelta(days=1):
        first = since.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    ticks: list[tuple[float, str]] = []
    at = first
    while at < until:
        text = f"{at:{form}}".lstrip("0")
        if not ticks or ticks[-1][1] != text:
            ticks.append((at.timestamp(), text))
        at += step
    return ticks


def data(
    series: Series, points: Sequence[Point], period: Period, others: Mapping[str, Sequence[Point]], now: datetime
) -> dict[str, Any]:
    """Return what the plot with JavaScript draws: numbers as doubles, times in seconds."""
    return {
        "name": visible(series.environment),
        "since": period.since.timestamp(),
        "until": max([period.until, *(one.time for one in points[-1:])]).timestamp(),
        "points": _with_texts(points, series.unit),
        "others": {visible(name): _with_texts(found, series.unit) for name, found in others.items()},
        "failed": failed_band(series, period, now),
        "limits": limits(series),
        "levels": _levels(series, points, others),
    }
