"""The site: which view an address shows. Its server and the widget of a dashboard answer with the same pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from ds_dashboard.pages import history, lists, overview, render, urls
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Filter, Index
from ds_dashboard.pages.model import Point
from ds_dashboard.pages.overview import Link

NOT_FOUND = "What was read has no such project, spoke or metric. It may be gone, or not have reported yet."
UNREAD = "The newest values could not be read, so nobody knows whether there is such a project, spoke or metric."


class Reads(Protocol):
    """What pages read beside the snapshot. Of the errors of a read, only `Unread` is raised, and only by `history`."""

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Return the last values of series, oldest first."""

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return the values of a series in a period, oldest first."""

    def now(self) -> datetime:
        """Return the instant from which ages are measured."""


class Page(NamedTuple):
    """A page: its template, what it shows, and whether there is such a page at all."""

    template: str
    view: Mapping[str, Any]
    is_found: bool = True


def page(address: str, index: Index, reads: Reads) -> Page:
    """Return the page of an address, such as `/metric?name=Jobs`.

    Args:
        address: the path and the query, quoted. What is wrong with it gives the page "not found".
        index: the snapshot.
        reads: reads histories.
    """
    path, query = urls.parse(address)
    now = reads.now()
    match path:
        case ("",):
            return Page("overview.html", overview.overview(index, query, reads.recent, now))
        case ("spokes",):
            return Page("spokes.html", lists.spokes_page(index, query, now))
        case ("failures",):
            return Page("failures.html", lists.failures_page(index, now))
        case ("thresholds",):
            return Page("thresholds.html", lists.thresholds_page(index, now))
        case ("project", name):
            return _found("project.html", lists.project_page(index, name, query, reads.recent, now), index)
        case ("metric",):
            view = lists.metric_page(index, query.get("name", ""), query, reads.recent, now)
            return _found("metric.html", view, index)
        case ("series", project, environment):
            key = (project, environment, query.get("metric", ""))
            view = history.series_page(index, key, query, reads.history, reads.recent, now)
            return _found("series.html", view, index)
    return _found("", None, index)


def _found(template: str, view: Mapping[str, Any] | None, index: Index) -> Page:
    if view is None:
        return Page(
            "message.html",
            {"heading": "Not found", "text": NOT_FOUND if index.snapshot.has_series else UNREAD},
            is_found=False,
        )
    return Page(template, view)


def frame(address: str, index: Index) -> dict[str, Any]:
    """Return what every page shows beside its own view: the hub, the time of the read, and the navigation."""
    path = address.partition("?")[0]
    failing = index.count(Filter(state="failing"))
    crossed = sum(count for _, _, count in index.crossed())
    snapshot = index.snapshot
    return {
        "layout": "base.html",
        "snapshot": snapshot,
        "here": address,
        "keys": render.KEYS,
        "banners": (),
        "requested": (),
        "command": [],
        "is_static": False,
        "navigation": [
            Link("Overview", "/", path == "/"),
            Link("Spokes", "/spokes", path == "/spokes", len(snapshot.spokes) if snapshot.has_spokes else None),
            Link(
                "Failures",
                "/failures",
                path == "/failures",
                failing if snapshot.is_complete else None,
                "failing" if failing else "",
            ),
            Link("Thresholds", "/thresholds", path == "/thresholds", crossed if snapshot.has_series else None),
        ],
    }
