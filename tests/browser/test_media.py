"""The pages in forced colours, on paper, and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .tabs import Tab

SERIES = "/series/ads-ranking/prod?metric=NotebookInstancesInService&compare=1&range=90d"
PAGES = ("/", "/?view=list", "/metric?name=EndpointInvocations24h", "/project/churn-forecast", "/thresholds", SERIES)
# The colours of everything that is drawn, as the browser computes them, and those of the system.
COLOURS = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  const system = ["Canvas", "CanvasText"].map((name) => {
    probe.style.color = name;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  const shapes = [...document.querySelectorAll("svg *")].filter((one) => one.checkVisibility());
  const used = shapes.flatMap((one) => [getComputedStyle(one).stroke, getComputedStyle(one).fill]);
  return { shapes: shapes.length, others: [...new Set(used)].filter((one) => one !== "none" && !system.includes(one)) };
}"""
# Cells whose contents are wider than the cell, so that they lie over the next one.
OVERLAPS = """() => [...document.querySelectorAll("td.cell > a")].filter((one) =>
  [...one.children].some((part) => part.getBoundingClientRect().left < one.getBoundingClientRect().left - 1)).length"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_have_the_colours_that_the_reader_has_chosen(tab: Callable[..., Tab], demo: str, scheme: str) -> None:
    """A grey ring on a black background is not there at all."""
    one = tab(demo, forced_colors="active", color_scheme=scheme)
    for path in PAGES:
        found = one.open(path).evaluate(COLOURS)
        assert found["shapes"] > 5, path
        assert found["others"] == [], path


def test_a_dark_theme_is_printed_on_white(tab: Callable[..., Tab], demo: str) -> None:
    """Printers leave out the background, and its light text could not be read."""
    one = tab(demo, color_scheme="dark")
    page = one.page
    page.evaluate("localStorage.clear()")
    for theme in ("dark", None):
        page.evaluate("(theme) => theme ? document.documentElement.dataset.theme = theme : 0", theme)
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
        page.emulate_media(media="screen")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(227, 231, 236)"
        page = one.open("/")


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_lies_over_its_neighbour(tab: Callable[..., Tab], demo: str, width: int) -> None:
    """A table that is wider than its page scrolls."""
    one = tab(demo)
    one.page.set_viewport_size({"width": width, "height": 844})
    for path in (*PAGES, "/spokes", "/failures", "/series/churn-forecast/prod?metric=ModelVersion"):
        page = one.open(path)
        assert page.evaluate(OVERLAPS) == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_no_column_is_cut_off_on_paper(tab: Callable[..., Tab], demo: str) -> None:
    """A4 and Letter across, without their margins; and paper has no buttons."""
    one = tab(demo)
    one.page.set_viewport_size({"width": 980, "height": 700})
    one.page.emulate_media(media="print")
    for path in PAGES:
        page = one.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 980, path
        assert page.locator("button:visible, input:visible").count() == 0, path
