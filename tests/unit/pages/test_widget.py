"""The widget of a dashboard: the same pages, without scripts and links, whatever it is called with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import dates
from ds_dashboard.handlers.widget import handler
from ds_dashboard.pages import cells, report, site, widget
from ds_dashboard.pages.index import Filter, Index
from ds_dashboard.pages.model import Snapshot
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.widget import MAX_AGE, answer, for_functions, request_of
from ds_dashboard_web.demo import DemoSource

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:ds-dashboard-widget"
ACTION = re.compile(rf'</a><cwdb-action action="call" endpoint="{ARN}" display="widget">(\{{[^<>&]*\}})</cwdb-action>')


def actions(html: str) -> Iterator[dict[str, Any]]:
    """Yield what the actions of a widget call its function with."""
    for text in ACTION.findall(html):
        yield json.loads(text)


class Tags(HTMLParser):
    """The elements of HTML with their attributes, and whether they are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("input", "wbr", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_page_can_be_reached_and_has_nothing_that_the_console_removes(state: LastRead) -> None:
    """Scripts, frames, references and links. Each link is an action, and each action leads to a page."""
    seen: set[str] = set()
    waiting, failed = ["/"], []
    kinds = set()
    while waiting:
        address = waiting.pop()
        html = answer(state, {"address": address}, ARN)
        tags = Tags(html)
        assert not tags.open
        assert not {"script", "iframe", "use", "object", "button", "img", "link"} & {tag for tag, _ in tags.found}
        removed = {"href", "src", "onclick", "action", "style"}
        assert not removed & {name for tag, given in tags.found if tag != "cwdb-action" for name in given}
        found = list(actions(html))
        assert len(found) == sum(tag in ("a",) for tag, _ in tags.found), "no link without an action"
        if "Not found" in html:
            failed.append(address)
        for one in found:
            # Of each kind of page a few, since there are hundreds of series.
            path = one["address"].partition("?")[0]
            kind = (path.split("/")[1], *sorted(re.findall(r"[?&](\w+)=", one["address"])))
            if one["address"] not in seen and (kind not in kinds or len(seen) < 12):
                kinds.add(kind)
                seen.add(one["address"])
                waiting.append(one["address"])
    assert failed == []
    assert {"", "series", "project", "metric", "spokes", "failures", "thresholds"} <= {kind[0] for kind in kinds}


def test_pages_report_and_widget_show_the_same_cells(state: LastRead, index: Index, source: DemoSource) -> None:
    """One renderer makes all of them."""

    def shown(html: str) -> set[str]:
        return {unescape(one) for one in re.findall(r'title="(churn-forecast/[^"]+)"', html)}

    in_widget = shown(answer(state, {"address": "/project/churn-forecast"}, ARN))
    (in_report,) = (shown(html) for html in report.report_files(index, source.recent, index.snapshot.read_at).values())
    rows = index.rows(Filter(project="churn-forecast"), "spoke", 0, 1000)
    assert in_widget == in_report == {cells.title(row.series, index.snapshot.read_at) for row in rows}
    assert len(in_widget) == 30


def test_the_style_is_for_the_widget_only() -> None:
    """The console around it has tables, buttons and a body of its own."""
    selectors = [
        one.strip()
        for prelude in re.findall(r"([^{}]+)\{", widget.style())
        if not prelude.strip().startswith("@")
        for one in prelude.split(",")
    ]
    assert len(selectors) > 150
    assert "@page" not in widget.style(), "the paper is that of the console"
    assert [one for one in selectors if not one.startswith(".ds-dashboard")] == []
    assert [one for one in selectors if re.search(r"\b(body|html)\b|:root|data-theme|\(.*,", one)] == []


@pytest.mark.parametrize(
    ("theme", "shown"), [("light", "light"), ("dark", "dark"), ('"><img>', "light"), (None, "light")]
)
def test_the_theme_is_that_of_the_console(state: LastRead, theme: Any, shown: str) -> None:
    html = answer(state, {"widgetContext": {"theme": theme}}, ARN)
    assert Tags(html).found[0][1]["class"] == f"ds-dashboard cwdb-no-default-styles {shown}"


def test_a_search_finds_what_is_in_its_field(state: LastRead) -> None:
    """The console sends the fields of all forms; an action names its own."""
    page = answer(state, {"address": "/?env=prod"}, ARN)
    (search,) = (one for one in actions(page) if one.get("fields"))
    assert search == {"address": "/?env=prod", "fields": ["q"]}
    context = {"forms": {"all": {"q": "churn cost", "since": "2026-01-01"}}}
    asked = request_of({**search, "widgetContext": context})
    assert asked.address == "/?env=prod&q=churn+cost"
    html = answer(state, {**search, "widgetContext": context}, ARN)
    assert 'value="churn cost"' in html
    assert "churn-forecast/prod CostMonthToDate" in html
    assert "churn-forecast/dev" not in html


def test_a_period_is_that_of_its_fields(state: LastRead) -> None:
    """The form of a series has no address of its own, and the name of the metric in a hidden input."""
    series = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h"
    (period,) = (one for one in actions(answer(state, {"address": series}, ARN)) if one.get("fields"))
    assert period == {"address": series, "fields": ["since", "until"]}
    fields = {"since": "2026-11-01", "until": "2026-11-03"}
    html = answer(state, {**period, "widgetContext": {"forms": {"all": fields}}}, ARN)
    assert sorted(re.findall(r"2026-11-0\d(?= \d\d:\d\d:\d\d)", html)) == ["2026-11-01", "2026-11-02", "2026-11-03"]


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {},
        {"address": 7},
        {"address": "https://evil.example/"},
        {"address": "/" + "a" * 9000},
        {"address": "/", "fields": "q", "widgetContext": {"forms": {"all": {"q": "x"}}}},
        {"address": "/", "fields": [[], None, "q"], "widgetContext": {"forms": {"all": {"q": ["x"]}}}},
        {"address": "/", "fields": ["q"], "widgetContext": {"forms": None}},
        {"address": "/", "widgetContext": "dark"},
        {"address": "/?page=-1&sort=;drop&view=%00"},
        {"address": "/?page=1&x=\ud800"},
        {"address": "/#cause"},
        {"address": "/", "fields": ["\udfff"], "widgetContext": {"forms": {"all": {"\udfff": "\ud800"}}}},
    ],
)
def test_an_event_that_is_not_valid_shows_the_overview(state: LastRead, event: Any) -> None:
    """Whoever may invoke the function may send anything."""
    html = answer(state, event, ARN)
    assert "Needs attention" in html
    assert "churn-forecast/prod" in html


def test_the_fields_of_an_event_are_few_and_short() -> None:
    """Every link of a page repeats them, and Lambda limits its answer."""
    fields = {f"{number}" * 500: "v" * 500 for number in range(1000, 3000)}
    asked = request_of({"address": "/", "fields": list(fields), "widgetContext": {"forms": {"all": fields}}})
    assert len(asked.address) < 10 * (200 + 200 + 2) + 2


def test_every_link_of_the_longest_search_leads_to_its_page(state: LastRead) -> None:
    """The console sends the address of a link as it is, with twelve characters for each of the search."""
    words = "😀" * 300
    event = {"address": "/", "fields": ["q"], "widgetContext": {"forms": {"all": {"q": words}}}}
    views = [one for one in actions(answer(state, event, ARN)) if "view=list" in one["address"]]
    assert views
    for one in views:
        assert words[:200] in answer(state, one, ARN)


def test_half_a_character_is_searched_for_as_something_that_can_be_sent(state: LastRead) -> None:
    """JSON can have it, UTF-8 cannot: neither SQLite nor the answer."""
    context = {"forms": {"all": {"q": "a\ud800b"}}}
    html = answer(state, {"address": "/", "fields": ["q"], "widgetContext": context}, ARN)
    assert 'value="a?b"' in html
    assert "No series has" in html.encode().decode()


def test_a_place_on_a_page_is_its_page(state: LastRead) -> None:
    """Whoever makes a dashboard of their own copies an address from `ds-dashboard web`."""
    html = answer(state, {"address": "/failures#cause-NotebookInstancesInService-MetricDenied"}, ARN)
    assert "Not found" not in html
    assert "fails in 5 spokes" in html


def test_a_function_without_its_variables_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The console would show an error with a stack trace."""
    monkeypatch.delenv("DS_DASHBOARD_NAME", raising=False)
    html = handler({"widgetContext": {"theme": "dark"}}, SimpleNamespace(invoked_function_arn=ARN))
    assert "The hub cannot be read" in html
    assert "DS_DASHBOARD_NAME is not set" in html
    assert "apply the Terraform module" in html
    Tags(html)


@pytest.mark.parametrize(
    "address", ["/x", "//evil.example", "/series/a/b/c", "/project/%00", "/metric", "/project/", "/assets/style.css"]
)
def test_an_address_without_a_page_says_so(state: LastRead, address: str) -> None:
    html = answer(state, {"address": address}, ARN)
    assert "Not found" in html
    assert site.NOT_FOUND in html


class Counting(DemoSource):
    """Made-up data that ages like those of a hub, and cannot be read if `error` is set."""

    error: Exception | None = None
    reads = 0

    def snapshot(self) -> Snapshot:
        self.reads += 1
        if self.error:
            raise self.error
        return replace(super().snapshot(), is_demo=False, read_at=dates.now())


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    moment = [datetime.fromisoformat("2026-11-23T14:02:00+00:00")]
    monkeypatch.setattr(dates, "now", lambda: moment[0])
    found = Counting(moment[0], {})
    found.moment = moment  # type: ignore[attr-defined]
    return found


def test_the_hub_is_read_once_a_minute_and_when_asked(counting: Any) -> None:
    """A viewer who follows links must not scan the tables each time."""
    state = LastRead(counting)

    def reads_of(passed: timedelta = timedelta(), address: str = "/") -> int:
        before = counting.reads
        counting.moment[0] += passed
        answer(state, {"address": address}, ARN)
        return int(counting.reads - before)

    assert reads_of() == 1
    assert reads_of(timedelta(seconds=30), "/spokes") == 0
    assert reads_of(MAX_AGE) == 1
    (again,) = (one for one in actions(answer(state, {"address": "/spokes"}, ARN)) if "read=" in one["address"])
    assert reads_of(address=again["address"]) == 1
    html = answer(state, again, ARN)
    assert html.count("read=1") == 1, "only the action that reads again has it"


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Scan")


def test_the_first_call_of_a_process_reads_once(counting: Counting) -> None:
    """Also if it asks for a read: it finds none to answer from."""
    answer(LastRead(counting), {"address": "/?read=1"}, ARN)
    assert counting.reads == 1


def test_a_hub_that_cannot_be_read_is_said_in_the_widget(counting: Counting) -> None:
    """The console would show an error of Lambda, which no viewer can do anything about."""
    counting.error = DENIED
    html = answer(LastRead(counting, for_functions), {}, ARN)
    assert "The hub cannot be read" in html
    assert "may not call Scan" in html
    assert "ds-dashboard doctor" in html
    Tags(html)


def test_the_last_read_stays_if_a_newer_one_fails(counting: Any) -> None:
    state = LastRead(counting, for_functions)
    answer(state, {}, ARN)
    counting.error = DENIED
    counting.moment[0] += timedelta(hours=1)
    html = answer(state, {}, ARN)
    assert "may not call Scan" in html
    assert "churn-forecast/prod" in html
    assert "read <time" in html
    assert "14:02 UTC" in html


def test_the_console_gets_a_description() -> None:
    """In Markdown, without any configuration: it is asked for before the widget is made."""
    text = handler({"describe": True}, SimpleNamespace())
    assert text.startswith("## ")
    assert "`address`" in text
