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
# The width of a character in a band of texts, at most.
_CHARACTER = 8
# Lines of other series are told apart by this many dashes, which the style and the plot with JavaScript have as well.
DASHES = 4


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
    height: int = 320,
    ticks: Sequence[tuple[float, str]] = (),
    levels: Sequence[tuple[float, str]] = (),
    band: tuple[float, float] | None = None,
    thresholds: Sequence[tuple[float, str]] = (),
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
        thresholds: values to draw a line at, and what is written on it.
        others: the points of other series to compare with, each with a dash of its own, within the same axes.
    """
    known = [value for _, value in points if value is not None]
    if not known:
        return Svg()
    bottom, top, right = 28, 8, 8
    left = max(64, 16 + 7 * max((len(text) for _, text in levels), default=0))
    begin = min([points[0][0], *(at for at, _ in ticks)])
    end = max([points[-1][0], *(at for at, _ in ticks), *(band or ())])
    low = min([*known, *(value for value, _ in levels)])
    high = max([*known, *(value for value, _ in levels)])

    def x(seconds: float) -> float:
        return left + (width - left - right) * (0.5 if end == begin else (seconds - begin) / (end - begin))

    def y(value: float) -> float:
        return height - bottom - (height - bottom - top) * (0.5 if high == low else (value - low) / (high - low))

    def joined(line: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x(seconds):.1f},{y(number):.1f}" for seconds, number in line)

    parts = [
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label, quote=True)}" '
        'preserveAspectRatio="xMidYMid meet">'
    ]
    if band:
        parts.append(
            f'<rect class="failed" x="{x(band[0]):.1f}" y="{top}" width="{max(1.0, x(band[1]) - x(band[0])):.1f}" '
            f'height="{height - bottom - top}"/>'
            f'<text class="axis end fails" x="{x(band[1]) - 6:.1f}" y="{top + 16}">fails</text>'
        )
    for value, text in levels:
        parts.append(f'<line class="grid" x1="{left}" y1="{y(value):.1f}" x2="{width - right}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="axis end" x="{left - 8}" y="{y(value) + 4:.1f}">{escape(text)}</text>')
    for seconds, text in ticks:
        parts.append(f'<text class="axis middle" x="{x(seconds):.1f}" y="{height - 8}">{escape(text)}</text>')
    if low == 0 and not others:
        # An area that does not begin at zero would say something else than the line above it.
        for run in (run for run in _runs(points) if len(run) > 1):
            parts.append(f'<path class="area" d="M{joined([(run[0][0], 0.0), *run, (run[-1][0], 0.0)])}z"/>')
    # Above the area, which would cover it.
    for limit, text in thresholds:
        if low <= limit <= high:
            parts.append(
                f'<line class="threshold" x1="{left}" y1="{y(limit):.1f}" x2="{width - right}" y2="{y(limit):.1f}"/>'
                # On the side of the values that cross it, where the text of another limit is not.
                f'<text class="axis" x="{left + 6}" y="{y(limit) + (14 if text.startswith("below") else -5):.1f}">'
                f"{escape(text)}</text>"
            )
    for kind, line in [*((f"other of-{number % DASHES}", one) for number, one in enumerate(others)), ("line", points)]:
        drawn = [f"M{joined(run)}" for run in _runs(line) if len(run) > 1]
        if drawn:
            parts.append(f'<path class="{kind}" d="{"".join(drawn)}"/>')
    # A value between two gaps is on no line.
    shown = _runs(points) if len(known) <= 130 else [run for run in _runs(points) if len(run) == 1]
    for kind, run in [
        *(("other point", run) for line in others for run in _runs(line) if len(run) == 1),
        *(("point", run) for run in shown),
    ]:
        parts += [f'<circle class="{kind}" cx="{x(at):.1f}" cy="{y(number):.1f}" r="2.2"/>' for at, number in run]
    return Svg("".join([*parts, "</svg>"]))


def band(
    parts: Sequence[tuple[float, float, str]],
    label: str,
    *,
    begin: float,
    end: float,
    ticks: Sequence[tuple[float, str]] = (),
    failed: tuple[float, float] | None = None,
    width: int = 960,
    height: int = 64,
) -> Svg:
    """Return a band with a part for each text that a series had, the newest one dark.

    Args:
        parts: from, to, and text, oldest first.
        label: what a screen reader says.
        begin: the first instant of the band; instants are in seconds.
        end: the last one.
        ticks: seconds and text of the time axis.
        failed: from and to: when the metric failed.
        width: in units of the drawing, which fits its box.
        height: in the same units.
    """

    def x(seconds: float) -> float:
        return width * min(1.0, max(0.0, (seconds - begin) / (end - begin)))

    drawn = [
        f'<svg class="plot texts" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label, quote=True)}">'
    ]
    if failed:
        drawn.append(
            f'<rect class="failed" x="{x(failed[0]):.1f}" y="4" width="{x(failed[1]) - x(failed[0]):.1f}" height="28"/>'
        )
    for number, (since, until, text) in enumerate(parts):
        kind = "part newest" if all(text == later for _, _, later in parts[number:]) else "part"
        left, wide = x(since), max(2.0, x(until) - x(since) - 2)
        drawn.append(f'<g class="{kind}"><title>{escape(text[:200])}</title>')
        drawn.append(f'<rect x="{left:.1f}" y="4" width="{wide:.1f}" height="28" rx="2"/>')
        room = int((wide - 12) / _CHARACTER)
        if room >= min(3, len(text)):
            shown = text if len(text) <= room else f"{text[: room - 1]}…"
            drawn.append(f'<text x="{left + 6:.1f}" y="22">{escape(shown)}</text>')
        drawn.append("</g>")
    for seconds, text in ticks:
        at = min(max(x(seconds), 20.0), width - 20.0)
        drawn.append(f'<text class="axis middle" x="{at:.1f}" y="{height - 10}">{escape(text)}</text>')
    return Svg("".join([*drawn, "</svg>"]))


def _runs(points: Sequence[tuple[float, Point]]) -> list[list[tuple[float, float]]]:
    """Return the parts of a line without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for seconds, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((seconds, value))
    return [run for run in runs if run]
