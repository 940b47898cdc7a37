"""Drawings as SVG, without style attributes and for any theme: sparklines, rails, bars, histograms, plots."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Point = float | None


class Svg(str):
    """A drawing, which templates insert as it is: everything in it that is data is escaped."""

    def __html__(self) -> str:
        """Return the markup, for autoescaping templates."""
        return str(self)


_PADDING = 2.5


def _open(width: int, height: int, label: str, kind: str) -> str:
    return (
        f'<svg class="{kind}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label, quote=True)}">'
    )


def sparkline(values: Sequence[Point], label: str, *, missing: int = 0, width: int = 44, height: int = 18) -> Svg:
    """Return a line of values, oldest first.

    Args:
        values: None where there is no value: the line has a gap there.
        label: what a screen reader says.
        missing: how many values are due after the last one: a dotted tail.
        width: in pixels.
        height: in pixels.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Svg()
    low, high = min(known), max(known)
    steps = max(len(values) - 1 + missing, 1)

    def x(index: int) -> float:
        return _PADDING + (width - 2 * _PADDING) * index / steps

    def y(value: float) -> float:
        share = 0.5 if high == low else (value - low) / (high - low)
        return height - _PADDING - (height - 2 * _PADDING) * share

    parts = [_open(width, height, label, "spark")]
    run: list[str] = []
    for index, value in enumerate([*values, None]):
        if value is not None:
            run.append(f"{x(index):.1f},{y(value):.1f}")
            continue
        if len(run) > 1:
            parts.append(f'<polyline class="line" points="{" ".join(run)}"/>')
        elif run:
            left, top = run[0].split(",")
            parts.append(f'<circle class="point" cx="{left}" cy="{top}" r="1"/>')
        run = []
    last = max(index for index, value in enumerate(values) if value is not None)
    end = values[last]
    assert end is not None
    if missing:
        parts.append(
            f'<line class="missing" x1="{x(last):.1f}" y1="{y(end):.1f}" x2="{x(steps):.1f}" y2="{y(end):.1f}"/>'
        )
    parts.append(f'<circle class="newest" cx="{x(last):.1f}" cy="{y(end):.1f}" r="1.75"/></svg>')
    return Svg("".join(parts))


def rail(texts: Sequence[str | None], label: str, *, width: int = 44, height: int = 18) -> Svg:
    """Return a rail with a tick at each change of a text, oldest first."""
    if not any(text is not None for text in texts):
        return Svg()
    middle, steps = height / 2, max(len(texts) - 1, 1)
    parts = [
        _open(width, height, label, "rail"),
        f'<line class="track" x1="0" y1="{middle}" x2="{width}" y2="{middle}"/>',
    ]
    before: str | None = None
    for index, text in enumerate(texts):
        if text is not None and text != before:
            left = 1 + (width - 2) * index / steps
            parts.append(f'<line class="tick" x1="{left:.1f}" y1="3" x2="{left:.1f}" y2="{height - 3}"/>')
            before = text
    return Svg("".join([*parts, "</svg>"]))


def bar(share: float, label: str, *, width: int = 72, height: int = 8) -> Svg:
    """Return a bar that is filled by a share from 0 to 1."""
    filled = max(0.0, min(1.0, share)) * width
    return Svg(
        f'{_open(width, height, label, "share")}<rect class="track" width="{width}" height="{height}" rx="2"/>'
        f'<rect class="filled" width="{filled:.1f}" height="{height}" rx="2"/></svg>'
    )


def distribution(values: Sequence[float], label: str, *, bins: int = 24, width: int = 360, height: int = 56) -> Svg:
    """Return a histogram of values."""
    if not values:
        return Svg()
    low, high = min(values), max(values)
    counts = [0] * bins
    for value in values:
        index = 0 if high == low else min(bins - 1, int((value - low) / (high - low) * bins))
        counts[index] += 1
    most, step = max(counts), width / bins
    parts = [_open(width, height, label, "histogram").replace(">", ' preserveAspectRatio="none">')]
    for index, count in enumerate(counts):
        if count:
            tall = max(2.0, (height - 2) * count / most)
            parts.append(
                f'<rect class="filled" x="{index * step + 0.5:.1f}" y="{height - tall:.1f}" width="{step - 1:.1f}" '
                f'height="{tall:.1f}"/>'
            )
    return Svg("".join([*parts, "</svg>"]))


def plot(
    points: Sequence[tuple[float, Point]],
    label: str,
    *,
    width: int = 960,
    height: int = 300,
    ticks: Sequence[tuple[float, str]] = (),
    levels: Sequence[tuple[float, str]] = (),
    band: tuple[float, float] | None = None,
    thresholds: Sequence[float] = (),
    others: Sequence[Sequence[tuple[float, Point]]] = (),
) -> Svg:
    """Return the plot of a history, for pages without JavaScript.

    Args:
        points: seconds and value, oldest first; a None ends the line.
        label: what a screen reader says.
        width: in units of the drawing, which fits its box.
        height: in the same units.
        ticks: seconds and text of the time axis; the first and last point are its ends without any.
        levels: values and texts of the value axis, from the lowest to the highest.
        band: from and to, in seconds: when the metric failed.
        thresholds: values to draw a line at.
        others: the points of other series to compare with, drawn dashed within the same axes.
    """
    known = [value for _, value in points if value is not None]
    if not known:
        return Svg()
    left, bottom, top, right = 64, 28, 8, 8
    begin = min([points[0][0], *(at for at, _ in ticks)])
    end = max([points[-1][0], *(at for at, _ in ticks), *(band or ())])
    low = min([*known, *(value for value, _ in levels)])
    high = max([*known, *(value for value, _ in levels)])

    def x(seconds: float) -> float:
        return left + (width - left - right) * (0.5 if end == begin else (seconds - begin) / (end - begin))

    def y(value: float) -> float:
        return height - bottom - (height - bottom - top) * (0.5 if high == low else (value - low) / (high - low))

    parts = [
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label, quote=True)}" '
        'preserveAspectRatio="xMidYMid meet">'
    ]
    if band:
        parts.append(
            f'<rect class="failed" x="{x(band[0]):.1f}" y="{top}" width="{max(1.0, x(band[1]) - x(band[0])):.1f}" '
            f'height="{height - bottom - top}"/>'
        )
    for value, text in levels:
        parts.append(f'<line class="grid" x1="{left}" y1="{y(value):.1f}" x2="{width - right}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="axis end" x="{left - 8}" y="{y(value) + 4:.1f}">{escape(text)}</text>')
    for seconds, text in ticks:
        parts.append(f'<text class="axis middle" x="{x(seconds):.1f}" y="{height - 8}">{escape(text)}</text>')
    for limit in thresholds:
        if low <= limit <= high:
            parts.append(
                f'<line class="threshold" x1="{left}" y1="{y(limit):.1f}" x2="{width - right}" y2="{y(limit):.1f}"/>'
            )
    for kind, line in [*(("other", one) for one in others), ("line", points)]:
        drawn = ["M" + " ".join(f"{x(seconds):.1f},{y(number):.1f}" for seconds, number in run) for run in _runs(line)]
        if drawn:
            parts.append(f'<path class="{kind}" d="{"".join(drawn)}"/>')
    if len(known) <= 130:
        parts += [
            f'<circle class="point" cx="{x(seconds):.1f}" cy="{y(number):.1f}" r="2.2"/>'
            for seconds, number in points
            if number is not None
        ]
    return Svg("".join([*parts, "</svg>"]))


def _runs(points: Sequence[tuple[float, Point]]) -> list[list[tuple[float, float]]]:
    """Return the parts of a line without a gap that have more than one point."""
    runs: list[list[tuple[float, float]]] = [[]]
    for seconds, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((seconds, value))
    return [run for run in runs if len(run) > 1]
