"""What the page of a series says of a period: its ends, its newest value, and with what that is compared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from ds_dashboard.pages import cells, history
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Point, Series, Snapshot
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.states import State
from ds_dashboard_web.app import application
from ds_dashboard_web.demo import DemoSource

from .conftest import NOW

SERIES = "/series/churn-forecast/prod?metric=EndpointInvocations24h"


def page(
    values: Sequence[tuple[float, int]], state: State = State.FRESH, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the page of a series with values of so many days ago."""
    found = [Point(NOW - timedelta(days=day), Decimal(value)) for day, value in values]
    series = Series(
        project="P",
        environment="dev",
        metric="M",
        value=found[-1].value,
        unit="Count",
        time=found[-1].time,
        state=state,
    )
    index = Index(Snapshot(hub="h", account="", region="r", read_at=NOW, series=[series], spokes=[]))

    def read(key: Any, since: datetime, until: datetime) -> list[Point]:
        return [one for one in found if since <= one.time < until]

    made = history.series_page(index, ("P", "dev", "M"), query or {}, read, lambda keys: {}, NOW)
    assert made is not None
    return made


def strip(made: dict[str, Any]) -> dict[str, str]:
    return {name: text for name, text, _ in made["strip"]}


@pytest.fixture
def client(source: DemoSource) -> TestClient:
    return TestClient(application(LastRead(source)))


def test_showing_a_period_again_does_not_change_it(client: TestClient) -> None:
    """The last day of the form is the last one that is shown, and not the one after it."""
    html = client.get(f"{SERIES}&since=2026-11-01&until=2026-11-10").text
    fields = dict(re.findall(r'<input type="date" name="(\w+)" value="([^"]+)"', html))
    assert fields == {"since": "2026-11-01", "until": "2026-11-10"}
    assert "--since 2026-11-01 --until 2026-11-11" in html, "the command ends when that day begins"


def test_the_first_days_of_the_calendar_are_dates_of_a_form(client: TestClient) -> None:
    """A browser shows an empty field for "1-01-01"."""
    html = client.get(f"{SERIES}&since=0001-01-01&until=0001-01-01").text
    assert re.findall(r'<input type="date" name="\w+" value="([^"]+)"', html) == ["0001-01-01", "0001-01-01"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "2026-11-10", "until": "2026-11-01"}, "2026-11-10 to 2026-11-01 is not a valid period in the past."),
        ({"since": "2030-01-01"}, "2030-01-01 to … is not a valid period in the past. The last 30 days are shown."),
        ({"since": "<b>", "range": "7d"}, "<b> to … is not a valid period in the past. The last 7 days are shown."),
        ({"since": "2026-11-01", "until": "2026-11-10"}, ""),
        ({"range": "7d"}, ""),
    ],
)
def test_an_invalid_period_is_named(query: dict[str, str], words: str) -> None:
    """Otherwise its dates seem to be those of what is shown."""
    said = page([(1, 1)], query=query)["invalid_period"]
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_a_value_whose_clock_is_ahead_is_in_the_history() -> None:
    """The hub accepts it, and the page shows it as the newest one."""
    made = page([(1, 5), (-0.005, 7)])
    assert [one["value"] for one in made["values"]] == ["7", "5"]
    assert made["data"]["until"] == made["data"]["points"][-1][0]


def test_the_points_of_the_plot_have_the_texts_of_the_page() -> None:
    """A script that writes numbers in a way of its own shows another one than the table."""
    made = page([(20, 1), (3, 2), (2, 160437), (1, 3)])
    assert [(value, text) for _, value, text in made["data"]["points"]] == [
        (1.0, "1"), (None, ""), (2.0, "2"), (160437.0, "160 k"), (3.0, "3")
    ]  # fmt: skip


def test_the_newest_value_is_compared_with_those_before_it_in_any_range() -> None:
    """Of a range of 7 days, too, people ask how it was a month ago."""
    values = [(30.1, 20), (7.1, 40), (1.1, 50), (0.1, 100)]
    for name in ("7d", "30d", "1y"):
        found = strip(page(values, query={"range": name}))
        assert [found.get(f"against {days} d ago") for days in (1, 7, 30)] == ["▲ 100%", "▲ 150%", "▲ 400%"]
    assert strip(page(values, query={"range": "7d"}))["values"] == "2"


@pytest.mark.parametrize("state", [State.FAILING, State.SILENT, State.STALE])
def test_a_value_that_is_not_the_present_one_is_compared_with_nothing(state: State) -> None:
    """That it is the same as a day ago would say that nothing has changed; nobody knows."""
    found = strip(page([(11, 4), (10, 5), (9, 5)], state))
    assert not [name for name in found if name.startswith("against")]


def test_no_value_is_compared_with_itself() -> None:
    """A weekly metric has no value of yesterday, and a period that is past no present one."""
    assert "against 1 d ago" not in strip(page([(7.2, 4), (1.02, 5)]))
    past = strip(page([(9, 4), (8, 5)], query={"since": "2026-11-01", "until": "2026-11-16"}))
    assert not [name for name in past if name.startswith("against")]


def test_gaps_are_counted_as_the_table_shows_them() -> None:
    """Also the one that has not ended."""
    made = page([(14, 1), (13, 1), (12, 1), (9, 2), (8, 2)], State.SILENT)
    assert len([one for one in made["values"] if one["missing"]]) == 2
    assert strip(made)["gaps"] == "2"


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_series_that_does_not_exist_is_no_empty_file(client: TestClient, kind: str) -> None:
    """A program that reads it would take it for a series without values."""
    answer = client.get(f"/series/nobody/prod?metric=EndpointInvocations24h&format={kind}")
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_metric_that_no_spoke_of_an_environment_reports_says_so(client: TestClient) -> None:
    """The head of a table with nothing below it looks like a mistake."""
    html = client.get("/metric?name=EndpointInvocations24h&env=gone").text
    assert "No spoke of gone reports this metric." in html
    assert '<a href="/metric?name=EndpointInvocations24h">Show all spokes</a>' in html


@pytest.mark.parametrize("query", ["since=2026-11-01&until=2026-11-10", "range=90d", "range=7d&compare=1"])
def test_the_switch_of_environments_keeps_the_period_and_the_comparison(client: TestClient, query: str) -> None:
    """It compares like with like."""
    html = unescape(client.get(f"{SERIES}&{query}").text)
    assert f'href="/series/churn-forecast/dev?metric=EndpointInvocations24h&{query}"' in html


def test_an_empty_text_is_seen() -> None:
    """A headline and a line of the table without anything look like a mistake of the page."""
    assert [cells.text(one) for one in ("v1", "", " ", "\u202e")] == ["v1", "“”", "“ ”", "\\u202e"]
    assert cells.shortened("") == "“”"


@pytest.mark.parametrize(("value", "text"), [("-5e120", "−5e120"), ("1e-60", "1e−60"), ("-1234.50", "−1,234.50")])
def test_a_number_of_the_table_has_the_signs_of_figures(value: str, text: str) -> None:
    """A hyphen below a minus would be two ways to write one number."""
    assert history._grouped(Decimal(value)) == text
    assert history._grouped(-Decimal(value), "+") == (f"+{text[1:]}" if text[0] == "−" else f"−{text}")


def test_a_sum_says_how_many_of_its_values_are_old(client: TestClient) -> None:
    """Those of failing, silent and stale series are not the present ones."""
    html = client.get("/metric?name=NotebookInstancesInService").text
    assert "in all spokes, with 7 old values</span>" in html
    assert "in test, with 1 old value</span>" in client.get("/metric?name=NotebookInstancesInService&env=test").text
    assert "in prod</span>" in client.get("/metric?name=EndpointInvocations24h&env=prod").text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=nothing&env=gone", "No series of gone has nothing to report."),
        ("state=above&env=gone", "No series of gone is above."),
    ],
)
def test_what_was_looked_for_is_named_as_on_its_chip(client: TestClient, query: str, words: str) -> None:
    """The word of the address alone makes no sentence."""
    assert words in " ".join(client.get(f"/?{query}").text.split())
