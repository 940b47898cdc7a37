"""A chart in the terminal with one line per spoke."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from ds_dashboard.client import Value
from ds_dashboard.text import pluralize, visible
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output.streams import note

_COLOURS = ("blue+", "green+", "red+", "magenta+", "cyan+", "orange+", "blue", "green", "red", "magenta", "cyan")
# The same colours as click names them.
_ANSI: dict[str, Any] = {
    **{f"{name}+": f"bright_{name}" for name in ("blue", "green", "red", "magenta", "cyan")},
    **{name: name for name in ("blue", "green", "red", "magenta", "cyan")},
    "orange+": 214,
}
_MARKS = "●x+o*#@%&=~^"
_DEFAULT_WIDTH = 100
_TICKS = 5
_EARLIEST, _LATEST = (
    instant.replace(tzinfo=UTC).timestamp() for instant in (datetime.min, datetime(9999, 12, 31, 23, 59))
)

Series = dict[str, list[tuple[float, float]]]
# Reason -> how many values were left out for it, and one of them.
Omitted = dict[str, tuple[int, str]]


def print_chart(metric: str, values: Iterable[Value]) -> None:
    """Draw the values of a metric on stdout, one line per spoke. Texts and values without a valid date are left out.

    Raises:
        UserError: no value can be drawn.
    """
    series, units, omitted = _series(metric, values)
    terminal = sys.stdout.isatty()
    coloured = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    size = shutil.get_terminal_size((_DEFAULT_WIDTH, 25))
    unit = ", ".join(sorted(units))
    title = visible(f"{metric} ({unit})" if unit else metric)
    click.echo(
        _drawn(title, series, size.columns, max(12, min(size.lines - len(series) - 2, 30)), coloured), color=True
    )
    for index, name in enumerate(series):
        mark = click.style("━━", fg=_ANSI[_COLOURS[index % len(_COLOURS)]]) if coloured else _MARKS[index % len(_MARKS)]
        click.echo(f"  {mark} {visible(name)}", color=coloured)
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


def _omit(omitted: Omitted, reason: str, example: Any) -> None:
    count, first = omitted.get(reason, (0, repr(example)[:60]))
    omitted[reason] = count + 1, first


def _describe(omitted: Omitted) -> list[str]:
    return [f"{pluralize(count, 'value')} ({reason}), such as {one}" for reason, (count, one) in omitted.items()]


def _drawn(title: str, series: Series, width: int, height: int, coloured: bool) -> str:
    import plotext  # type: ignore[import-untyped]

    figure = plotext.figure
    figure.clear()
    figure.theme("simple" if coloured else "colorless")
    figure.plot_size(width, height)
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
    _label_times(figure, [time for points in series.values() for time, _ in points])
    # plotext colours its warnings even if stderr is not a terminal.
    with contextlib.redirect_stderr(io.StringIO()) as notes:
        drawn = figure.build().string(colorless=not coloured)
    if "too close together" in notes.getvalue():
        note("Values or times are too close together for a chart. Leave --plot out to see them.")
    return "\n".join(line.rstrip() for line in drawn.splitlines())


def _label_times(figure: Any, times: list[float]) -> None:
    """Label the axis of times with as many of their digits as tell the ticks apart."""
    first, last = min(times), max(times)
    if first == last:
        # Within what a date can be.
        first, last = max(first - 1800, _EARLIEST), min(last + 1800, _LATEST)
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


def _shown(span: float) -> list[slice]:
    """Return the parts of an instant that can label a tick, the shortest first: dates only if the axis has days."""
    days, minutes, seconds = slice(10), slice(5, 16), slice(11, 19)
    tenths, milliseconds, microseconds = slice(11, 21), slice(11, 23), slice(11, 26)
    finer = [seconds, tenths, milliseconds, microseconds]
    return [days, minutes, *finer] if span > 4 * 86400 else [minutes, *finer] if span > 600 else finer


def _differ(labels: list[str]) -> bool:
    return len(set(labels)) == len(labels)
