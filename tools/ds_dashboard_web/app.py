"""The application: each address is a view of `ds_dashboard.pages`, made from the last read of the hub."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ds_dashboard.pages import history, lists, overview, render
from ds_dashboard.pages.index import Filter
from ds_dashboard.pages.overview import Link
from ds_dashboard_web import exports
from ds_dashboard_web.state import READ_ERRORS, State, explain

_ASSETS = {
    "style.css": (render.ASSETS / "style.css", "text/css"),
    "app.js": (Path(__file__).parent / "assets" / "app.js", "text/javascript"),
    "plot.js": (Path(__file__).parent / "assets" / "plot.js", "text/javascript"),
    "uplot.js": (Path(__file__).parent / "assets" / "uplot" / "uPlot.iife.min.js", "text/javascript"),
    "uplot.css": (Path(__file__).parent / "assets" / "uplot" / "uPlot.min.css", "text/css"),
}
_MAX_FORM = 8192
View = dict[str, Any] | None


def application(state: State) -> Starlette:
    """Return the application.

    Args:
        state: the last read of the hub.
    """
    pages = Pages(state)
    return Starlette(
        routes=[
            Route("/", pages.overview),
            Route("/series/{project}/{environment}", pages.series),
            Route("/project/{name}", pages.project),
            Route("/metric", pages.metric),
            Route("/spokes", pages.spokes),
            Route("/failures", pages.failures),
            Route("/thresholds", pages.thresholds),
            Route("/read", pages.read, methods=["POST"]),
            Route("/assets/{name}", asset),
            Route("/favicon.ico", lambda _: Response(status_code=204)),
        ],
        exception_handlers={HTTPException: pages.not_found, 500: pages.failed},
    )


class Pages:
    """The pages. Starlette runs methods that are not asynchronous in threads, where they may wait for AWS."""

    def __init__(self, state: State) -> None:
        self._state, self._now = state, state.now

    def overview(self, request: Request) -> Response:
        """Answer with the overview."""
        query = dict(request.query_params)
        return self._page(
            request,
            "overview.html",
            lambda index: overview.overview(index, query, self._state.recent, self._now()),
        )

    def series(self, request: Request) -> Response:
        """Answer with the page of a series, or with its values as a file."""
        query = dict(request.query_params)
        key = (request.path_params["project"], request.path_params["environment"], query.get("metric", ""))
        if query.get("format") in exports.FORMATS:
            period = history.period_of(query, self._now())
            points = self._state.history(key, period.since, period.until)
            kind = query["format"]
            headers = {"Content-Disposition": f'attachment; filename="history.{exports.SUFFIX[kind]}"'}
            return StreamingResponse(
                exports.lines(kind, key, points), media_type=exports.FORMATS[kind], headers=headers
            )
        return self._page(
            request,
            "series.html",
            lambda index: history.series_page(index, key, query, self._state.history, self._state.recent, self._now()),
        )

    def project(self, request: Request) -> Response:
        """Answer with the page of a project."""
        name = request.path_params["name"]
        return self._page(
            request,
            "project.html",
            lambda index: lists.project_page(index, name, self._state.recent, self._now()),
        )

    def metric(self, request: Request) -> Response:
        """Answer with the page of a metric."""
        query = dict(request.query_params)
        return self._page(
            request,
            "metric.html",
            lambda index: lists.metric_page(index, query.get("name", ""), query, self._state.recent, self._now()),
        )

    def spokes(self, request: Request) -> Response:
        """Answer with the page of spokes."""
        query = dict(request.query_params)
        return self._page(request, "spokes.html", lambda index: lists.spokes_page(index, query, self._now()))

    def failures(self, request: Request) -> Response:
        """Answer with the page of failures."""
        return self._page(request, "failures.html", lambda index: lists.failures_page(index, self._now()))

    def thresholds(self, request: Request) -> Response:
        """Answer with the page of thresholds."""
        return self._page(request, "thresholds.html", lambda index: lists.thresholds_page(index, self._now()))

    async def read(self, request: Request) -> Response:
        """Read the hub again, and return to the page."""
        body = await request.body()
        back = dict(parse_qsl(body[:_MAX_FORM].decode("utf-8", "replace"))).get("back", "/")
        await run_in_threadpool(self._state.read)
        # Only an address of this server: two slashes would begin with another host.
        return RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303)

    def _page(self, request: Request, template: str, view: Callable[[Any], View]) -> Response:
        try:
            index = self._state.held().content
        except READ_ERRORS as error:
            return PlainTextResponse(explain(error), 502)
        made = view(index)
        if made is None:
            raise HTTPException(404)
        # After the view was made, which may have found that something cannot be read.
        banners = self._state.held().banners
        return HTMLResponse(render.render(template, {**self._frame(request), "banners": banners, **made}))

    def _frame(self, request: Request) -> dict[str, Any]:
        index = self._state.held().content
        failing = index.count(Filter(state="failing"))
        path = request.url.path
        return {
            "snapshot": index.snapshot,
            "version": _version(),
            "here": f"{path}?{request.url.query}" if request.url.query else path,
            "keys": render.KEYS,
            "banners": (),
            "command": [],
            "is_static": False,
            "navigation": [
                Link("Overview", "/", path == "/"),
                Link("Spokes", "/spokes", path == "/spokes", len(index.snapshot.spokes)),
                Link("Failures", "/failures", path == "/failures", failing, "failing" if failing else ""),
                Link("Thresholds", "/thresholds", path == "/thresholds", sum(count for _, _, count in index.crossed())),
            ],
        }

    def not_found(self, request: Request, error: Exception) -> Response:
        """Answer for an address that has no page."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        if status != 404:
            return PlainTextResponse("This is not possible.", status)
        try:
            frame = self._frame(request)
        except READ_ERRORS as unread:
            return PlainTextResponse(explain(unread), 502)
        text = "What was read has no such project, spoke or metric. It may be gone, or not have reported yet."
        return HTMLResponse(
            render.render("message.html", {**frame, "heading": "Not found", "text": text}), status_code=404
        )

    def failed(self, request: Request, error: Exception) -> Response:
        """Answer for a mistake of ours, without a stack trace."""
        return PlainTextResponse(f"{type(error).__name__}: this page cannot be shown. Please report it.", 500)


def asset(request: Request) -> Response:
    """Answer with a file of the pages; its address has the hash of all of them."""
    found = _ASSETS.get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    path, kind = found
    return Response(_content(path), media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _version() -> str:
    whole = b"".join(_content(path) for path, _ in _ASSETS.values())
    return hashlib.sha256(whole).hexdigest()[:8]
