"""Pages in a custom widget of a CloudWatch dashboard, which removes scripts and follows no link.

Instead of following a link, the console calls a function with what is in the element `<cwdb-action>` after it, and
shows the answer in the widget. Source: "Custom widgets for your CloudWatch dashboard", Amazon CloudWatch User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from ds_dashboard.pages import render

THEMES = ("light", "dark")
_ROOT = ".ds-dashboard"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# The paper is that of the console.
_PAPER = re.compile(r"@page\s*\{[^}]*\}")
_SELECTORS = re.compile(r"([^{}]+)\{")
_PAGE = re.compile(r"^(:root|html|body)")
_THEME = re.compile(r'\[data-theme="(\w+)"\]')


def html(template: str, view: Mapping[str, Any], address: str, theme: str, endpoint: str) -> str:
    """Return a view as the HTML of a widget.

    Args:
        template: the template of the view.
        view: what it shows.
        address: its own address, for forms that have none.
        theme: of `THEMES`.
        endpoint: the ARN of the function that the console calls.
    """
    frame = {"layout": "widget.html", "style": style(), "theme": theme, "is_static": True, "again": again(address)}
    actions = _Actions(address, endpoint)
    actions.feed(render.render(template, {**view, **frame}))
    actions.close()
    return "".join(actions.parts)


def again(address: str) -> str:
    """Return the address of a page that is read again first."""
    return f"{address}{'&' if '?' in address else '?'}read=1"


@cache
def style() -> str:
    """Return the style of pages, for what is in a widget only: the console around it keeps its own."""
    return _SELECTORS.sub(_scoped, _PAPER.sub("", _COMMENT.sub("", render.style())))


def _scoped(match: re.Match[str]) -> str:
    text = match[1].strip()
    if text.startswith("@"):
        return match[0]
    selectors = [_THEME.sub(r".\1", one.strip()) for one in text.split(",")]
    scoped = [_PAGE.sub(_ROOT, one) if _PAGE.match(one) else f"{_ROOT} {one}" for one in selectors]
    return f"\n{', '.join(scoped)} {{"


class _Actions(HTMLParser):
    """Copies HTML, with an action of the console in the place of each link and each button of a form.

    Attributes:
        parts: the copy.
    """

    def __init__(self, address: str, endpoint: str) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._endpoint, self._path = endpoint, address.partition("?")[0]
        # Of the form that is open: its address, its hidden inputs, and the names of the others.
        self._form: tuple[str, dict[str, str], list[str]] | None = None
        self._action: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._action = {"address": given.pop("href", "/").partition("#")[0]}
            self._open("a", given)
        elif tag == "form":
            self._form = (given.pop("action", self._path), {}, [])
            given.pop("method", None)
            self._open("form", given)
        elif tag == "button" and self._form is not None:
            path, hidden, fields = self._form
            self._action = {"address": f"{path}?{urlencode(hidden)}" if hidden else path, "fields": fields}
            self._open("a", {**given, "class": "button"})
        elif tag == "input" and self._form is not None and given.get("type") == "hidden":
            self._form[1][given["name"]] = given["value"]
        else:
            if tag == "input" and self._form is not None:
                self._form[2].append(given["name"])
            self.parts.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.parts.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if self._action is None or tag not in ("a", "button"):
            self.parts.append(f"</{tag}>")
            return
        # The console may read the text with or without its escapes: JSON has none of <, > and &.
        self.parts.append(
            f'</a><cwdb-action action="call" endpoint="{escape(self._endpoint)}" display="widget">'
            f"{render.json_for_script(self._action)}</cwdb-action>"
        )
        self._action = None

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def _open(self, tag: str, attributes: Mapping[str, str]) -> None:
        written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        self.parts.append(f"<{tag}{written}>")
