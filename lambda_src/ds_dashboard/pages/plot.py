"""The plot of a series: its axes, gaps, limits and the time in which it fails, as SVG and as data for JavaScript."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ds_dashboard.pages import cells, figures, svg
from ds_dashboard.pages.model import Period, Point, Series, State
from ds_dashboard.pages.svg import Svg
from ds_dashboard.text import visible


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
    """Return the texts of an axis, all in one unit of time: "24 h" is followed by "30 h" and not by "1 d 6 h"."""
    if unit == "Seconds":
        for scale, name in ((86400, "d"), (3600, "h"), (60, "min")):
            if any(levels) and all(level % scale == 0 for level in levels):
                return [f"{level / scale:,.0f} {name}".replace("-", "−") for level in levels]
    if unit == "USD" and all(level.is_integer() and abs(level) < 1000 for level in levels):
        return [f"{'−' if level < 0 else ''}${abs(level):.0f}" for level in levels]
    return [str(figures.figure(Decimal(str(level)), unit)) for level in levels]


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
    if (low >= 0 and low < high / 2) or (low == high and low >= 0):
        low = 0.0
    if high == low:
        low, high = low - 1, high + 1
    scales = {"Seconds": (86400, 3600, 60), "Bytes": (1024**4, 1024**3, 1024**2, 1024)}.get(unit or "", ())
    scale = next((one for one in scales if high - low >= 2 * one), 1)
    low, high = low / scale, high / scale
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step * scale, 12) for number in range(first, last + 1)]


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
        "unit": visible(series.unit or ""),
        "since": period.since.timestamp(),
        "until": period.until.timestamp(),
        "points": with_gaps(points),
        "others": {visible(name): with_gaps(found) for name, found in others.items()},
        "failed": failed_band(series, period, now),
        "limits": limits(series),
        "levels": _levels(series, points, others),
    }
