"""A series as a cell of a table: its state, sparkline, value, and change or age, alike in page and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from ds_dashboard.pages import figures, svg, urls
from ds_dashboard.pages.figures import Change, Figure
from ds_dashboard.pages.index import Row
from ds_dashboard.pages.model import Point, Series
from ds_dashboard.pages.svg import Svg
from ds_dashboard.states import State
from ds_dashboard.text import visible

Key = tuple[str, str, str]
Recent = Mapping[Key, Sequence[Point]]

_MAX_TEXT = 24
# Digits of a number before it is written with a power of ten.
MAX_DIGITS = 40
# Points that a sparkline shows.
SPARK_POINTS = 32


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        state: the word for the state, which is the cell's class and its glyph.
        href: the address of the series' page.
        title: the exact value, its time, and what is wrong.
        spark: the sparkline.
        figure: the number; None for a text or without a value.
        text: a text value, shortened; "–" without a value.
        change: against seven days ago; None if there is none, or if the age is shown.
        age: of a value that is not fresh.
    """

    state: str
    href: str
    title: str
    spark: Svg
    figure: Figure | None
    text: str
    change: Change | None
    age: str


def key(series: Series) -> Key:
    """Return project, environment and metric of a series."""
    return series.project, series.environment, series.metric


def cell(row: Row, points: Sequence[Point], now: datetime, *, width: int = 44) -> Cell:
    """Return the cell of a series.

    Args:
        row: the series.
        points: its last values, oldest first.
        now: the instant from which ages are measured.
        width: of the sparkline, in pixels.
    """
    series = row.series
    is_number = isinstance(series.value, Decimal)
    is_fresh = series.state.is_current
    change = (
        figures.change(row.before, series.value)
        if is_fresh and row.before is not None and isinstance(series.value, Decimal)
        else None
    )
    since = series.since if series.state is State.FAILING and series.time is None else series.time
    return Cell(
        state=series.state.word,
        href=urls.series(series.project, series.environment, series.metric),
        title=title(series, now),
        spark=sparkline(series, points, now, width=width),
        figure=figures.figure(series.value, series.unit) if isinstance(series.value, Decimal) else None,
        text="" if is_number else "–" if series.value is None else shortened(str(series.value)),
        change=change,
        age="" if is_fresh or since is None else figures.age(now - since),
    )


def passed(series: Series, now: datetime) -> str:
    """Return the age of the newest value, whatever its state; "never" without one."""
    return "never" if series.time is None else figures.age(now - series.time)


def title(series: Series, now: datetime) -> str:
    """Return what a cell says on hover: the exact value and unit, when, and what is wrong."""
    parts = [f"{series.project}/{series.environment} {series.metric}"]
    if series.value is not None:
        unit = f" {series.unit}" if series.unit not in (None, "None") and isinstance(series.value, Decimal) else ""
        parts.append(f"{exact(series.value)}{unit}")
    if series.time is not None:
        parts.append(f"{series.time:%Y-%m-%d %H:%M} UTC, {figures.ago(now - series.time)}")
    if series.state is State.FAILING:
        parts.append(f"fails: {series.error_type}: {series.error_message}")
    if series.reason:
        parts.append(f"nothing to report: {series.reason}")
    if series.state in (State.ABOVE, State.BELOW):
        parts.append(f"{series.state.word} {limit(series)}")
    if series.state in (State.SILENT, State.STALE):
        parts.append(series.state.word)
    return "\n".join(map(visible, parts))


def limit(series: Series) -> str:
    """Return the limit that a series has crossed, or both of its limits."""
    chosen = {State.ABOVE: (series.above,), State.BELOW: (series.below,)}
    limits = chosen.get(series.state, (series.below, series.above))
    return " to ".join("…" if one is None else str(figures.figure(one, series.unit)) for one in limits)


def exact(value: Decimal | str) -> str:
    """Return a value with all its digits, or the whole text."""
    return f"{value:f}" if isinstance(value, Decimal) and abs(value.adjusted()) < MAX_DIGITS else str(value)


def text(value: str) -> str:
    """Return a text as people see it: one that is empty, or only space, in quotation marks."""
    return visible(value) if value.strip() else f"“{visible(value)}”"


def shortened(value: str) -> str:
    """Return a text that fits into a cell."""
    shown = text(value)
    return shown if len(shown) <= _MAX_TEXT else f"{shown[: _MAX_TEXT - 1]}…"


def sparkline(series: Series, points: Sequence[Point], now: datetime, *, width: int) -> Svg:
    """Return the sparkline of numbers, or the rail of texts; empty without values."""
    shown = points[-SPARK_POINTS:]
    if not shown:
        return Svg()
    label = f"{visible(series.metric)}: the last {len(shown)} values"
    if not isinstance(shown[-1].value, Decimal):
        return svg.rail([None if isinstance(one.value, Decimal) else one.value for one in shown], label, width=width)
    step = usual_step(shown)
    values: list[float | None] = []
    before: datetime | None = None
    for one in shown:
        if before is not None and step and one.time - before > 1.75 * step:
            values.append(None)
        values.append(float(one.value) if isinstance(one.value, Decimal) else None)
        before = one.time
    missing = 0
    if step and not series.state.is_current and before is not None:
        missing = min(8, int((now - before) / step))
    return svg.sparkline(values, label, missing=missing, width=width)


def usual_step(points: Sequence[Point]) -> timedelta | None:
    """Return the median time between values; None with fewer than three."""
    if len(points) < 3:
        return None
    steps = sorted(after.time - before.time for before, after in pairwise(points))
    return steps[len(steps) // 2] or None
