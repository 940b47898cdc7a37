"""Pages of hubs that have very much of one thing: bounded, and nothing is left out without a word."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard.pages import lists, overview, report
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Series, Snapshot
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.widget import answer
from ds_dashboard.states import State
from ds_dashboard_web.demo import DemoSource

from .conftest import NOW

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:ds-dashboard-widget"
LAMBDA_BYTES = 6 * 1024 * 1024


def series(project: str, environment: str, metric: str, **fields: Any) -> Series:
    given = {"value": Decimal(3), "unit": "Count", "time": NOW, "state": State.FRESH, **fields}
    return Series(project=project, environment=environment, metric=metric, **given)


class Hub(DemoSource):
    """A hub with these series."""

    def __init__(self, every: Sequence[Series]) -> None:
        super().__init__(NOW, {})
        self._every = every

    def snapshot(self) -> Snapshot:
        return Snapshot(hub="h", account="", region="r", read_at=NOW, series=self._every, spokes=[], is_demo=True)

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        return {}

    def recent(self, keys: Sequence[Key]) -> Recent:
        return {}


def widget(every: Sequence[Series], address: str = "/") -> str:
    html = answer(LastRead(Hub(every)), {"address": address}, ARN)
    assert len(json.dumps(html)) < LAMBDA_BYTES
    return html


def test_a_project_may_have_more_environments_than_a_condition_of_sqlite() -> None:
    """A page has all environments of a project."""
    html = widget([series("P", f"e{number}", "M") for number in range(1100)])
    assert html.count('title="P/e') >= 1100


def test_a_project_page_shows_all_metrics_on_several_pages() -> None:
    """Fifty environments with a hundred metrics are 5,000 cells."""
    index = Index(Hub([series("P", f"e{e}", f"M{m:03}") for e in range(50) for m in range(100)]).snapshot())
    shown: list[str] = []
    address, pages = "/project/P?page=1", 0
    while address:
        page = lists.project_page(index, "P", {"page": address.rpartition("=")[2]}, lambda keys: {}, NOW)
        assert page is not None
        found = [(name, row) for _, metrics in page["families"] for name, _, row in metrics]
        assert sum(len(row) for _, row in found) <= 2000
        assert all(one is not None for _, row in found for one in row)
        shown += [name for name, _ in found]
        address, pages = page["pager"].following, pages + 1
    assert shown == [f"M{m:03}" for m in range(100)]
    assert pages == 3


def test_metrics_that_no_two_environments_share_are_no_square() -> None:
    """A table of 1,500 metrics and 1,500 environments would have two million cells."""
    html = widget([series("P", f"e{number}", f"M{number}") for number in range(1500)], "/project/P")
    assert "of 1,500 metrics" in html


def test_very_many_failures_are_counted() -> None:
    """Every cause that is shown says how many spokes it has, and the page how many causes are not shown."""
    every = [
        series(f"P{spoke}", "prod", f"M{metric}", state=State.FAILING, error_type="Denied", error_message="no")
        for spoke in range(30)
        for metric in range(250)
    ]
    html = widget(every, "/failures")
    assert html.count("fails in 30 spokes") == 200
    assert html.count("and 10 more spokes") == 200
    assert "and 50 more causes" in html
    (file,) = report.report_files(Index(Hub(every).snapshot()), lambda keys: {}, NOW).values()
    assert file.count("and 10 more spokes") == 200
    assert "and 50 more causes" in file


@pytest.mark.parametrize("address", ["/", "/spokes?x=1"])
def test_a_page_that_lambda_cannot_answer_with_says_so(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The console would show an error of Lambda, about a payload."""
    monkeypatch.setattr("ds_dashboard.publish.widget._MAX_ANSWER", 20_000)
    html = widget([series("P", "dev", "M")], address)
    assert "This page is too large for a widget" in html
    assert "`ds-dashboard web`" in html
    assert '{"address":"/?view=list"}' in html


def test_very_many_environments_leave_room_for_the_rest() -> None:
    """Three thousand choices filled the page before the first value."""
    names = [f"env{number}" for number in range(3000)]
    links = overview.environment_links(names, "env2999", lambda one: f"/?env={one}")
    assert [one.text for one in links] == ["All", *names[:30], "env2999", "2,969 more"]
    assert [one.text for one in links if one.is_chosen] == ["env2999"]
    assert [one.text for one in overview.environment_links(names[:3], "", str)] == ["All", *names[:3]]
