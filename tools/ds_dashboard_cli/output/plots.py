"""A chart in the terminal with one line per spoke, and one per threshold."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import click

from ds_dashboard.client import Limits, Value
from ds_dashboard.text import format_value, pluralize, visible
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output.streams import note

_COLOURS = ("blue+", "green+", "red+", "magenta+", "cyan+", "orange+", "blue", "green", "red", "magenta", "cyan")
# The same colours as click names them.
_ANSI: dict[str, Any] = {
    **{f"{name}+": f"bright_{name}" for name in ("blue", "green", "red", "magenta", "cyan")},
    **{name: name for name in ("blue", "green", "red", "magenta", "cyan")},
    "orange+": 214,
    "yellow": "bright_yellow",
}
_MARKS = "●x+o*#@%&=~^"
_THRESHOLD_MARK, _THRESHOLD_COLOUR = "-", "yellow"
# A threshold is drawn if it makes the axis of values longer by at most this part, so that the values do not look flat.
_MAX_ENLARGED = 0.2
_MAX_SPOKES = 3
_DEFAULT_WIDTH = 100
_TICKS = 5
# Labels of values are decimals below this size, with at most so many digits after the point.
_MAX_PLAIN, _MAX_PLACES = 1e15, 9
_EARLIEST, _LATEST = (
    instant.replace(tzinfo=UTC).timestamp() for instant in (datetime.min, datetime(9999, 12, 31, 23, 59))
)

Series = dict[str, list[tuple[float, float]]]
# Reason -> how many values were left out for it, and one of them.
Omitted = dict[str, tuple[int, str]]
ReadLimits = Callable[[Sequence[str]], Mapping[str, Limits]]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit that values are compared with.

    Attributes:
        level: the limit, as the axis has it.
        text: the limit with its side, and the spokes unless all have it.
        is_drawn: whether it is in or near the range of the values.
    """

    level: float
    text: str
    is_drawn: bool


def print_chart(metric: str, values: Iterable[Value], read_limits: ReadLimits) -> None:
    """Draw the values of a metric on stdout, one line per spoke. Texts and values without a valid date are left out.

    Args:
        metric: the metric's name.
        values: its values.
        read_limits: returns the limits of these spokes.

    Raises:
        UserError: no value can be drawn.
    """
    series, units, omitted = _series(metric, values)
    thresholds = _thresholds(series, read_limits(list(series)))
    terminal = sys.stdout.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    size = shutil.get_terminal_size((_DEFAULT_WIDTH, 25))
    unit = ", ".join(sorted(units))
    title = visible(f"{metric} ({unit})" if unit else metric)
    height = max(12, min(size.lines - len(series) - len(thresholds) - 2, 30))
    levels = [one.level for one in thresholds if one.is_drawn]
    click.echo(_drawn(title, series, levels, size.columns, height, coloured), color=True)
    for index, name in enumerate(series):
        mark = click.style("━━", fg=_ANSI[_COLOURS[index % len(_COLOURS)]]) if coloured else _MARKS[index % len(_MARKS)]
        click.echo(f"  {mark} {visible(name)}", color=coloured)
    for one in thresholds:
        mark = click.style(_THRESHOLD_MARK * 2, fg=_ANSI[_THRESHOLD_COLOUR]) if coloured else _THRESHOLD_MARK
        if not one.is_drawn:
            mark = "  " if coloured else " "
        click.echo(f"  {mark} {one.text}", color=coloured)
    if len(series) > len(_COLOURS):
        note(f"{len(series)} spokes share {len(_COLOURS)} marks: select fewer with --project and --environment.")
    for line in _describe(omitted):
        note(f"Left out of the chart: {line}. Leave --plot out to see them.")


def _series(metric: str, values: Iterable[Value]) -> tuple[Series, set[str], Omitted]:
    series: Series = {}
    units: set[str] = set()
    omitted: Omitted = {}
    for value in values:
        if value.number is None:
            _omit(omitted, "not numbers", value.item.get("MetricValue"))
        elif value.time is None:
            _omit(omitted, "no valid date", value.item.get("ExtractionDate"))
        else:
            series.setdefault(value.spoke, []).append((value.time.timestamp(), value.number))
            units.update({value.unit} if value.unit not in (None, "None") else ())
    if not series:
        raise UserError(
            f"--plot: {metric}",
            f"has no values that can be drawn: {'; '.join(_describe(omitted))}.",
            "Leave --plot out to see them in a table.",
        )
    return {name: series[name] for name in sorted(series)}, units, omitted


def _thresholds(series: Series, limits: Mapping[str, Limits]) -> list[Threshold]:
    """Return the limits of all spokes, the highest first."""
    spokes: dict[tuple[Decimal, str], list[str]] = {}
    for spoke in series:
        for side, limit in zip(Limits._fields, limits.get(spoke, ()), strict=False):
            if limit is not None:
                spokes.setdefault((limit, side), []).append(spoke)
    values = [value for points in series.values() for _, value in points]
    low, high = min(values), max(values)
    margin = (high - low) * _MAX_ENLARGED
    found = []
    for (limit, side), names in sorted(spokes.items(), reverse=True):
        level = float(limit)
        # Equal values are a flat line anyway.
        is_drawn = low == high or low - margin <= level <= high + margin
        who = ", ".join(map(visible, names)) if len(names) <= _MAX_SPOKES else pluralize(len(names), "spoke")
        of = "" if len(names) == len(series) else f" ({who})"
        text = f"threshold {side} {format_value(limit)}{of}{'' if is_drawn else ', outside of the plot'}"
        found.append(Threshold(level, text, is_drawn))
    return found


def _omit(omitted: Omitted, reason: str, example: Any) -> None:
    count, first = omitted.get(reason, (0, repr(example)[:60]))
    omitted[reason] = count + 1, first


def _describe(omitted: Omitted) -> list[str]:
    return [f"{pluralize(count, 'value')} ({reason}), such as {one}" for reason, (count, one) in omitted.items()]


def _drawn(title: str, series: Series, levels: Sequence[float], width: int, height: int, coloured: bool) -> str:
    import plotext  # type: ignore[import-untyped]

    figure = plotext.figure
    figure.clear()
    figure.theme("simple" if coloured else "colorless")
    figure.plot_size(width, height)
    first, last = _bounds([time for points in series.values() for time, _ in points])
    # Below the values, which may be equal to it.
    for level in levels:
        pixel = plotext.pixel(foreground=_THRESHOLD_COLOUR)
        marker = plotext.marker(_THRESHOLD_MARK, pixel) if coloured else _THRESHOLD_MARK
        figure.draw(figure.signal([first, last], [level, level], marker=marker).lines(True))
    for index, points in enumerate(series.values()):
        times, values = zip(*points, strict=True)
        marker = (
            plotext.marker("braille", plotext.pixel(foreground=_COLOURS[index % len(_COLOURS)]))
            if coloured
            else _MARKS[index % len(_MARKS)]
        )
        figure.draw(figure.signal(list(times), list(values), marker=marker).lines(True))
    figure.title(title)
    figure.legend(False)
    _label_times(figure, first, last)
    _label_values(figure, [*levels, *(value for points in series.values() for _, value in points)])
    # plotext colours its warnings even if stderr is not a terminal.
    with contextlib.redirect_stderr(io.StringIO()) as notes:
        drawn = figure.build().string(colorless=not coloured)
    if "too close together" in notes.getvalue():
        note("Values or times are too close together for a chart. Leave --plot out to see them.")
    return "\n".join(line.rstrip() for line in drawn.splitlines())


def _bounds(times: list[float]) -> tuple[float, float]:
    """Return the first and the last time of the axis."""
    first, last = min(times), max(times)
    if first == last:
        # Within what a date can be.
        return max(first - 1800, _EARLIEST), min(last + 1800, _LATEST)
    return first, last


def _label_times(figure: Any, first: float, last: float) -> None:
    """Label the axis of times with as many of their digits as tell the ticks apart."""
    # plotext would show at least a second to both sides.
    figure.ruler("x").lim(first, last)
    positions = [first + (last - first) * index / (_TICKS - 1) for index in range(_TICKS)]
    # isoformat and not strftime, which does not pad the years before 1000.
    texts = [datetime.fromtimestamp(min(at, _LATEST), UTC).isoformat(" ", timespec="microseconds") for at in positions]
    labels = next((found for shown in _shown(last - first) if _differ(found := [text[shown] for text in texts])), None)
    if labels is None:
        # Ticks within a few microseconds: those that differ.
        labelled = {text[11:26]: at for text, at in zip(texts, positions, strict=True)}
        positions, labels = list(labelled.values()), list(labelled)
    figure.ruler("x").ticks(positions, labels)


def _label_values(figure: Any, values: Sequence[float]) -> None:
    """Label the axis with decimals, unless its values are huge or tiny: plotext writes 35,801 as 3.6e4."""
    low, high = min(values), max(values)
    if max(-low, high) >= _MAX_PLAIN:
        return
    positions = [low + (high - low) * index / (_TICKS - 1) for index in range(_TICKS)]
    for places in range(_MAX_PLACES + 1):
        labels = [f"{value:z.{places}f}" for value in positions]
        is_exact = all(
            abs(float(label) - value) <= (high - low) / 40 for label, value in zip(labels, positions, strict=True)
        )
        if is_exact and _differ(labels):
            figure.ruler("y").ticks(positions, labels)
            return


def _shown(span: float) -> list[slice]:
    """Return the parts of an instant that can label a tick, the shortest first: dates only if the axis has days."""
    days, minutes, seconds = slice(10), slice(5, 16), slice(11, 19)
    tenths, milliseconds, microseconds = slice(11, 21), slice(11, 23), slice(11, 26)
    finer = [seconds, tenths, milliseconds, microseconds]
    return [days, minutes, *finer] if span > 4 * 86400 else [minutes, *finer] if span > 600 else finer


def _differ(labels: list[str]) -> bool:
    return len(set(labels)) == len(labels)
