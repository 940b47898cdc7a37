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
from ds_dashboard.text import visible
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

Series = dict[str, list[tuple[float, float]]]


def print_chart(metric: str, values: Iterable[Value]) -> None:
    """Draw the values of a metric on stdout, one line per spoke.

    Raises:
        UserError: a value is not a number.
    """
    series, units = _series(metric, values)
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


def _series(metric: str, values: Iterable[Value]) -> tuple[Series, set[str]]:
    series: Series = {}
    units: set[str] = set()
    for value in values:
        if value.number is None:
            raise UserError(
                f"--plot: {metric}",
                f"has values that are not numbers, such as {str(value.value)[:60]!r}.",
                "Leave --plot out to see them in a table.",
            )
        if value.time is not None:
            series.setdefault(value.spoke, []).append((value.time.timestamp(), value.number))
        units.update({value.unit} if value.unit not in (None, "None") else ())
    return {name: series[name] for name in sorted(series)}, units


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
    first, last = min(times), max(times)
    if first == last:
        first, last = first - 1800, last + 1800
    form = "%Y-%m-%d" if last - first > 4 * 86400 else "%m-%d %H:%M" if last - first > 600 else "%H:%M:%S"
    positions = [first + (last - first) * index / (_TICKS - 1) for index in range(_TICKS)]
    figure.ruler("x").ticks(positions, [f"{datetime.fromtimestamp(at, UTC):{form}}" for at in positions])
