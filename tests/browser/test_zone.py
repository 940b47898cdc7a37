"""Times in UTC, and in the zone of the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ds_dashboard.publish.source import Source

from .sources import HostileSource
from .tabs import Tab

ZONE = "Asia/Kabul"
AHEAD = timedelta(hours=4, minutes=30)
SERIES = "/series/churn-forecast/prod?metric=TrainingBillableSeconds24h&range=7d"
TEXTS = "/series/churn-forecast/prod?metric=ModelVersion&range=90d"
# What the plot writes, with its place from the left.
RECORD = """window.written = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, ...rest) {
  window.written.push([text, x]);
  return write.call(this, text, x, ...rest);
};"""


def instants(page: Any) -> list[tuple[datetime, str]]:
    """Return every instant on a page, and how it is shown."""
    found = page.eval_on_selector_all("time", "all => all.map(one => [one.dateTime, one.textContent])")
    return [(datetime.fromisoformat(instant), text) for instant, text in found]


def instant_in(text: str) -> datetime:
    """Return the instant in what the plot says under the pointer, in any year."""
    found = re.search(r"\d+ \w+, \d+:\d+", text)
    assert found is not None, text
    return datetime.strptime(f"2000 {found[0]}", "%Y %d %b, %H:%M")


def test_a_key_and_a_button_switch_every_time_on_a_page(tab: Callable[..., Tab], demo: str) -> None:
    """A person in Kabul compares them with what happened there."""
    one = tab(demo, timezone_id=ZONE)
    for path in (SERIES, TEXTS, "/thresholds", "/spokes"):
        page = one.open(path)
        utc = instants(page)
        assert all(f"{instant:%H:%M}" in text for instant, text in utc), path
        page.keyboard.press("u")
        local = instants(page)
        assert [instant for instant, _ in local] == [instant for instant, _ in utc]
        assert all(f"{instant + AHEAD:%H:%M}" in text for instant, text in local), path
        assert all("UTC" not in text for _, text in local), path
        dated = [(instant, text) for instant, text in local if re.match(r"\d{4}-", text)]
        assert all(text.startswith(f"{instant + AHEAD:%Y-%m-%d %H:%M}") for instant, text in dated), path
        assert len(dated) > 2 or path == "/spokes"
        page.get_by_role("button", name=ZONE).click()
        assert instants(page) == utc
    assert one.messages == []


def test_headings_and_what_is_said_on_hover_follow(tab: Callable[..., Tab], demo: str) -> None:
    """A time in one zone under the name of another is wrong."""
    page = tab(demo, timezone_id=ZONE).open(SERIES)
    heading, headline = page.locator("#values ~ * th, .values th").first, page.locator(".headline")
    assert heading.inner_text() == "Extracted (UTC)"
    said = headline.get_attribute("title")
    page.keyboard.press("u")
    assert heading.inner_text() == f"Extracted ({ZONE})"
    day, clock = re.search(r"^(\S+) (\S+) UTC", said, re.MULTILINE).groups()  # type: ignore[union-attr]
    then = datetime.fromisoformat(f"{day} {clock}") + AHEAD
    assert f"\n{then:%Y-%m-%d %H:%M} GMT+4:30, " in headline.get_attribute("title")
    page.keyboard.press("u")
    assert headline.get_attribute("title") == said


def test_the_plot_follows(tab: Callable[..., Tab], demo: str) -> None:
    """Its days begin at midnight of the zone, and the values under the pointer have times of it."""

    def ticks() -> dict[str, float]:
        return {text: x for text, x in page.evaluate("written") if re.fullmatch(r"\d+ [A-Z][a-z]{2}", text)}

    def hovered() -> str:
        box = page.locator(".u-over").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
        page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + 50)
        text: str = page.locator(".tip div").first.inner_text()
        return text

    one = tab(demo, timezone_id=ZONE)
    one.context.add_init_script(RECORD)
    page = one.open(SERIES)
    page.wait_for_selector(".uplot canvas")
    utc, utc_hovered = ticks(), hovered()
    assert "UTC" in utc_hovered
    page.evaluate("written = []")
    page.keyboard.press("u")
    local, local_hovered = ticks(), hovered()
    # Midnight in Kabul comes before midnight in UTC.
    assert len(utc.keys() & local.keys()) >= 5
    assert all(local[day] < utc[day] for day in utc.keys() & local.keys())
    assert ZONE in local_hovered
    assert instant_in(local_hovered) - instant_in(utc_hovered) == AHEAD
    assert one.messages == []


def test_the_zone_is_remembered_and_new_rows_have_it(tab: Callable[..., Tab], demo: str) -> None:
    """As the theme is; a search brings rows in UTC from the server."""
    page = tab(demo, timezone_id=ZONE).page
    page.keyboard.press("u")
    page.reload()
    assert " GMT+4:30" in page.locator(".read time").inner_text()
    page.locator("#q").fill("churn prod")
    page.locator("table.list th a[title*='GMT+4:30']").nth(8).wait_for()
    assert page.locator("#result [title*=' UTC']").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.reload()
    assert page.locator(".read time").inner_text().endswith(" UTC")


def test_all_is_utc_without_javascript(tab: Callable[..., Tab], demo: str) -> None:
    """And there is no button that would do nothing."""
    page = tab(demo, timezone_id=ZONE, java_script_enabled=False).page
    assert not page.locator("#zone").is_visible()
    assert page.locator(".read time").inner_text().endswith(" UTC")


def test_a_text_that_looks_like_a_time_breaks_nothing(tab: Callable[..., Tab], serve: Callable[[Source], str]) -> None:
    """Spokes choose texts, and one is no date."""
    one = tab(serve(HostileSource()), timezone_id=ZONE)
    for path in ("/", "/?view=list", "/thresholds"):
        one.open(path).keyboard.press("u")
    assert one.page.locator("#zone").get_attribute("aria-pressed") == "true"
    assert one.messages == []
