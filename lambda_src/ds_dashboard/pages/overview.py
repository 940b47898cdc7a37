"""The overview: what needs attention, what changed most, and the newest value of every series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ds_dashboard.identity import MAX_NAMES
from ds_dashboard.pages import cells, figures, urls
from ds_dashboard.pages.cells import Cell, Key, Recent
from ds_dashboard.pages.index import ORDERS, Filter, Index, Row, instant, is_production
from ds_dashboard.series import split_names
from ds_dashboard.states import State
from ds_dashboard.text import pluralize, visible

ReadRecent = Callable[[Sequence[Key]], Recent]

_PROJECTS, _ROWS, _COLUMNS, _PANEL, _ENVIRONMENTS = 12, 40, 8, 5, 30
# Lines of the panel that failures leave to crossed thresholds.
_CROSSED = 2
# The longest name of an environment for which the column of the matrix is narrow.
_SHORT_NAME = 7
_STATES = tuple(State)
_USUAL_STATES = (State.FAILING, State.SILENT, State.STALE, State.FRESH)
# What finds the cause of a failure or of silence, with the credentials of the spoke's account.
DOCTOR = ("ds-dashboard", "doctor", "--side", "spoke")
# What a search leaves as it is.
_BESIDE_WORDS = ("env", "state", "family", "view", "sort")


@dataclass(frozen=True, slots=True)
class Attention:
    """A line of the panel "needs attention".

    Attributes:
        state: the word for the state, for the glyph.
        subject: what it is about.
        text: what is wrong.
        detail: the error, or names.
        age: since when.
        href: where to look.
    """

    state: str
    subject: str
    text: str
    detail: str
    age: str
    href: str


@dataclass(frozen=True, slots=True)
class Link:
    """A choice: an environment, a state, a family, an order."""

    text: str
    href: str
    is_chosen: bool
    count: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a page is among all."""

    text: str
    previous: str
    following: str


def pager(what: str, total: int, start: int, size: int, address: Callable[[int], str]) -> Pager:
    """Return the pager of a list: `address` returns the address of a page, from 1."""
    number = start // size + 1
    last = min(total, start + size)
    counted = f"{total:,} series" if what == "series" else pluralize(total, what)
    return Pager(
        text=f"{start + 1}–{last} of {counted}" if total else counted,
        previous=address(number - 1) if number > 1 else "",
        following=address(number + 1) if last < total else "",
    )


def page_start(query: Mapping[str, str], total: int, size: int) -> int:
    """Return the index of the first row of the page in a query; of the first if it is not valid, or of the last."""
    text = query.get("page", "")
    number = max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
    return min(number - 1, max(0, total - 1) // size) * size


def overview(index: Index, query: Mapping[str, str], recent: ReadRecent, now: datetime) -> dict[str, Any]:
    """Return what the overview shows.

    Args:
        index: the snapshot.
        query: the query of the address.
        recent: reads the last values of series, for the sparklines of what is on the page.
        now: the instant from which ages are measured.
    """
    chosen = urls.filter_of(query)
    is_list = query.get("view") == "list" or bool(chosen.words) or chosen.state not in ("", "fresh")
    order = query.get("sort", "") if query.get("sort") in ORDERS else ("state" if chosen.state else "spoke")
    changed, changed_in = ([], "") if chosen else changed_most(index, _PANEL)
    table = _list(index, chosen, order, query) if is_list else _matrix(index, chosen, query)
    shown = [*changed, *table["rows"]]
    points = recent([cells.key(row.series) for row in shown])

    def cell_of(row: Row, width: int = 44) -> Cell:
        return cells.cell(row, points.get(cells.key(row.series), ()), now, width=width)

    def address(**parts: str | int | None) -> str:
        return urls.with_query("/", {**{name: query.get(name, "")[:200] for name in ("q", *_BESIDE_WORDS)}, **parts})

    if is_list:
        table["lines"] = [(row, cell_of(row, 108), cells.passed(row.series, now), "") for row in table["rows"]]
        table["orders"] = orders(ORDERS, order, lambda one: address(sort=one))
    else:
        by_key = {cells.key(row.series): cell_of(row, table["width"]) for row in table["rows"]}
        table["groups"] = [
            (
                project,
                [(one, [by_key.get((project, one, metric)) for metric in table["metrics"]]) for one in environments],
            )
            for project, environments in table["projects"]
        ]
    states = index.facet("state", chosen)
    # What there is at all, so that a choice does not disappear while words are typed.
    environments, families, any_state = (index.facet(name, Filter()) for name in ("environment", "family", "state"))
    return {
        "filter": chosen,
        "kept": [(name, query[name]) for name in _BESIDE_WORDS if query.get(name)],
        "is_list": is_list,
        "attention": [] if chosen else attention(index, now),
        "changed": [(row, cell_of(row, 72)) for row in changed],
        "changed_in": visible(changed_in),
        "has_values_before": index.has_values_before,
        "environments": environment_links(environments, chosen.environment, lambda one: address(env=one)),
        "states": [
            Link(
                "nothing to report" if one is State.NOTHING else one.word,
                address(state=None if chosen.state == one.word else one.word),
                chosen.state == one.word,
                states.get(one.word, 0),
                one.word,
            )
            for one in _STATES
            if one in _USUAL_STATES or any_state.get(one.word) or chosen.state == one.word
        ],
        "families": [
            Link("All metrics" if is_list else "Key metrics", address(family=None), not chosen.family),
            *(Link(family_title(one), address(family=one), one == chosen.family) for one in families),
        ],
        "views": [Link("Matrix", address(view=None), not is_list), Link("List", address(view="list"), is_list)],
        "table": table,
        "doctor": DOCTOR,
        "everything": urls.with_query("/", {"view": query.get("view")}),
        "pager": pager(table["what"], table["total"], table["start"], table["size"], lambda one: address(page=one)),
        "command": command(chosen, index),
    }


def orders(names: Sequence[str], chosen: str, address: Callable[[str], str]) -> dict[str, Link]:
    """Return the orders of a list by name; the state of each is its direction, for `aria-sort`."""
    descending = ("value", "change", "age")
    return {
        one: Link(one, address(one), one == chosen, state="descending" if one in descending else "ascending")
        for one in names
    }


def environment_links(names: Iterable[str], chosen: str, address: Callable[[str | None], str]) -> list[Link]:
    """Return the choice of an environment; with very many, the spokes are where to look for the others."""
    every = list(names)
    shown = [one for number, one in enumerate(every) if number < _ENVIRONMENTS or one == chosen]
    more = len(every) - len(shown)
    return [
        Link("All", address(None), not chosen),
        *(Link(visible(one), address(one), one == chosen) for one in shown),
        *([Link(f"{more:,} more", "/spokes", False)] if more else []),
    ]


def is_roomy(environments: Iterable[str]) -> bool:
    """Return whether names of environments need a wider column than dev, test and prod."""
    return any(len(one) > _SHORT_NAME for one in environments)


def family_title(family: str) -> str:
    """Return the name of a family for people."""
    return visible(family.replace("_", " ").capitalize())


def changed_most(index: Index, count: int) -> tuple[list[Row], str]:
    """Return the series that have changed most, and their environment: prod where there is one, or "" for all."""
    production = next((one for one in index.facet("environment", Filter()) if is_production(one)), "")
    found = index.changed_most(Filter(environment=production), count)
    return (found, production) if found or not production else (index.changed_most(Filter(), count), "")


def attention(index: Index, now: datetime) -> list[Attention]:
    """Return what needs attention, grouped by cause: one line for a metric that fails in many spokes."""
    failing = []
    for metric, error_type, count, since in index.causes(Filter()):
        begun = instant(since)
        failing.append(
            Attention(
                state=State.FAILING.word,
                subject=visible(metric),
                text=f"fails in {pluralize(count, 'spoke')}",
                detail=visible(error_type),
                age=figures.age(now - begun) if begun else "",
                href=f"/failures#{anchor(metric, error_type)}",
            )
        )
    beyond = []
    for metric, word, count in index.crossed():
        rows = index.rows(Filter(metric=metric, state=word), "spoke", 0, 1000)
        crossed = min((row.series.crossed for row in rows if row.series.crossed), default=None)
        beyond.append(
            Attention(
                state=word,
                subject=visible(metric),
                text=f"is {word} its threshold in {pluralize(count, 'spoke')}",
                detail="",
                age=figures.age(now - crossed) if crossed else "",
                href="/thresholds",
            )
        )
    late = []
    silent = [one for one in index.snapshot.spokes if one.state == "silent"]
    if silent:
        oldest = min((one.last_seen for one in silent if one.last_seen), default=None)
        late.append(
            Attention(
                state=State.SILENT.word,
                subject=pluralize(len(silent), "spoke"),
                text="is silent" if len(silent) == 1 else "are silent",
                detail=visible(", ".join(f"{one.project}/{one.environment}" for one in silent[:6])),
                age=figures.age(now - oldest) if oldest else "never seen",
                href="/spokes?state=silent",
            )
        )
    stale = index.count(Filter(state="stale"))
    if stale:
        spokes = index.count(Filter(state="stale"), "spokes")
        oldest_row = index.rows(Filter(state="stale"), "age", 0, 1)[0].series.time
        late.append(
            Attention(
                state=State.STALE.word,
                subject=pluralize(stale, "value"),
                text="is stale" if stale == 1 else "are stale",
                detail=f"in {pluralize(spokes, 'spoke')} that {'reports' if spokes == 1 else 'report'}",
                age=figures.age(now - oldest_row) if oldest_row else "",
                href="/?state=stale",
            )
        )
    room = _PANEL + 1 - len(late)
    # Many failures leave room for thresholds, and neither hides what is late.
    of_failing = max(room - len(beyond), room - _CROSSED)
    return [
        *_first(failing, of_failing, "causes of failures", "/failures"),
        *_first(beyond, room - min(len(failing), of_failing), "crossed thresholds", "/thresholds"),
        *late,
    ]


def _first(lines: list[Attention], count: int, what: str, href: str) -> list[Attention]:
    """Return so many lines, or one less and how many more there are."""
    if len(lines) <= count:
        return lines
    return [*lines[: count - 1], Attention("", f"{len(lines) - count + 1} more", what, "", "", href)]


def anchor(metric: str, error_type: str) -> str:
    """Return the ID of a cause on the page of failures."""
    return "cause-" + "".join(one if one.isalnum() else "-" for one in f"{metric}-{error_type}")[:120]


def command(chosen: Filter, index: Index) -> list[str]:
    """Return the words of the command that shows the same; none if there is no such family, state or option."""
    words = ["ds-dashboard", "latest"]
    metrics = [chosen.metric] if chosen.metric else index.metrics(Filter(family=chosen.family)) if chosen.family else []
    if len(metrics) > MAX_NAMES or (chosen.family and not metrics):
        return []
    if not are_names([*metrics, *filter(None, (chosen.project, chosen.environment))]):
        return []
    if chosen.state and chosen.state not in (one.word for one in State):
        return []
    if metrics:
        words += ["--metrics", ",".join(metrics)]
    if chosen.project:
        words += ["--projects", chosen.project]
    if chosen.environment:
        words += ["--environments", chosen.environment]
    if chosen.state:
        words += ["--state", chosen.state]
    if chosen.words:
        words += ["--search", chosen.words]
    return printable(words)


def are_names(names: Iterable[str]) -> bool:
    """Return whether each name is one for a command, which takes a comma as the end of a name."""
    return all(split_names(name) == [name] for name in names)


def printable(words: list[str]) -> list[str]:
    """Return the words of a command, or none if a name in them would not look like what a shell reads."""
    return words if all(visible(word) == word for word in words) else []


def _matrix(index: Index, chosen: Filter, query: Mapping[str, str]) -> dict[str, Any]:
    metrics = index.most_reported(chosen, _COLUMNS)
    total = index.count(chosen, "projects")
    start = page_start(query, total, _PROJECTS)
    projects = index.projects(chosen, start, _PROJECTS)
    spokes = [(project, one) for project, environments in projects for one in environments]
    rows = index.of_spokes(spokes, metrics)
    silent = {(one.project, one.environment) for one in index.snapshot.spokes if one.state == "silent"}
    return {
        "what": "project",
        "metrics": metrics,
        "columns": [(visible(metric), urls.metric(metric)) for metric in metrics],
        "projects": projects,
        "rows": rows,
        "silent": silent,
        "is_roomy": is_roomy(one for _, one in spokes),
        "width": 108 if len(metrics) <= 4 else 44,
        "total": total,
        "start": start,
        "size": _PROJECTS,
    }


def _list(index: Index, chosen: Filter, order: str, query: Mapping[str, str]) -> dict[str, Any]:
    total = index.count(chosen)
    start = page_start(query, total, _ROWS)
    return {
        "what": "series",
        "rows": index.rows(chosen, order, start, _ROWS),
        "total": total,
        "start": start,
        "size": _ROWS,
    }
