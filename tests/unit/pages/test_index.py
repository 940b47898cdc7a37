"""The index of a snapshot remembers counts, and never shows those of another filter or another read."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard.pages import lists, overview, site
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Filter, Index
from ds_dashboard.pages.model import Description, Point, Series, Snapshot
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.states import State
from ds_dashboard_web.demo import DemoSource

from .conftest import NOW

FAMILIES = {"Jobs": "training", "Cost": "cost", "Errors": "training"}
CHOICES = {
    "words": ("", "p1", "p1 jobs", "nothing"),
    "environment": ("", "dev", "prod"),
    "state": ("", "fresh", "failing"),
    "family": ("", "training", "cost"),
    "project": ("", "P1"),
    "metric": ("", "Jobs"),
}
FILTERS = [Filter(**dict(zip(CHOICES, chosen, strict=True))) for chosen in itertools.product(*CHOICES.values())]


def snapshot(projects: int = 4) -> Snapshot:
    dice = random.Random(7)
    series = [
        Series(
            project=f"P{number}",
            environment=environment,
            metric=metric,
            value=Decimal(dice.randint(1, 99)),
            unit="Count",
            time=NOW,
            state=dice.choice([State.FRESH, State.FAILING, State.ABOVE]),
            above=dice.choice([None, Decimal(50)]),
        )
        for number in range(projects)
        for environment in ("dev", "prod")
        for metric in FAMILIES
    ]
    descriptions = {metric: Description(family=family) for metric, family in FAMILIES.items()}
    return Snapshot(hub="h", account="", region="r", read_at=NOW, series=series, spokes=[], descriptions=descriptions)


def is_chosen(one: Series, chosen: Filter, without: str = "") -> bool:
    """Return whether a filter selects a series, by another route than SQL."""
    facts = {
        "environment": one.environment,
        "state": one.state.word,
        "family": FAMILIES[one.metric],
        "project": one.project,
        "metric": one.metric,
    }
    text = f"{one.project} {one.environment} {one.metric}".casefold()
    return all(word in text for word in chosen.words.split()) and all(
        getattr(chosen, name) in ("", fact) for name, fact in facts.items() if name != without
    )


def expected(content: Snapshot, chosen: Filter) -> dict[str, Any]:
    """Return the counts of a filter."""
    found = [one for one in content.series if is_chosen(one, chosen)]
    facets: dict[str, Callable[[Series], str]] = {
        "environment": lambda one: one.environment,
        "state": lambda one: one.state.word,
        "family": lambda one: FAMILIES[one.metric],
    }
    return {
        "series": len(found),
        "projects": len({one.project for one in found}),
        "spokes": len({(one.project, one.environment) for one in found}),
        "metrics": len({one.metric for one in found}),
        **{
            name: dict(Counter(fact(one) for one in content.series if is_chosen(one, chosen, name)))
            for name, fact in facets.items()
        },
    }


def counted(index: Index, chosen: Filter) -> dict[str, Any]:
    """Return the same from the index."""
    return {
        **{what: index.count(chosen, what) for what in ("series", "projects", "spokes", "metrics")},
        **{name: index.facet(name, chosen) for name in ("environment", "state", "family")},
    }


def test_no_filter_shows_the_counts_of_another() -> None:
    """Counts are remembered, in whatever order people click."""
    content = snapshot()
    index = Index(content)
    wanted = FILTERS * 2
    random.Random(3).shuffle(wanted)
    for chosen in wanted:
        assert counted(index, chosen) == expected(content, chosen), chosen


@pytest.mark.parametrize("query", [{}, {"env": "prod"}, {"view": "list", "sort": "value"}])
def test_the_next_page_counts_nothing_again(query: Mapping[str, str]) -> None:
    """With 100,000 series, the counts take longer than the page."""
    index = Index(snapshot(60))
    statements: list[str] = []

    def show(number: str) -> dict[str, Any]:
        return overview.overview(index, {**query, "page": number}, lambda _: {}, NOW) | site.frame("/", index)

    first = show("1")
    index._db.set_trace_callback(statements.append)
    second = show("2")
    assert statements
    assert [one for one in statements if "COUNT" in one] == []
    for name in ("states", "families", "environments"):
        assert [(one.text, one.count) for one in first[name]] == [(one.text, one.count) for one in second[name]]


def test_another_read_forgets_what_was_counted() -> None:
    """A refresh must change the chips and the pager with the values."""

    class Growing(DemoSource):
        """A hub with one project more after each read."""

        projects = 1

        def snapshot(self) -> Snapshot:
            self.projects += 1
            return snapshot(self.projects)

        def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
            return {}

    state = LastRead(Growing(NOW, {}))
    for projects in (2, 3):
        state.read()
        assert counted(state.held().content, Filter()) == expected(snapshot(projects), Filter())


def test_sparklines_that_were_on_their_way_while_the_hub_was_read_again_are_not_remembered() -> None:
    """They may lack the newest value, and would until the next read."""
    key = ("P0", "dev", "Jobs")

    class Slow(DemoSource):
        """A hub that is read again while its sparklines are read."""

        asked = 0

        def recent(self, keys: Sequence[Key]) -> Recent:
            self.asked += 1
            if self.asked == 1:
                state.read()
            return {one: [Point(NOW, Decimal(self.asked))] for one in keys}

    source = Slow(NOW, {})
    state = LastRead(source)
    state.read()
    values = [state.recent([key])[key][0].value for _ in range(3)]
    assert values == [1, 2, 2]


def test_only_the_sparklines_of_the_last_pages_are_remembered() -> None:
    """Whoever looks at all series one page after the other needs no more memory."""

    class Counting(DemoSource):
        """A hub that counts the sparklines that are read."""

        read = 0

        def recent(self, keys: Sequence[Key]) -> Recent:
            self.read += len(keys)
            return {one: [Point(NOW, Decimal(1))] for one in keys}

    source = Counting(NOW, {})
    state = LastRead(source)
    pages = [[(f"P{page}", "dev", f"M{number}") for number in range(300)] for page in range(20)]
    for page in pages:
        state.recent(page)
    assert source.read == 6000
    state.recent(pages[-1])
    assert source.read == 6000
    state.recent(pages[0])
    assert source.read == 6300


def test_what_changed_most_is_not_remembered_from_before_the_changes_were_read() -> None:
    """The values of seven days ago are read after the snapshot."""
    content = snapshot()
    index = Index(content)
    assert index.changed_most(Filter(), 5) == []
    fresh = next(one for one in content.series if one.state is State.FRESH)
    index.set_values_before({(fresh.project, fresh.environment, fresh.metric): Decimal(1000)})
    assert [row.series for row in index.changed_most(Filter(), 5)] == [fresh]


def test_searches_do_not_fill_the_memory() -> None:
    """Each character that is typed is another filter."""
    index = Index(snapshot())
    for number in range(2000):
        assert index.count(Filter(words=f"p{number}")) == (6 if number < 4 else 0)
    assert len(index._counted) == 500


def test_thresholds_show_what_crossed_them_first() -> None:
    """A hub may have thousands of series that are within theirs."""
    content = snapshot(300)
    page = lists.thresholds_page(Index(content), NOW)
    limited = [one for one in content.series if one.above is not None]
    crossed = sum(one.state is State.ABOVE for one in limited)
    states = [line["cell"].state for line in page["lines"]]
    assert states[:crossed] == ["above"] * crossed
    assert "above" not in states[crossed:]
    assert len(states) + page["more"] == len(limited)
