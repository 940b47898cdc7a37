"""The widget of a dashboard in a browser: as the console shows it, without scripts, and with actions for links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ds_dashboard.publish import widget
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import Source
from ds_dashboard_web.demo import DemoSource

from .sources import NOW, HostileSource
from .tabs import Tab, violations
from .test_hostile import findings

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:ds-dashboard-widget"
SERIES = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h&compare=1"
ADDRESSES = ["/", "/?view=list", SERIES, "/series/churn-forecast/prod?metric=ModelVersion", "/spokes", "/failures",
             "/thresholds", "/metric?name=EndpointInvocations24h", "/project/churn-forecast", "/nothing"]  # fmt: skip
PAGE = '<!doctype html><html lang="en"><title>Console</title><main><h1>Dashboard</h1>'
# What the console does, as its User Guide says: an action belongs to the element before it, and gets the form fields.
CONSOLE = """
const box = document.querySelector("#widget");
const show = async (event) => {
  const all = {};
  for (const one of box.querySelectorAll("form [name]")) all[one.name] = one.value;
  box.innerHTML = await invoke({ ...event, widgetContext: { theme: "light", forms: { all } } });
};
box.addEventListener("click", (click) => {
  for (let one = click.target; one !== box; one = one.parentElement) {
    const action = one.nextElementSibling;
    if (action?.localName === "cwdb-action") return show(JSON.parse(action.textContent));
  }
});
show({ address: "/" });
"""


class Console(Tab):
    """A page of the console with the widget."""

    def __init__(self, browser: Any, source: Source) -> None:
        super().__init__(browser, "about:blank")
        self.state = LastRead(source)
        self.page.on("dialog", lambda dialog: self.messages.append(dialog.message))
        self.page.set_content(
            '<!doctype html><html lang="en"><title>c</title><h1>Dashboard</h1><main id="widget"></main>'
        )
        self.page.expose_function("invoke", lambda event: widget.answer(self.state, event, ARN))
        self.page.evaluate(f"async () => {{ {CONSOLE} }}")
        self.page.wait_for_selector(".ds-dashboard")

    def click(self, text: str) -> None:
        """Click a link, and wait for the answer of the function."""
        before = self.page.locator(".ds-dashboard").element_handle()
        self.page.locator(".ds-dashboard a", has_text=re.compile(rf"^\s*{text}\s*$")).first.click()
        before.wait_for_element_state("hidden")
        self.page.wait_for_selector(".ds-dashboard")


@pytest.fixture
def console(chromium: Any) -> Iterator[Callable[[Source], Console]]:
    """Return a function that opens a dashboard."""
    opened: list[Console] = []

    def opener(source: Source) -> Console:
        opened.append(Console(chromium, source))
        return opened[-1]

    yield opener
    for one in opened:
        one.context.close()


def test_viewers_go_from_page_to_page(console: Callable[[Source], Console]) -> None:
    """To a series and back, to the next page of the table, and to what a search finds."""
    shown = console(DemoSource(NOW, {}))
    page = shown.page
    assert page.locator("table.matrix tbody tr").count() == 36
    shown.click("Next ›")
    assert page.locator("table.matrix tbody tr").count() == 6
    page.locator("input[name=q]").fill("churn prod")
    shown.click("Search")
    assert page.locator("table.list tbody tr").count() == 10
    shown.click("TrainingBillableSeconds24h")
    assert page.locator("h1").last.inner_text() == "TrainingBillableSeconds24h"
    assert page.locator("svg.plot path.line").count() == 1
    shown.click("other environments")
    assert page.locator("svg.plot path.other").count() == 2
    page.locator("input[name=since]").fill(f"{NOW:%Y-%m-%d}")
    shown.click("Show")
    assert page.locator("table.values tbody tr").count() <= 1
    shown.click("Overview")
    assert page.locator("table.matrix tbody tr").count() == 36
    assert page.locator("cwdb-action").first.is_hidden()
    assert shown.messages == []
    assert shown.requests == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_finding_of_accessibility(chromium: Any, theme: str) -> None:
    """In both themes of the console."""
    state = LastRead(DemoSource(NOW, {}))
    page = chromium.new_page()
    found: dict[str, list[Any]] = {}
    for address in ADDRESSES:
        html = widget.answer(state, {"address": address, "widgetContext": {"theme": theme}}, ARN)
        page.set_content(f"{PAGE}{html}")
        found |= {f"{address} {rule}": elements for rule, elements in violations(page).items()}
    page.close()
    assert found == {}, json.dumps(found, indent=1)


def test_the_style_of_the_console_stays(chromium: Any) -> None:
    """The widget's style is for what is in it."""
    page = chromium.new_page()
    around = '<table id="t"><tr><td>x</td></tr></table><button id="b">y</button><a id="a" href="#">z</a>'
    page.set_content(f"<!doctype html>{around}")
    look = "['t', 'b', 'a'].map(id => JSON.stringify({...getComputedStyle(document.getElementById(id))}))"
    before = page.evaluate(look)
    page.set_content(f"<!doctype html>{around}{widget.answer(LastRead(DemoSource(NOW, {})), {}, ARN)}")
    assert page.evaluate(look) == before
    page.close()


def test_names_and_values_of_spokes_stay_text(console: Callable[[Source], Console]) -> None:
    """Through every action, until every page was seen: no element, no script, no reversed text."""
    shown = console(HostileSource())
    seen: set[str] = set()
    waiting = ["/", "/?view=list", "/failures", "/spokes", "/thresholds"]
    while waiting:
        address = waiting.pop()
        seen.add(address)
        html = widget.answer(shown.state, {"address": address}, ARN)
        shown.page.evaluate("html => { document.querySelector('#widget').innerHTML = html; }", html)
        assert findings(shown.page) == [], address
        actions = shown.page.eval_on_selector_all("cwdb-action", "all => all.map(one => JSON.parse(one.textContent))")
        skipped = ("range=", "sort=", "compare=", "read=", "page=", "state=")
        waiting += {one["address"] for one in actions} - seen - {*waiting}
        waiting = [one for one in waiting if not any(map(one.count, skipped))]
    assert len(seen) > 8
    assert shown.messages == []
