"""Names, values and messages that spokes choose to attack the reader, on every page and in the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard.pages import report, urls
from ds_dashboard.pages.index import Index
from ds_dashboard.publish.source import Source

from .sources import BIDI, METRICS, HostileSource
from .tabs import Tab, violations

PAGES = (
    "/",
    "/?view=list",
    "/failures",
    "/spokes",
    "/thresholds",
    f"/?q={'x' * 500}",
    "/spokes?q=%22%3E%3Cimg%20src=x%3E",
)
# Other orders and periods of the same.
_SKIPPED = ("format=", "range=", "sort=", "compare=", "page=", "state=")
# What executes, loads or navigates, and what our own pages do not have. uPlot sets styles through CSSOM.
_ELEMENTS = (
    "img, iframe, object, embed, base, [onload], [onerror], [style]:not(.uplot, .uplot *), svg script, "
    "a[href^='javascript']"
)


@pytest.fixture(scope="module")
def hostile(serve: Callable[[Source], str]) -> str:
    """The address of the pages of a hub with hostile spokes."""
    return serve(HostileSource())


_TEXTS = """() => [document.title, document.body.innerText, ...[...document.querySelectorAll('body *')]
  .flatMap(one => [one.title, one.ariaLabel, one.placeholder])].filter(text => typeof text === 'string').join(' ')"""


def findings(page: Any) -> list[str]:
    """Return what is wrong with a page that must show what spokes chose as text, spelled out, in a page that fits."""
    shown = page.evaluate(_TEXTS)
    found = [f"{count} elements" for count in [page.locator(_ELEMENTS).count()] if count]
    # The value of a hidden field keeps the exact name.
    found += [f"shows {one!r}" for one in BIDI if not one.isprintable() and one in shown]
    found += [f"evaluates to {one}" for one in ("9359", "1337") if one in shown.replace("{{1337*7}}", "")]
    width = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"is {width} pixels wide"] if width > 1440 else [])


def test_names_values_and_messages_stay_text_on_every_page(tab: Callable[..., Tab], hostile: str) -> None:
    """From the overview through every link: no element, no script, no reversed text, and no page that fails."""
    one = tab(hostile)
    alerts: list[str] = []
    statuses: dict[str, int] = {}
    found: dict[str, list[str]] = {}

    def dismiss(dialog: Any) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    one.page.on("dialog", dismiss)
    one.page.on("response", lambda answer: statuses.update({answer.url: answer.status}))
    seen: set[str] = set()
    waiting = [*PAGES]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        if wrong := findings(one.open(path)):
            found[path] = wrong
        links = one.page.eval_on_selector_all("main a", "all => all.map(one => one.getAttribute('href'))")
        new = [link for link in links if not any(map(link.count, _SKIPPED))]
        waiting = list(dict.fromkeys([*waiting, *(link for link in new if link.startswith("/") and link not in seen)]))
    assert found == {}
    kinds = {path.partition("?")[0].split("/")[1] for path in seen}
    assert kinds >= {"", "series", "project", "metric", "spokes", "failures", "thresholds"}
    assert sum(path.startswith("/metric") for path in seen) >= len(METRICS)
    assert {url: status for url, status in statuses.items() if status != 200 and "token=" not in url} == {}
    assert alerts == []
    assert one.messages == []
    assert {request.split("/")[2] for request in one.requests} == {one.base.split("/")[2]}


def test_long_texts_leave_a_page_accessible(tab: Callable[..., Tab], hostile: str) -> None:
    """What is cut off or scrolls must be reachable with keys."""
    one = tab(hostile, bypass_csp=True)
    series = [urls.series("P", "dev", metric, compare="1") for metric in METRICS]
    found = {
        path: violations(one.open(path)) for path in (*PAGES[:5], "/project/P", *map(urls.metric, METRICS), *series)
    }
    assert {path: rules for path, rules in found.items() if rules} == {}


def test_a_search_as_you_type_keeps_hostile_text_as_text(tab: Callable[..., Tab], hostile: str) -> None:
    """The result is replaced by JavaScript, and the words come back in it."""
    one = tab(hostile)
    one.page.locator("#q").fill('"><img src=x onerror=alert(1)>')
    one.page.wait_for_url("**/?q=*")
    one.page.wait_for_function("document.querySelector('#result .list, #result .empty')")
    assert findings(one.page) == []
    one.page.locator("#q").fill("<b>nothing</b>")
    one.page.wait_for_selector("#result .empty")
    assert "<b>nothing</b>" in one.page.locator("#result").inner_text()
    assert one.page.locator("#result b").count() == 0
    assert one.messages == []


def test_the_report_keeps_hostile_text_as_text(tab: Callable[..., Tab], tmp_path: Path) -> None:
    """The one file, and the files for each project."""
    source = HostileSource()
    index = Index(source.snapshot())
    index.set_values_before(source.values_before(index.snapshot))
    for most in (report.MAX_SERIES, 1):
        folder = tmp_path / str(most)
        folder.mkdir()
        files = report.report_files(index, source.sparklines, source.now, most)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name in files:
            address = (folder / name).as_uri()
            one = tab(address)
            assert findings(one.page) == [], name
            assert one.messages == []
            assert one.requests == [address]
    assert len(files) == 4
