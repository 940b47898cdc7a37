"""The pages in a browser: whole, accessible, silent, and with every key."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from .tabs import AXE, Tab, violations

SERIES = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h"
PAGES = {
    "overview": "/",
    "list": "/?view=list&sort=change",
    "empty": "/?q=nothing-has-this-name",
    "series": f"{SERIES}&compare=1",
    "failing series": "/series/ads-ranking/prod?metric=NotebookInstancesInService&range=90d",
    "texts": "/series/churn-forecast/prod?metric=ModelVersion&range=90d",
    "no value": "/series/yield-detection/dev?metric=IdleEndpoints7d",
    "project": "/project/churn-forecast",
    "metric": "/metric?name=EndpointInvocations24h",
    "spokes": "/spokes",
    "failures": "/failures",
    "thresholds": "/thresholds",
    "not found": "/nothing",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_finding_of_accessibility_or_a_message(tab: Callable[..., Tab], demo: str, scheme: str) -> None:
    """Contrast, names and order for those who do not see the page; and nothing that the policy had to stop."""
    # The policy would stop axe itself.
    checked = tab(demo, color_scheme=scheme, bypass_csp=True)
    found = {}
    for name, path in PAGES.items():
        for rule, targets in violations(checked.open(path)).items():
            found[name, rule] = targets
    assert found == {}, json.dumps({str(key): value for key, value in found.items()}, indent=1)
    looked = tab(demo, color_scheme=scheme)
    for path in PAGES.values():
        looked.open(path)
    assert [text for text in looked.messages if "404" not in text] == []
    assert {request.split("/")[2] for request in looked.requests} == {looked.base.split("/")[2]}


def test_the_vendored_checker_is_that_of_its_release() -> None:
    """A changed one could find nothing."""
    sources = json.loads((AXE / "SOURCES.json").read_text())["sha256"]
    assert {name: sha256((AXE / name).read_bytes()).hexdigest() for name in sources} == sources


def test_pages_are_whole_without_javascript(tab: Callable[..., Tab], demo: str) -> None:
    """The report and the widget have none, and some people have switched it off."""
    page = tab(demo, java_script_enabled=False).page
    assert page.locator("table.matrix tbody tr").count() == 36
    page.get_by_role("link", name="Next ›").click()
    assert page.url.endswith("page=2")
    page.locator("input[name=q]").fill("churn prod")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=churn+prod")
    assert page.locator("table.list tbody tr").count() == 10
    page.goto(f"{demo.partition('/?')[0]}{SERIES}")
    assert page.locator("svg.plot path.line").count() >= 1


def test_search_changes_the_result_and_the_address_as_you_type(tab: Callable[..., Tab], demo: str) -> None:
    """The cursor stays where it was."""
    page = tab(demo).page
    page.keyboard.press("/")
    page.keyboard.type("route-ranking prod")
    page.wait_for_url("**/?q=route-ranking+prod")
    page.wait_for_function("document.querySelectorAll('table.list tbody tr').length === 10")
    assert page.evaluate("document.activeElement.id") == "q"
    page.reload()
    assert page.locator("table.list tbody tr").count() == 10


def test_keys_move_through_rows_and_open_them(tab: Callable[..., Tab], demo: str) -> None:
    """Real links have the focus, so that Tab and Enter work as everywhere."""
    page = tab(demo).open("/?view=list")
    for key in "jj":
        page.keyboard.press(key)
    page.keyboard.press("l")
    title = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/**")
    assert title in page.locator("h1").inner_text()
    page.keyboard.press("3")
    page.wait_for_url("**range=90d**")
    page.keyboard.press("e")
    page.wait_for_function("document.querySelector('.crumbs [aria-current]').textContent !== 'dev'")
    page.go_back()
    assert page.locator(".crumbs [aria-current]").inner_text() == "dev"
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/spokes")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1


def test_the_theme_is_remembered(tab: Callable[..., Tab], demo: str) -> None:
    """The button takes precedence over the system's setting."""
    page = tab(demo, color_scheme="light").page
    page.keyboard.press("t")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_gap_is_neither_a_line_nor_a_zero_in_the_plot(tab: Callable[..., Tab], demo: str) -> None:
    """The plot with JavaScript draws what the drawing without it shows."""
    page = tab(demo).open(SERIES)
    page.wait_for_selector(".uplot canvas")
    assert page.locator("#plot svg").count() == 0
    data = json.loads(page.locator("#data").inner_text())
    assert len([value for _, value, _ in data["points"] if value is not None]) >= 25


def test_the_report_opens_from_a_disk(tab: Callable[..., Tab], chromium: Any, tmp_path: Path) -> None:
    """Its policy allows nothing, and its style is whole."""
    from click.testing import CliRunner

    from ds_dashboard_cli.main import cli

    file = tmp_path / "report.html"
    assert CliRunner().invoke(cli, ["report", "--demo", "-o", str(file)]).exit_code == 0
    one = tab(file.as_uri())
    assert one.messages == []
    assert one.page.locator("td.cell").count() == 420
    assert one.page.evaluate(
        "getComputedStyle(document.querySelector('td.cell.failing .box')).backgroundColor"
    ) not in (
        "rgba(0, 0, 0, 0)",
        "",
    )
    assert one.requests == [file.as_uri()]


def test_a_phone_shows_one_column(tab: Callable[..., Tab], demo: str) -> None:
    """Tables scroll, and the page does not."""
    one = tab(demo)
    one.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", SERIES, "/spokes", "/failures"):
        page = one.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
