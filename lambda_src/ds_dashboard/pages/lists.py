"""The pages of lists: a project, a metric in all spokes, all spokes, and failures by cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ds_dashboard.pages import cells, figures, refresh, svg, urls
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Filter, Index, Row, environment_order, instant, is_production
from ds_dashboard.pages.model import SpokeRow
from ds_dashboard.pages.overview import (
    DOCTOR,
    Link,
    anchor,
    command,
    environment_links,
    family_title,
    orders,
    page_start,
    pager,
    printable,
)
from ds_dashboard.pages.refresh import Wanted
from ds_dashboard.states import WITH_FAILURES, State
from ds_dashboard.text import has_words, pluralize, visible

ReadRecent = Callable[[Sequence[Key]], Recent]

_ROWS = 60
# Of one cause, of all causes of a page, and causes.
_MOST_SPOKES, _MOST_LINKS, _MOST_CAUSES = 200, 4000, 200
_MOST_CELLS, _MOST_SPARKLINES = 2000, 300
_MOST_THRESHOLDS = 1000
_SPOKE_STATES = {"ok": "fresh", "silent": "silent", "not registered": "stale", WITH_FAILURES: "failing"}


def project_page(
    index: Index, name: str, query: Mapping[str, str], recent: ReadRecent, now: datetime
) -> dict[str, Any] | None:
    """Return what the page of a project shows: its metrics, by family, with a column for each environment."""
    every = index.rows(Filter(project=name), "metric", 0, 100_000) if name else []  # an empty filter selects all
    if not every:
        return None
    environments = sorted({row.series.environment for row in every}, key=environment_order)
    metrics = sorted({(row.family, row.series.metric) for row in every})
    size = max(1, _MOST_CELLS // len(environments))
    start = page_start(query, len(metrics), size)
    shown = set(metrics[start : start + size])
    rows = [row for row in every if (row.family, row.series.metric) in shown]
    points = recent([cells.key(row.series) for row in rows[:_MOST_SPARKLINES]])
    by_family: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        made = cells.cell(row, points.get(cells.key(row.series), ()), now, width=72 if len(environments) <= 4 else 44)
        by_family.setdefault(row.family, {}).setdefault(row.series.metric, {})[row.series.environment] = made
    return {
        "name": visible(name),
        "environments": environments,
        "families": [
            (
                family_title(family),
                [
                    (visible(metric), urls.metric(metric), [found.get(one) for one in environments])
                    for metric, found in found_by_metric.items()
                ],
            )
            for family, found_by_metric in sorted(by_family.items())
        ],
        "pager": pager(
            "metric", len(metrics), start, size, lambda one: urls.with_query(urls.project(name), {"page": one})
        )
        if len(metrics) > size
        else None,
        "spokes": [spoke_line(one, now) for one in index.snapshot.spokes if one.project == name],
        "command": command(Filter(project=name), index),
        "refresh": Wanted(project=name),
    }


def metric_page(
    index: Index, name: str, query: Mapping[str, str], recent: ReadRecent, now: datetime
) -> dict[str, Any] | None:
    """Return what the page of a metric shows: its value in every spoke, sorted, and their distribution."""
    chosen = Filter(metric=name, environment=query.get("env", ""))
    every = index.rows(Filter(metric=name), "value", 0, 100_000) if name else []  # an empty filter selects all
    if not every:
        return None
    order = query.get("sort", "") if query.get("sort") in ("value", "change", "spoke", "age") else "value"
    total = index.count(chosen)
    start = page_start(query, total, _ROWS)
    rows = index.rows(chosen, order, start, _ROWS)
    points = recent([cells.key(row.series) for row in rows])
    numbers = [
        row.series
        for row in every
        if isinstance(row.series.value, Decimal)
        and (not chosen.environment or row.series.environment == chosen.environment)
    ]
    values = [float(one.value) for one in numbers if isinstance(one.value, Decimal)]
    old = sum(not one.state.is_current for one in numbers)
    unit = next((row.series.unit for row in every if row.series.unit), None)

    def address(**parts: str | int | None) -> str:
        kept = {key: query.get(key, "")[:200] for key in ("env", "sort")}
        return urls.with_query("/metric", {"name": name, **kept, **parts})

    largest = max(map(abs, values), default=0.0)

    def bar_of(value: Decimal | str | None) -> str:
        if not isinstance(value, Decimal) or not largest:
            return ""
        return svg.bar(abs(float(value)) / largest, f"{shown(float(value))} of {shown(largest)}", width=240)

    def shown(value: float) -> str:
        return str(figures.figure(Decimal(str(value)), unit))

    description = index.description(name)
    return {
        "name": visible(name),
        "description": visible(description.text),
        "family": family_title(description.family),
        "family_href": urls.with_query("/", {"family": description.family}),
        "table": {
            "lines": [
                (
                    row,
                    cells.cell(row, points.get(cells.key(row.series), ()), now, width=108),
                    cells.passed(row.series, now),
                    bar_of(row.series.value),
                )
                for row in rows
            ],
            "orders": orders(("value", "change", "spoke", "age"), order, lambda one: address(sort=one)),
        },
        "environments": environment_links(
            sorted({row.series.environment for row in every}, key=environment_order),
            chosen.environment,
            lambda one: address(env=one),
        ),
        "pager": pager("spoke", total, start, _ROWS, lambda one: address(page=one)),
        "distribution": svg.distribution(values, f"{visible(name)} in {len(values)} spokes"),
        "spokes": pluralize(len(values), "spoke"),
        "ends": (shown(min(values)), shown(max(values))) if values else ("", ""),
        "summed": visible(chosen.environment) or "all spokes",
        "old": f", with {pluralize(old, 'old value')}" if old else "",
        "sum": shown(sum(values)) if values and unit in ("Count", "USD", "Seconds", "Bytes") else "",
        "command": command(chosen, index),
        "refresh": refresh.offered(Wanted(metric=name, environment=chosen.environment)),
    }


def spoke_line(one: SpokeRow, now: datetime) -> dict[str, Any]:
    """Return a spoke as a line of a table."""
    return {
        "spoke": f"{visible(one.project)}/{visible(one.environment)}",
        "href": urls.with_query(urls.project(one.project), {}),
        "project": visible(one.project),
        "environment": visible(one.environment),
        "is_production": is_production(one.environment),
        "state": _SPOKE_STATES.get(_state(one), "stale"),
        "state_text": _state(one),
        "account": visible(one.account),
        "region": visible(one.region),
        "age": figures.ago(now - one.last_seen) if one.last_seen else "never",
        "seen": f"{one.last_seen:%Y-%m-%d %H:%M} UTC" if one.last_seen else "",
        "emitted": "" if one.emitted is None else f"{one.emitted:,}",
        "failed": "" if one.failed is None else one.failed,
        "metrics": "" if one.metrics is None else f"{one.metrics:,}",
        "package": visible(one.package_version or ""),
        "schedule": visible(one.schedule or ""),
    }


def _state(one: SpokeRow) -> str:
    return WITH_FAILURES if one.state == "ok" and one.failed else one.state


def spokes_page(index: Index, query: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return what the page of spokes shows: those that need attention first."""
    words, state = query.get("q", "")[:200], query.get("state", "")
    every = index.snapshot.spokes
    found = [
        one
        for one in every
        if (not state or _state(one) == state)
        and has_words(words, f"{one.project}/{one.environment}", one.account, one.region)
    ]
    found.sort(key=lambda one: (one.state == "ok", not one.failed, one.project, environment_order(one.environment)))
    start = page_start(query, len(found), _ROWS)

    def address(**parts: str | int | None) -> str:
        return urls.with_query("/spokes", {"q": words, "state": state[:200], **parts})

    asked = [*(["--state", state] if state else []), *(["--search", words] if words else [])]
    counts: dict[str, int] = {}
    for one in every:
        counts[_state(one)] = counts.get(_state(one), 0) + 1
    return {
        "words": words,
        "state": state,
        "lines": [spoke_line(one, now) for one in found[start : start + _ROWS]],
        "states": [
            Link(
                name,
                address(state=None if state == name else name),
                state == name,
                count,
                _SPOKE_STATES.get(name, "stale"),
            )
            for name, count in sorted(counts.items(), key=lambda one: (one[0] == "ok", one[0] == WITH_FAILURES, one[0]))
        ],
        "pager": pager("spoke", len(found), start, _ROWS, lambda one: address(page=one)),
        "command": printable(["ds-dashboard", "spokes", *asked]) if not state or state in _SPOKE_STATES else [],
    }


def failures_page(index: Index, now: datetime) -> dict[str, Any]:
    """Return what the page of failures shows: one card for each cause, with its message once and its spokes."""
    cards, causes = [], index.causes(Filter())
    rows_of: dict[tuple[str, str], list[Row]] = {}
    for row in index.rows(Filter(state=State.FAILING.word), "spoke", 0, 100_000):
        rows_of.setdefault((row.series.metric, row.series.error_type), []).append(row)
    most = min(_MOST_SPOKES, _MOST_LINKS // max(1, min(len(causes), _MOST_CAUSES)))
    for metric, error_type, count, since in causes[:_MOST_CAUSES]:
        rows = rows_of.get((metric, error_type), [])
        messages = {row.series.error_message for row in rows}
        begun = instant(since)
        cards.append(
            {
                "id": anchor(metric, error_type),
                "metric": visible(metric),
                "href": urls.metric(metric),
                "error_type": visible(error_type),
                "count": pluralize(count, "spoke"),
                "since": begun,
                "had_values": any(row.series.time == begun for row in rows),
                "age": figures.age(now - begun) if begun else "",
                "messages": sorted(visible(one) for one in messages)[:3],
                "more_messages": max(0, len(messages) - 3),
                "spokes": [
                    (f"{visible(row.series.project)}/{visible(row.series.environment)}", cells.cell(row, (), now).href)
                    for row in rows[:most]
                ],
                "more_spokes": max(0, count - most),
            }
        )
    more = max(0, len(causes) - _MOST_CAUSES)
    return {
        "cards": cards,
        "more": more,
        "doctor": list(DOCTOR),
        "command": ["ds-dashboard", "spokes", "--failures"],
    }


def thresholds_page(index: Index, now: datetime) -> dict[str, Any]:
    """Return what the page of thresholds shows: every series that has one, those that have crossed it first."""
    return {
        "lines": [
            {
                "cell": cells.cell(row, (), now),
                "project": visible(row.series.project),
                "environment": visible(row.series.environment),
                "is_production": is_production(row.series.environment),
                "metric": visible(row.series.metric),
                "below": "" if row.series.below is None else str(figures.figure(row.series.below, row.series.unit)),
                "above": "" if row.series.above is None else str(figures.figure(row.series.above, row.series.unit)),
                "since": row.series.crossed,
            }
            for row in index.with_limits(_MOST_THRESHOLDS)
        ],
        "more": max(0, index.count_with_limits() - _MOST_THRESHOLDS),
        "command": ["ds-dashboard", "latest", "--thresholds"],
    }
