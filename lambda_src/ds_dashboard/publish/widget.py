"""The widget of the hub's dashboard: each call of the console is a page, and so is each action on it.

The event is what the dashboard or an action says (`address`, `fields`), with the `widgetContext` that the console adds.
Whoever may invoke the function may send anything: what is wrong with an event gives the overview.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from ds_dashboard.client.errors import is_denied
from ds_dashboard.pages import site, urls, widget
from ds_dashboard.publish.last_read import READ_ERRORS, LastRead, explain, missing_resource

_logger = logging.getLogger(__name__)
# A function that is called again within this time answers from what it has read.
MAX_AGE = timedelta(minutes=1)
# A search for 200 characters has 2,400 with their escapes.
_MAX_ADDRESS, _MAX_FIELD, _MAX_FIELDS = 8192, 200, 10
# Of Lambda, for an answer as JSON. Beyond it, the console would show an error of Lambda.
_MAX_ANSWER = 6 * 2**20
DESCRIPTION = """\
## What goes on in the accounts of a hub

The newest value of every metric, what needs attention, and what changed most. Links open the history of a series, a
project, a metric, the spokes, the failures and the thresholds.

The parameter `address` is the page that is shown first, as in `ds-dashboard web`: `/` (the default), `/failures`,
`/project/Project1`, `/?family=cost`.
"""


class Request(NamedTuple):
    """What an event asks for.

    Attributes:
        address: of the page.
        theme: of the console, `light` or `dark`.
        is_read: whether to read the hub again first.
    """

    address: str
    theme: str
    is_read: bool


def request_of(event: Any) -> Request:
    """Return what an event asks for; the overview if it is not valid."""
    context = _part(event, "widgetContext")
    address = _text(_part(event, "address")).partition("#")[0]
    if not address.startswith("/") or len(address) > _MAX_ADDRESS:
        address = "/"
    path, query = address.partition("?")[0], urls.parse(address)[1]
    is_read = query.pop("read", None) is not None
    given, names = _part(_part(context, "forms"), "all"), _part(event, "fields")
    for name in names[:_MAX_FIELDS] if isinstance(names, list) else ():
        text = _part(given, name) if isinstance(name, str) else None
        if isinstance(text, str):
            query[_text(name)[:_MAX_FIELD]] = _text(text)[:_MAX_FIELD]
    theme = _part(context, "theme")
    return Request(urls.with_query(path, query), theme if theme in widget.THEMES else "light", is_read)


def answer(last_read: LastRead, event: Any, endpoint: str) -> str:
    """Return the HTML of the page that an event asks for.

    Args:
        last_read: the last read of the hub, which earlier calls have left.
        event: what the function was called with.
        endpoint: the function's ARN, which actions call.
    """
    asked = request_of(event)
    try:
        if (
            not last_read.has_read
            or asked.is_read
            or last_read.now() - last_read.held().content.snapshot.read_at > MAX_AGE
        ):
            last_read.read()
        index = last_read.held().content
    except READ_ERRORS as error:
        return unread(for_functions(error), event, endpoint)
    page = site.page(asked.address, index, last_read)
    frame = {**site.frame(asked.address, index), "banners": last_read.held().banners}
    html = widget.html(page.template, {**frame, **page.view}, asked.address, asked.theme, endpoint)
    size = len(json.dumps(html))
    if size <= _MAX_ANSWER:
        return html
    text = (
        f"It has {size / 2**20:.1f} MB, and a function answers with at most 6 MB. Search for fewer values, look at "
        "them as a list, or open the page with `ds-dashboard web`."
    )
    view = {"heading": "This page is too large for a widget", "text": text, "home": "/?view=list"}
    return widget.html("message.html", {**frame, **view}, asked.address, asked.theme, endpoint)


def unread(text: str, event: Any, endpoint: str) -> str:
    """Return the HTML that says why the hub cannot be read; the arguments are those of `answer`."""
    asked = request_of(event)
    view = {**_NO_FRAME, "heading": "The hub cannot be read", "text": text, "snapshot": None}
    return widget.html("message.html", view, asked.address, asked.theme, endpoint)


def for_functions(error: Exception) -> str:
    """Return what could not be read, and what to do: not by the reader, whose permissions are not used."""
    if is_denied(error):
        call = getattr(error, "operation_name", "AWS")
        text = f"The role of the widget may not call {call}. Run `ds-dashboard doctor`, or apply the hub again."
    elif missing := missing_resource(error):
        text = f"The {missing} does not exist. Apply the hub again."
    else:
        text = explain(error)
    # Only viewers see it otherwise, and Lambda counts no error.
    _logger.error("the hub was not read", extra={"event": "unread", "reason": text})
    return text


_NO_FRAME: Mapping[str, Any] = {"banners": (), "command": [], "navigation": ()}


def _text(value: Any) -> str:
    """Return a text, without the halves of characters that JSON can have and UTF-8 cannot; empty if it is none."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
