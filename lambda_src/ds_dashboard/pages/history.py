"""The page of a series: its history as a plot and a table, what it is split into, and where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

from ds_dashboard import dates, shell
from ds_dashboard.pages import cells, figures, plot, refresh, svg, urls
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Filter, Index, environment_order
from ds_dashboard.pages.model import Period, Point, Series, Unread
from ds_dashboard.pages.overview import DOCTOR, Link, printable
from ds_dashboard.pages.refresh import Wanted
from ds_dashboard.pages.svg import Svg
from ds_dashboard.states import State
from ds_dashboard.text import visible

ReadHistory = Callable[[Key, datetime, datetime], Sequence[Point]]

RANGES = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
_DEFAULT = "30d"
_MAX_VALUES = 200
_MAX_PARTS = 12
# Before now, in days: what the newest value is compared with. Values of the day before that instant count.
_AGAINST = (1, 7, 30)
_WITHIN = timedelta(hours=26)
# States that need no mark beside an environment.
_UNMARKED = (State.FRESH, State.NOTHING)


def period_of(query: Mapping[str, str], now: datetime) -> Period:
    """Return the period in a query: `range`, or `since` and `until` as dates."""
    since, until = _date(query.get("since", "")), _date(query.get("until", ""))
    if since is not None:
        end = min(until + timedelta(days=1), now) if until and until < now else now  # 9999-12-31 has no next day
        if since < end:
            return Period("", since, end)
    name = query.get("range", _DEFAULT)
    days = RANGES.get(name)
    if days is None:
        name, days = _DEFAULT, RANGES[_DEFAULT]
    return Period(name, now - timedelta(days=days), now)


def read_until(period: Period, now: datetime) -> datetime:
    """Return the end of what a page reads: a value whose clock is ahead is in a period that ends now."""
    return now + dates.TOLERANCE if period.until >= now else period.until


def _invalid_period(query: Mapping[str, str], period: Period) -> str:
    """Return what is wrong with the dates in a query; empty if nothing is."""
    asked = " to ".join(visible(query.get(name, "")[:20]) or "…" for name in ("since", "until"))
    if asked == "… to …" or not period.name:
        return ""
    return f"{asked} is not a valid period in the past. The last {RANGES[period.name]} days are shown."


def _date(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def series_page(
    index: Index,
    key: Key,
    query: Mapping[str, str],
    read: ReadHistory,
    recent: Callable[[Sequence[Key]], Recent],
    now: datetime,
) -> dict[str, Any] | None:
    """Return what the page of a series shows; None if there is no such series.

    Args:
        index: the snapshot.
        key: project, environment and metric.
        query: the query of the address.
        read: reads the values of a series in a period, oldest first; `Unread` is shown in their place.
        recent: reads the last values of other series.
        now: the instant from which ages are measured.
    """
    project, environment, metric = key
    found = index.find(*key)
    if found is None:
        return None
    series, period = found.series, period_of(query, now)
    siblings = [
        row
        for row in index.rows(Filter(project=project, metric=metric), "spoke", 0, 100)
        if row.series.environment != environment
    ]
    siblings.sort(key=lambda row: environment_order(row.series.environment))
    compared = query.get("compare") == "1"
    points: Sequence[Point] = ()
    before: Sequence[Point] = ()
    others: dict[str, Sequence[Point]] = {}
    unread = ""
    try:
        until = read_until(period, now)
        # With what the newest value is compared with.
        since = period.since if until < now else min(period.since, now - timedelta(days=max(_AGAINST)) - _WITHIN)
        before = read(key, since, until)
        points = [one for one in before if one.time >= period.since]
        for row in siblings if compared else ():
            others[row.series.environment] = read(cells.key(row.series), period.since, until)
    except Unread as error:
        unread = str(error)
    points_of = recent([cells.key(row.series) for row in siblings])
    description = index.description(metric)

    kept = {name: query.get(name) for name in ("range", "since", "until", "compare")}

    def address(**parts: str | None) -> str:
        return urls.series(project, environment, metric, **{**kept, **parts})

    states = {environment: series.state, **{row.series.environment: row.series.state for row in siblings}}
    numbers = [one for one in points if isinstance(one.value, Decimal)]
    is_text = bool(points) and not numbers
    spoke = next(
        (one for one in index.snapshot.spokes if (one.project, one.environment) == (project, environment)), None
    )
    return {
        "series": series,
        "name": visible(metric),
        "description": visible(description.text),
        "state": series.state.word,
        "figure": figures.figure(series.value, series.unit) if isinstance(series.value, Decimal) else None,
        "text": "–" if series.value is None else cells.text(str(series.value)),
        "title": cells.title(series, now),
        "age": figures.ago(now - series.time) if series.time else "no value yet",
        "period": period,
        "unread": unread,
        "crumbs": [Link("Overview", "/", False), Link(visible(project), urls.project(project), False)],
        "environments": [
            Link(
                visible(one),
                urls.series(project, one, metric, **kept),
                one == environment,
                state="" if states[one] in _UNMARKED else states[one].word,
            )
            for one in sorted(states, key=environment_order)
        ],
        "ranges": [Link(one, address(range=one, since=None, until=None), one == period.name) for one in RANGES],
        "compare": Link("other environments", address(compare=None if compared else "1"), compared)
        if siblings
        else None,
        "is_text": is_text,
        "plot": plot.drawing(series, points, period, others, now) if not is_text else Svg(),
        "data": plot.data(series, points, period, others, now) if not is_text else {},
        "band": plot.band(series, points, period, now) if is_text else Svg(),
        "changes": _text_changes(points) if is_text else [],
        "strip": [
            *_strip(numbers, series, now if period.until >= now else None),
            *_compared(before, series, period, now),
        ]
        if numbers
        else [],
        "invalid_period": _invalid_period(query, period),
        "legend": [visible(name) for name in (environment, *others)] if others else [],
        "values": _value_lines(points, now if period.until >= now else None),
        "more_values": max(0, len(points) - _MAX_VALUES),
        "parts_of": _parts(points, series),
        "siblings": [
            (row, cells.cell(row, points_of.get(cells.key(row.series), ()), now, width=72)) for row in siblings
        ],
        "spoke": spoke,
        "seen": figures.ago(now - spoke.last_seen) if spoke and spoke.last_seen else "never",
        "refresh_id": visible(points[-1].refresh_id) if points and points[-1].time == series.time else "",
        "metric_href": urls.metric(metric),
        "command": _command(key, period, now, compared),
        "refresh": refresh.offered(Wanted(metric, project, environment)),
        "doctor": list(DOCTOR) if series.state in (State.FAILING, State.SILENT) else [],
        "export": {kind: address(format=kind) for kind in ("csv", "json")},
    }


def _command(key: Key, period: Period, now: datetime, compared: bool) -> list[str]:
    project, environment, metric = key
    options = ["--projects", project]
    if not compared:
        options += ["--environments", environment]
    if period.name:
        options += ["--since", "365d" if period.name == "1y" else period.name]
    else:
        options += ["--since", period.since.date().isoformat()]
        # A period that includes today ends now, and not when the day began.
        if period.until < now:
            options += ["--until", period.until.date().isoformat()]
    return printable(["ds-dashboard", "history", *shell.arguments(metric, options)])


def _value_lines(points: Sequence[Point], now: datetime | None) -> list[dict[str, Any]]:
    """Return the values, newest first, with a line where values are missing: also after the last one, until `now`."""
    step = cells.usual_step(points)
    lines: list[dict[str, Any]] = []
    after = now
    shown = points[-_MAX_VALUES:]
    for one, before in zip(shown[::-1], [*points[-len(shown) - 1 : -1][::-1], None], strict=False):
        if step and after is not None and after - one.time > 1.75 * step:
            lines.append(_missing_line(one.time, after, step))
        lines.append(_value_line(one, before))
        after = one.time
    return lines


def _missing_line(since: datetime, until: datetime, step: timedelta) -> dict[str, Any]:
    first, last = since + step, max(since + step, until - step)
    days = [f"{one:%Y-%m-%d}" for one in (first, last)]
    count = max(1, round((until - since) / step) - 1)
    return {
        "missing": "no value" if count == 1 else f"no value, {count:,} missing",
        "days": days[0] if days[0] == days[1] else " to ".join(days),
    }


def _value_line(one: Point, before: Point | None) -> dict[str, Any]:
    written = dates.format_instant(one.time)
    both = before is not None and isinstance(one.value, Decimal) and isinstance(before.value, Decimal)
    difference = one.value - before.value if both else None  # type: ignore[operator, union-attr]
    return {
        "instant": one.time.isoformat(),
        "seconds": f"{written[:10]} {written[11:19]}",
        "fraction": written[19:26],
        "missing": "",
        "value": _grouped(one.value) if isinstance(one.value, Decimal) else cells.text(one.value),
        "change": "" if not difference else _grouped(difference, "+"),
        "refresh_id": visible(one.refresh_id),
    }


def _grouped(value: Decimal, sign: str = "") -> str:
    """Return a number with all its digits, in groups of three; the sign and the power of ten as in figures."""
    if abs(value.adjusted()) >= cells.MAX_DIGITS:
        return f"{value:{sign}e}".replace("e+", "e").replace("-", "−")
    return f"{value:{sign},f}".replace("-", "−")


def _text_changes(points: Sequence[Point]) -> list[dict[str, Any]]:
    lines = []
    before: object = None
    for one in points:
        if one.value != before:
            lines.append({"time": one.time, "value": cells.text(str(one.value))})
            before = one.value
    return lines[::-1]


def _strip(numbers: Sequence[Point], series: Series, now: datetime | None) -> list[tuple[str, str, str]]:
    """Return name, figure and exact value of the figures below the plot; with `now`, a gap may end there."""
    values = [one.value for one in numbers if isinstance(one.value, Decimal)]

    def shown(name: str, value: Decimal) -> tuple[str, str, str]:
        return name, str(figures.figure(value, series.unit)), cells.exact(value)

    strip = [
        shown("lowest", min(values)),
        shown("median", Decimal(str(median(values)))),
        shown("highest", max(values)),
        ("values", f"{len(values):,}", ""),
    ]
    step = cells.usual_step(numbers)
    if step:
        times = [*(one.time for one in numbers), *([now] if now else [])]
        gaps = sum(1 for before, after in pairwise(times) if after - before > 1.75 * step)
        strip.append(("gaps", f"{gaps:,}", ""))
    return strip


def _compared(points: Sequence[Point], series: Series, period: Period, now: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield with what the newest value is compared; nothing if it is not the present one."""
    *before, newest = points
    if period.until < now or not series.state.is_current or not isinstance(newest.value, Decimal):
        return
    for days in _AGAINST:
        end = now - timedelta(days=days)
        found = next((one.value for one in reversed(before) if end - _WITHIN < one.time <= end), None)
        if isinstance(found, Decimal):
            changed = figures.change(found, newest.value)
            has_sign = changed.text.startswith(("+", "−"))
            arrow = "" if has_sign else {1: "▲ ", -1: "▼ ", 0: ""}[changed.direction]
            yield f"against {days} d ago", f"{arrow}{changed.text}", cells.exact(found)


def _parts(points: Sequence[Point], series: Series) -> dict[str, Any] | None:
    """Return the breakdown of the newest value by the first dimension, with its share and its history."""
    newest = next((one for one in reversed(points) if one.breakdown), None)
    if newest is None:
        return None
    totals = _by_dimensions(newest)
    largest = max((abs(value) for value in totals.values()), default=Decimal(0))
    whole = sum(totals.values(), Decimal(0))
    rows = sorted(totals.items(), key=lambda one: abs(one[1]), reverse=True)
    history: dict[str, list[float | None]] = defaultdict(list)
    for one in points[-cells.SPARK_POINTS :]:
        parts = _by_dimensions(one)
        for name, _ in rows[:_MAX_PARTS]:
            history[name].append(float(parts[name]) if name in parts else None)
    return {
        "names": " / ".join(visible(str(name)) for name in _names(newest)),
        "rows": [
            {
                "name": visible(name),
                "figure": str(figures.figure(value, series.unit)),
                "exact": cells.exact(value),
                "share": f"{round(float(value / whole) * 100)}%" if whole > 0 and value >= 0 else "",
                "bar": svg.bar(float(abs(value) / largest) if largest else 0.0, f"{visible(name)}: {value}", width=28),
                "spark": svg.sparkline(history[name], f"{visible(name)} over time", width=32),
            }
            for name, value in rows[:_MAX_PARTS]
        ],
        "more": max(0, len(rows) - _MAX_PARTS),
    }


def _names(point: Point) -> list[str]:
    first: Any = point.breakdown[0]
    dimensions = first.get("Dimensions") if isinstance(first, Mapping) else None
    return sorted(dimensions) if isinstance(dimensions, Mapping) else []


def _by_dimensions(point: Point) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in point.breakdown:
        dimensions, value = row.get("Dimensions"), row.get("Value")
        if isinstance(dimensions, Mapping) and isinstance(value, Decimal):
            name = " / ".join(str(dimensions[one]) for one in sorted(dimensions))
            found[name] = found.get(name, Decimal(0)) + value
    return found
