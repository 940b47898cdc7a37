"""Addresses of pages. The address is the state: each filter, order, range and page has its place in it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode

from ds_dashboard.pages.index import Filter

_FILTER = {"q": "words", "env": "environment", "state": "state", "family": "family"}


def parse(address: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the parts of an address: those of its path, without quotes, and its query."""
    path, _, query = address.partition("?")
    return tuple(unquote(part) for part in path.removeprefix("/").split("/")), dict(parse_qsl(query))


def filter_of(query: Mapping[str, str]) -> Filter:
    """Return the filter in the query of an address."""
    return Filter(**{name: query.get(key, "")[:200] for key, name in _FILTER.items()})


def with_query(path: str, query: Mapping[str, str | int | None]) -> str:
    """Return a path with the parts of a query that have a value."""
    given = {key: value for key, value in query.items() if value not in (None, "", 0)}
    return f"{path}?{urlencode(given)}" if given else path


def series(project: str, environment: str, metric: str, **query: str | None) -> str:
    """Return the address of a series' page. The metric's name is in the query, because it may have slashes."""
    return with_query(f"/series/{quote(project, safe='')}/{quote(environment, safe='')}", {"metric": metric, **query})


def project(name: str) -> str:
    """Return the address of a project's page."""
    return f"/project/{quote(name, safe='')}"


def metric(name: str, **query: str | None) -> str:
    """Return the address of the page of all spokes of a metric."""
    return with_query("/metric", {"name": name, **query})
