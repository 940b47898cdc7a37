"""Render views as HTML, with Jinja2. Everything is escaped, except the drawings of `svg`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ds_dashboard import shell
from ds_dashboard.pages import urls
from ds_dashboard.pages.model import Snapshot
from ds_dashboard.text import visible

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|.", re.DOTALL)


@cache
def environment() -> Environment:
    """Return the environment of the templates; it caches them."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_spelled_out,
        trim_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        visible=visible,
        join_words=lambda words: shell.command(*words),
        hub_command=hub_command,
        project_url=urls.project,
        camel_parts=camel_parts,
        json=json_for_script,
        css=Markup,
        exact=escape,
    )
    return made


def _spelled_out(value: Any) -> Any:
    """Return what a template shows: a text without characters that control or reverse it. `exact` keeps them."""
    return "\n".join(map(visible, value.split("\n"))) if type(value) is str else value


def hub_command(words: Sequence[str], snapshot: Snapshot) -> str:
    """Return the command of these words as a line for a shell, with the options that it needs to read this hub."""
    # What follows "--" is not an option.
    end = words.index("--") if "--" in words else len(words)
    return shell.command(*words[:end], *snapshot.options, *words[end:])


def camel_parts(name: str) -> list[str]:
    """Split a name where a line may break: `CompletedTrainingJobs24h` -> Completed, Training, Jobs, 24h."""
    parts: list[str] = []
    for word in _WORD.findall(name):
        joins = parts and (word.islower() or not word[0].isalnum())
        if joins:
            parts[-1] += word
        else:
            parts.append(word)
    return parts


def json_for_script(value: Any) -> Markup:
    """Return JSON for a `<script type="application/json">`, which no text in it can end."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))  # only ASCII
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def render(template: str, view: Mapping[str, Any]) -> str:
    """Return the HTML of a view.

    Args:
        template: the file's name, such as "overview.html".
        view: what the page shows, with `snapshot` and what `page` adds.
    """
    return environment().get_template(template).render(view)


def style() -> str:
    """Return the style sheet, for files that contain it."""
    return (ASSETS / "style.css").read_text(encoding="utf-8")


KEYS: Sequence[tuple[str, str]] = (
    ("/", "search"),
    ("j k", "next and previous row"),
    ("h l", "previous and next column"),
    ("Enter", "open"),
    ("n p", "next and previous page"),
    ("g o", "overview"),
    ("g s", "spokes"),
    ("g f", "failures"),
    ("g t", "thresholds"),
    ("1 2 3 4", "range of a plot: 7 days to a year"),
    ("e", "next environment"),
    ("c", "copy the command"),
    ("t", "light or dark"),
    ("u", "UTC or local time"),
    ("r", "read the hub again"),
    ("?", "this help"),
)
