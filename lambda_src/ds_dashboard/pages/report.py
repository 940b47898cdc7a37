"""The report: all newest values of a hub in one HTML file without JavaScript, or one file for each project.

The file contains its style, and its policy allows nothing else: no script, no request.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ds_dashboard.pages import cells, lists, overview, render
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Filter, Index, Row, environment_order
from ds_dashboard.pages.overview import Link
from ds_dashboard.text import visible

ReadRecent = Callable[[Sequence[Key]], Recent]

# Series in one file: 12 MB, 1.2 MB compressed.
MAX_SERIES = 20_000
_COLUMNS = 8
_INDEX = "index.html"
# A limit of SQLite without one: a project with more series than a file should have is still whole.
_ALL = -1


def report_files(index: Index, recent: ReadRecent, now: datetime, max_series: int = MAX_SERIES) -> dict[str, str]:
    """Return the files of a report: name -> HTML. One file is named `index.html`; with more, it links to the others.

    Args:
        index: the snapshot.
        recent: reads the last values of series, for the sparklines.
        now: the instant from which ages are measured.
        max_series: how many series one file may have.
    """
    total = index.count(Filter())
    if total <= max_series:
        points = recent([cells.key(one) for one in index.snapshot.series])
        summary = _summary(index, lambda _: points, now)
        return {_INDEX: _render(index, {**summary, **_values(index, Filter(), points, now)}, now)}
    files: dict[str, str] = {}
    links = []
    for number, (project, _) in enumerate(index.projects(Filter(), 0, 1_000_000)):
        chosen = Filter(project=project)
        name = f"project-{number:05}.html"
        points = recent([cells.key(row.series) for row in index.rows(chosen, "spoke", 0, _ALL)])
        view = {**_values(index, chosen, points, now), "heading": visible(project), "home": _INDEX}
        view["command"] = _command([project])
        files[name] = _render(index, view, now)
        links.append(
            (visible(project), name, index.count(chosen), index.count(Filter(project=project, state="failing")))
        )
    files[_INDEX] = _render(index, {**_summary(index, recent, now), "projects": links}, now)
    return files


def linked(files: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the files of a report under another name: the others are in a folder beside it, and the links lead there.

    Args:
        files: what `report_files` returns.
        name: the name of the file with the links, such as `report.html`.
    """
    folder = f"{name.rpartition('.')[0] or name}-projects"
    return {
        name if one == _INDEX else f"{folder}/{one}": (
            text.replace('href="project-', f'href="{quote(folder)}/project-')
            if one == _INDEX
            else text.replace(f'href="{_INDEX}"', f'href="../{quote(name)}"')
        )
        for one, text in files.items()
    }


def _summary(index: Index, recent: ReadRecent, now: datetime) -> dict[str, Any]:
    changed, changed_in = overview.changed_most(index, 10)
    points = recent([cells.key(row.series) for row in changed])
    failures = lists.failures_page(index, now)
    return {
        "attention": overview.attention(index, now),
        "changed": [(row, cells.cell(row, points.get(cells.key(row.series), ()), now, width=72)) for row in changed],
        "cards": failures["cards"],
        "more_causes": failures["more"],
        "changed_in": visible(changed_in),
        "lines": [lists.spoke_line(one, now) for one in index.snapshot.spokes],
    }


def _values(index: Index, chosen: Filter, points: Recent, now: datetime) -> dict[str, Any]:
    families = []
    for family in index.facet("family", chosen):
        rows = index.rows(Filter(project=chosen.project, family=family), "spoke", 0, _ALL)
        metrics = sorted({row.series.metric for row in rows})
        for start in range(0, len(metrics), _COLUMNS):
            names = metrics[start : start + _COLUMNS]
            title = overview.family_title(family)
            families.append((title if start == 0 else f"{title}, continued", _matrix(rows, names, points, now)))
    return {"families": families}


def _matrix(rows: Sequence[Row], metrics: Sequence[str], points: Recent, now: datetime) -> dict[str, Any]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        one = row.series
        if one.metric in metrics:
            cell = cells.cell(row, points.get(cells.key(one), ()), now, width=108 if len(metrics) <= 4 else 44)
            found.setdefault(one.project, {}).setdefault(one.environment, {})[one.metric] = cell
    return {
        "is_roomy": overview.is_roomy({one for project in found.values() for one in project}),
        "columns": [visible(metric) for metric in metrics],
        "groups": [
            (
                project,
                [
                    (one, [found[project][one].get(metric) for metric in metrics])
                    for one in sorted(found[project], key=environment_order)
                ],
            )
            for project in sorted(found)
        ],
    }


def _command(projects: Sequence[str]) -> list[str]:
    words = ["ds-dashboard", "latest", *(["--projects", ",".join(projects)] if projects else [])]
    return overview.printable(words) if overview.are_names(projects) else []


def _render(index: Index, view: Mapping[str, Any], now: datetime) -> str:
    style = render.style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    defaults: dict[str, Any] = {
        "attention": [],
        "changed": [],
        "changed_in": "",
        "cards": [],
        "lines": [],
        "families": [],
        "projects": [],
        "heading": "",
    }
    sections = [("Values", "#values", "families"), ("Spokes", "#spokes", "lines"), ("Failures", "#failures", "cards")]
    return render.render(
        "report.html",
        {
            **defaults,
            "snapshot": index.snapshot,
            "version": "",
            "banners": (),
            "requested": (),
            "command": _command(index.snapshot.projects),
            "keys": (),
            "here": "",
            "home": "#main",
            "is_static": True,
            "style": style,
            "policy": f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'",
            "written": now,
            "navigation": [Link(text, href, False) for text, href, key in sections if view.get(key)],
            **view,
        },
    )
