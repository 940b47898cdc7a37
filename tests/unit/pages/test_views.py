"""What pages show: causes, cells, gaps, and never a zero where there is nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import click
import pytest

from ds_dashboard.pages import cells, history, lists, overview
from ds_dashboard.pages.index import Filter, Index, environment_order
from ds_dashboard.pages.model import Point, Series, Snapshot
from ds_dashboard.states import State
from ds_dashboard_cli.main import cli
from ds_dashboard_web.demo import DemoSource

from .conftest import NOW

KEY = ("churn-forecast", "prod", "TrainingBillableSeconds24h")


def view(index: Index, source: DemoSource, **query: str) -> dict[str, Any]:
    return overview.overview(index, query, source.recent, index.snapshot.read_at)


def one_series(**fields: Any) -> Index:
    series = Series(
        **{
            "project": "P",
            "environment": "dev",
            "metric": "M",
            "value": None,
            "unit": "Count",
            "time": None,
            "state": State.FRESH,
            **fields,
        }
    )
    return Index(Snapshot(hub="h", account="", region="r", read_at=NOW, series=[series], spokes=[]))


def test_failures_are_one_line_for_each_cause(index: Index, source: DemoSource) -> None:
    """A metric that fails in 19 spokes for one reason is one thing to mend."""
    lines = view(index, source)["attention"]
    assert [(one.state, one.subject, one.text) for one in lines] == [
        ("failing", "NotebookInstancesInService", "fails in 5 spokes"),
        ("above", "CostMonthToDate", "is above its threshold in 3 spokes"),
        ("silent", "2 spokes", "are silent"),
        ("stale", "3 values", "are stale"),
    ]
    (card,) = lists.failures_page(index, index.snapshot.read_at)["cards"]
    assert len(card["spokes"]) == 5
    assert lines[0].href == f"/failures#{card['id']}"


def test_panels_vanish_when_something_is_filtered(index: Index, source: DemoSource) -> None:
    """Then the table is what was asked for."""
    assert view(index, source)["changed"]
    filtered = view(index, source, env="prod")
    assert not filtered["changed"]
    assert not filtered["attention"]


def test_a_matrix_has_a_row_for_each_environment_in_its_usual_order(index: Index, source: DemoSource) -> None:
    """People read dev, test, prod."""
    groups = view(index, source)["table"]["groups"]
    assert [project for project, _ in groups] == sorted({one.project for one in index.snapshot.series})[:12]
    assert {tuple(name for name, _ in environments) for _, environments in groups} == {("dev", "test", "prod")}
    assert {len(found) for _, environments in groups for _, found in environments} == {8}


def test_every_series_is_on_exactly_one_page_of_the_list(index: Index, source: DemoSource) -> None:
    """Paging must neither repeat nor lose a series, in any order."""
    everything = sorted(cells.key(one) for one in index.snapshot.series)
    for order in ("spoke", "metric", "value", "change", "age", "state"):
        found, number = [], 1
        while True:
            page = view(index, source, view="list", sort=order, page=str(number))
            found += [cells.key(row.series) for row, *_ in page["table"]["lines"]]
            if not page["pager"].following:
                break
            number += 1
        assert sorted(found) == everything, order


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "²"])
def test_a_page_that_does_not_exist_is_the_first(index: Index, source: DemoSource, page: str) -> None:
    """Addresses are typed by people."""
    assert view(index, source, page=page)["pager"].text.startswith("1–")


def test_a_page_behind_the_last_is_the_last(index: Index, source: DemoSource) -> None:
    """A hub that got smaller has not lost its values."""
    assert view(index, source, page="99")["pager"].text == "13–14 of 14 projects"
    assert view(index, source, view="list", page="99")["pager"].text == "401–420 of 420 series"
    assert view(index, source, q="no-such-word", page="99")["pager"].text == "0 series"
    spokes = lists.spokes_page(index, {"page": "99"}, NOW)
    assert (spokes["pager"].text, len(spokes["lines"])) == ("1–42 of 42 spokes", 42)
    metric = lists.metric_page(index, KEY[2], {"page": "99"}, source.recent, NOW)
    assert metric is not None
    assert (metric["pager"].text, len(metric["table"]["lines"])) == ("1–42 of 42 spokes", 42)
    project = lists.project_page(index, KEY[0], {"page": "99"}, source.recent, NOW)
    assert project is not None
    assert project["families"]


def test_search_finds_words_anywhere(index: Index, source: DemoSource) -> None:
    """In the project, environment, metric, error and account, in any order and case."""
    lines = view(index, source, q="PROD metricdenied churn")["table"]["lines"]
    assert [cells.key(row.series) for row, *_ in lines] == [("churn-forecast", "prod", "NotebookInstancesInService")]
    assert view(index, source, q="100%_'\"\\")["table"]["rows"] == []


def test_facets_count_what_the_other_filters_leave(index: Index, source: DemoSource) -> None:
    """A state that is chosen must still show how many the other states have."""
    states = {one.text: one.count for one in view(index, source, state="failing", env="prod")["states"]}
    assert states["failing"] == 5
    assert states["fresh"] == index.count(Filter(environment="prod", state="fresh"))


def test_a_series_without_a_value_is_a_dash_and_never_a_zero() -> None:
    """Zero endpoints and no answer are different things."""
    (row,) = one_series(state=State.NOTHING, reason="no job ended").rows(Filter())
    cell = cells.cell(row, (), NOW)
    assert (cell.text, cell.figure, cell.spark) == ("–", None, "")
    assert "nothing to report: no job ended" in cell.title


def test_a_cell_has_the_exact_value_on_hover() -> None:
    """Three digits are for reading, and all of them for comparing."""
    exact = Decimal("12345678901234567890.123456789")
    (row,) = one_series(value=exact, time=NOW - timedelta(hours=2)).rows(Filter())
    cell = cells.cell(row, (), NOW)
    assert str(cell.figure) == "12.3 E"
    assert str(exact) in cell.title
    assert "2026-11-23 12:02 UTC, 2 h ago" in cell.title


def test_hostile_names_stay_text(index: Index) -> None:
    """Names, values and messages come from spokes."""
    hostile = '"><img src=x onerror=alert(1)>\u202e\x1b[31m'
    found = one_series(
        project=hostile,
        metric=hostile,
        value=hostile,
        time=NOW,
        state=State.FAILING,
        error_type=hostile,
        error_message=hostile,
        since=NOW,
    )
    cell = cells.cell(found.rows(Filter())[0], [Point(NOW, hostile)], NOW)
    for text in (cell.title, cell.text, cell.href, str(cell.spark)):
        assert "<img" not in text.replace(cell.title, "") or text == cell.text
        assert "\u202e" not in text
        assert "\x1b" not in text
    assert "<img" not in str(cell.spark)
    assert "<" not in cell.href


def points(*days_and_values: tuple[float, Any]) -> list[Point]:
    return [
        Point(NOW - timedelta(days=day), Decimal(str(value)) if isinstance(value, int | float) else value)
        for day, value in days_and_values
    ]


def test_missing_values_are_a_line_of_the_table() -> None:
    """Whoever reads down the dates would not notice that some are not there, or that none came since."""
    found = points((9, 1), (8, 2), (7, 3), (4, 4), (3, -1234.5))
    lines = history._value_lines(found, NOW)
    assert [one["missing"] or one["value"] for one in lines] == [
        "no value, 2 missing", "−1,234.5", "4", "no value, 2 missing", "3", "2", "1",
    ]  # fmt: skip
    assert lines[3]["days"] == f"{NOW - timedelta(days=6):%Y-%m-%d} to {NOW - timedelta(days=5):%Y-%m-%d}"
    assert not any(one["missing"] for one in history._value_lines(found[:3], None))


def test_a_series_page_has_its_history_split_and_compared(index: Index, source: DemoSource) -> None:
    """Plot, figures, breakdown, and the other environments."""
    made = history.series_page(
        index, KEY, {"range": "30d", "compare": "1"}, source.history, source.recent, index.snapshot.read_at
    )
    assert made is not None
    assert [one.text for one in made["environments"]] == ["dev", "test", "prod"]
    assert set(made["data"]["others"]) == {"dev", "test"}
    assert len(made["values"]) == len(source.history(KEY, NOW - timedelta(days=30), NOW))
    assert {name for name, _, _ in made["strip"]} >= {"lowest", "median", "highest", "values", "gaps"}
    assert made["parts_of"]["names"] == "InstanceType"
    assert made["command"][:3] == ["ds-dashboard", "history", KEY[2]]


def test_a_series_that_does_not_exist_has_no_page(index: Index, source: DemoSource) -> None:
    """Somebody may have a link to what is gone."""
    assert history.series_page(index, ("x", "y", "z"), {}, source.history, source.recent, NOW) is None


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ({"since": "2026-11-01", "until": "2026-11-10"}, datetime(2026, 11, 1), datetime(2026, 11, 11)),
        ({"since": "2026-11-01"}, datetime(2026, 11, 1), None),
        ({"since": "2026-11-01", "until": "9999-12-31"}, datetime(2026, 11, 1), None),
        ({"since": "0001-01-01", "until": "0001-01-01"}, datetime(1, 1, 1), datetime(1, 1, 2)),
        ({"since": "2026-11-10", "until": "2026-11-01"}, None, None),
        ({"since": "2026-02-31"}, None, None),
        ({"range": "1000y"}, None, None),
    ],
)
def test_a_period_in_an_address_is_checked(query: dict[str, str], since: datetime | None, until: Any) -> None:
    """What is not valid is the last 30 days."""
    found = history.period_of(query, NOW)
    assert found.since == (since.replace(tzinfo=NOW.tzinfo) if since else NOW - timedelta(days=30))
    assert found.until == (until.replace(tzinfo=NOW.tzinfo) if until else NOW)


def test_a_metric_page_has_every_spoke_once(index: Index, source: DemoSource) -> None:
    """Sorted by value, with their distribution."""
    made = lists.metric_page(index, "EndpointInvocations24h", {}, source.recent, index.snapshot.read_at)
    assert made is not None
    values = [row.series.value for row, *_ in made["table"]["lines"]]
    assert len(values) == 42
    assert values == sorted(values, reverse=True)
    bars = re.findall(r'height="([0-9.]+)"', made["distribution"])
    assert len(bars) > 3


def test_texts_are_sorted_as_the_head_says(index: Index, source: DemoSource) -> None:
    """An arrow down over texts that ascend is wrong."""
    made = lists.metric_page(index, "ModelVersion", {}, source.recent, index.snapshot.read_at)
    assert made is not None
    texts = [row.series.value for row, *_ in made["table"]["lines"]]
    assert texts == sorted(texts, reverse=True)
    assert made["table"]["orders"]["value"].state == "descending"


def test_links_have_no_more_than_the_page_knows(index: Index, source: DemoSource) -> None:
    """An address with a long text made a page of two megabytes."""
    for made in (view(index, source, q="x" * 9999, junk="1"), view(index, source, junk="1", sort="age", view="list")):
        hrefs = [one.href for name in ("environments", "states", "families", "views") for one in made[name]]
        assert max(map(len, hrefs)) < 300
        assert not [one for one in hrefs if "junk" in one]
    assert "sort=age" in hrefs[0]


def test_environments_are_in_the_order_of_a_release() -> None:
    """Others are sorted by name behind them."""
    names = ["prod", "zeta", "dev", "Alpha", "test", "staging"]
    assert sorted(names, key=environment_order) == ["dev", "test", "staging", "prod", "Alpha", "zeta"]


def test_a_value_of_seven_days_ago_is_read_exactly(index: Index) -> None:
    """The change of a value with 20 digits is not that of its nearest double."""
    one = one_series(value=Decimal("100000000000000000001"), time=NOW)
    one.set_values_before({("P", "dev", "M"): Decimal("100000000000000000000")})
    (row,) = one.rows(Filter())
    assert row.before == Decimal("100000000000000000000")
    assert replace(row.series, value=None).value is None


def test_small_counts_do_not_crowd_out_what_changed_most() -> None:
    """The first failed job of a week is no change of 100%, and from none to nine is a change at all."""
    values = {"Jobs": (1, 2), "Calls": (100, 160), "Idle": (0, 9)}
    fields = {"project": "P", "environment": "prod", "unit": "Count", "time": NOW, "state": State.FRESH}
    series = [Series(metric=name, value=Decimal(now), **fields) for name, (_, now) in values.items()]  # type: ignore[arg-type]
    index = Index(Snapshot(hub="h", account="", region="r", read_at=NOW, series=series, spokes=[]))
    index.set_values_before({("P", "prod", name): Decimal(before) for name, (before, _) in values.items()})
    found, environment = overview.changed_most(index, 5)
    assert [row.series.metric for row in found] == ["Calls", "Idle", "Jobs"]
    assert environment == "prod"


def test_the_commands_that_pages_name_exist() -> None:
    """A cure that ends with a usage error is none."""
    for program, name, *words in (overview.DOCTOR, ("ds-dashboard", "refresh", "--wait")):
        assert program == "ds-dashboard"
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        command.make_context(name, words)
