"""The look of the pages where it can be held by a rule: no number is cut off, and paper has all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Series, Snapshot
from ds_dashboard.pages.report import report_files
from ds_dashboard.publish.source import Source
from ds_dashboard_web.demo import DemoSource

from .sources import NOW, HostileSource
from .tabs import Tab

ENVIRONMENTS = ("dev", "test", "qa", "int", "staging", "preprod", "production", "sandbox-of-the-team")
# The widest numbers of each unit.
NUMBERS = (("-999", "Count"), ("-99.99", "USD"), ("-888000", "Seconds"), ("-1.11e-7", "Count"), ("-1023000", "Bytes"))
# Numbers whose cell hides a part of them, and environments whose name is cut off.
CUT_OFF = """() => [...document.querySelectorAll('td.cell a, td.cell .value > span, th.env')]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && !one.textContent.includes('sandbox'))
  .map(one => one.innerText)"""

# Texts of these elements that are cut off.
HIDDEN = """(selector) => [...document.querySelectorAll(selector)]
  .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""
# Numbers of a panel that lie beyond its edge, which hides them.
BESIDE = """() => [...document.querySelectorAll('.panels td.number')]
  .filter(one => one.getBoundingClientRect().right > one.closest('.panel').getBoundingClientRect().right)
  .map(one => one.innerText)"""


class Wide(DemoSource):
    """A hub with eight environments and wide numbers."""

    def snapshot(self) -> Snapshot:
        """Return a project with every environment and number, twice as many metrics as fit."""
        snapshot = super().snapshot()
        one = snapshot.series[0]

        def series(environment: str, number: int) -> Series:
            value, unit = NUMBERS[number % len(NUMBERS)]
            metric = ("CostMonthToDate", "EndpointInvocations24h", "EndpointLatencyP95", "IdleEndpoints7d")[number % 4]
            return replace(one, environment=environment, metric=f"{metric}{number}", value=Decimal(value), unit=unit)

        return replace(snapshot, series=[series(name, number) for name in ENVIRONMENTS for number in range(10)])

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Return no values: sparklines are no numbers."""
        return {}

    def values_before(self, snapshot: Snapshot) -> Mapping[Key, Decimal]:
        """Return values that make the widest changes."""
        return {
            (one.project, one.environment, one.metric): one.value / 3
            for one in snapshot.series
            if isinstance(one.value, Decimal)
        }


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/", "/project/ads-ranking"])
def test_no_number_is_cut_off(tab: Callable[..., Tab], serve: Callable[[Source], str], path: str, width: int) -> None:
    """A part of a number is another number. A sparkline makes way, and then the table scrolls."""
    one = tab(serve(Wide(NOW, {})))
    one.page.set_viewport_size({"width": width, "height": 900})
    assert one.open(path).locator("td.cell").count() >= 64
    assert one.page.evaluate(CUT_OFF) == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("source", [Wide(NOW, {}), HostileSource()], ids=["wide", "hostile"])
def test_no_number_is_beside_its_panel(chromium: Any, source: Source, width: int) -> None:
    """A panel does not scroll: a long name makes way for the value and its change."""
    snapshot = source.snapshot()
    index = Index(snapshot)
    index.set_values_before(source.values_before(snapshot))
    (html,) = report_files(index, source.sparklines, snapshot.read_at).values()
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_content(html)
    assert page.locator(".panels td.number").count() >= 2
    assert page.evaluate(BESIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("path", ["/", "/?view=list", "/spokes", "/failures", "/project/churn-forecast"])
def test_paper_has_everything_but_the_controls(tab: Callable[..., Tab], demo: str, path: str) -> None:
    """What is beyond the edge of a sheet is lost, and nobody can click on paper."""
    page = tab(demo).open(path)
    page.set_viewport_size({"width": 1040, "height": 720})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1040
    assert page.locator(".search, .icon, #zone, form button").filter(visible=True).count() == 0


def test_links_look_like_links_if_the_system_forces_colours(tab: Callable[..., Tab], demo: str) -> None:
    """Colours of the system in our style stay as they are, also those that would hide a link."""
    page = tab(demo, forced_colors="active", color_scheme="dark").page
    of = "one => getComputedStyle(document.querySelector(one)).color"
    assert page.evaluate(of, ".tabs a") == page.evaluate(of, ".matrix th a") != page.evaluate(of, "body")


def test_a_phone_shows_what_matters_without_scrolling(tab: Callable[..., Tab], demo: str) -> None:
    """Which project has changed, in how many spokes a metric fails, and the value of a metric beside its spoke."""
    one = tab(demo)
    one.page.set_viewport_size({"width": 390, "height": 844})
    page = one.open("/")
    assert page.evaluate(HIDDEN, ".panels .grow") == []
    page = one.open("/metric?name=EndpointInvocations24h")
    right = page.locator(".list td.value").first.evaluate("cell => cell.getBoundingClientRect().right")
    assert right <= 390
