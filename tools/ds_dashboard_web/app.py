"""The application: each address is a view of `ds_dashboard.pages`, made from the last read of the hub."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ds_dashboard.pages import history, refresh, render, site, urls
from ds_dashboard.pages.cells import Key
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Unread
from ds_dashboard.publish.last_read import READ_ERRORS, LastRead, explain
from ds_dashboard_web import exports

_ASSETS = {
    "style.css": (render.ASSETS / "style.css", "text/css"),
    "app.js": (Path(__file__).parent / "assets" / "app.js", "text/javascript"),
    "zone.js": (Path(__file__).parent / "assets" / "zone.js", "text/javascript"),
    "plot.js": (Path(__file__).parent / "assets" / "plot.js", "text/javascript"),
    "uplot.js": (Path(__file__).parent / "assets" / "uplot" / "uPlot.iife.min.js", "text/javascript"),
    "uplot.css": (Path(__file__).parent / "assets" / "uplot" / "uPlot.min.css", "text/css"),
}
_MAX_FORM = 8192


def application(last_read: LastRead) -> Starlette:
    """Return the application.

    Args:
        last_read: the last read of the hub.
    """
    pages = Pages(last_read)
    return Starlette(
        routes=[
            Route("/read", pages.read, methods=["POST"]),
            Route("/refresh", pages.refresh, methods=["POST"]),
            Route("/assets/{name}", asset),
            Route("/favicon.ico", lambda _: Response(status_code=204)),
            Route("/{rest:path}", pages.page),
        ],
        exception_handlers={HTTPException: pages.not_possible, 500: pages.failed},
    )


class Pages:
    """The pages. Starlette runs methods that are not asynchronous in threads, where they may wait for AWS."""

    def __init__(self, last_read: LastRead) -> None:
        self._last_read = last_read

    def page(self, request: Request) -> Response:
        """Answer with the page of an address, or with the values of a series as a file."""
        try:
            index = self._last_read.held().content
        except READ_ERRORS as error:
            return PlainTextResponse(explain(error), 502)
        path, query = urls.parse(_address(request))
        if path[0] == "series" and len(path) == 3 and query.get("format") in exports.FORMATS:
            key = (path[1], path[2], query.get("metric", ""))
            if index.find(*key):
                return self._export(key, query)
        return self._html(_address(request), index, site.page(_address(request), index, self._last_read))

    def _html(self, address: str, index: Index, page: site.Page, status: int = 404) -> Response:
        # After the view was made, which may have found that something cannot be read.
        held = self._last_read.held()
        notes = {"banners": held.banners, "requested": held.requested, "version": _version()}
        html = render.render(page.template, {**site.frame(address, index), **notes, **page.view})
        return HTMLResponse(html, 200 if page.is_found else status)

    def _export(self, key: Key, query: Mapping[str, str]) -> Response:
        now = self._last_read.now()
        period = history.period_of(query, now)
        try:
            points = self._last_read.history(key, period.since, history.read_until(period, now))
        except Unread as error:
            return PlainTextResponse(f"The history could not be read. {error}", 502)
        kind = query["format"]
        headers = {"Content-Disposition": f'attachment; filename="history.{exports.SUFFIX[kind]}"'}
        return StreamingResponse(exports.lines(kind, key, points), media_type=exports.FORMATS[kind], headers=headers)

    async def read(self, request: Request) -> Response:
        """Read the hub again, and return to the page."""
        form = await _form(request)
        await run_in_threadpool(self._last_read.read)
        return _back(form)

    async def refresh(self, request: Request) -> Response:
        """Request fresh values of what the form names, and return to the page, which says whether it was accepted."""
        form = await _form(request)
        return await run_in_threadpool(self._refresh, form)

    def _refresh(self, form: Mapping[str, str]) -> Response:
        try:
            index = self._last_read.held().content
        except READ_ERRORS as error:
            return PlainTextResponse(explain(error), 502)
        wanted = refresh.wanted_of(form.get("wanted", ""), index)
        if wanted is None:
            view = {"heading": "Nothing was requested", "text": site.NOT_FOUND}
            return self._html("/", index, site.Page("message.html", view, is_found=False), 400)
        self._last_read.refresh(wanted)
        return _back(form)

    def not_possible(self, request: Request, error: Exception) -> Response:
        """Answer for a method that an address does not have, and for files that there are not."""
        return PlainTextResponse(
            "This is not possible.", error.status_code if isinstance(error, HTTPException) else 400
        )

    def failed(self, request: Request, error: Exception) -> Response:
        """Answer for a mistake of ours, without a stack trace."""
        return PlainTextResponse(f"{type(error).__name__}: this page cannot be shown. Please report it.", 500)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; none of one that is larger than any of ours."""
    body = await request.body()
    return dict(parse_qsl(body.decode("utf-8", "replace"))) if len(body) <= _MAX_FORM else {}


def _back(form: Mapping[str, str]) -> Response:
    """Return to the page of a form, if it is one of this server: two slashes would begin with another host."""
    back = form.get("back", "/")
    return RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303)


def _address(request: Request) -> str:
    """Return the path and the query as they were sent: a quoted slash belongs to a name."""
    path = request.scope.get("raw_path", b"/").decode("ascii", "replace").partition("?")[0]
    return f"{path}?{request.url.query}" if request.url.query else path


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
