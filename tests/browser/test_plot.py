"""The plot with JavaScript: gaps, and what is under the pointer."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard.pages.cells import Key
from ds_dashboard.pages.model import Point, Snapshot
from ds_dashboard.publish.source import Source
from ds_dashboard_web.demo import DemoSource

from .sources import NOW
from .tabs import Tab
from .test_zone import RECORD

# How many pixels of a colour the plot has in a part of its width, from 0 to 1.
COLOURED = """([name, from, to]) => {
  const canvas = document.querySelector('.uplot canvas'), over = document.querySelector('.u-over');
  const left = parseFloat(over.style.left) * devicePixelRatio, width = over.clientWidth * devicePixelRatio;
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1);
  const wanted = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const x = Math.round(left + from * width), wide = Math.round((to - from) * width);
  const data = canvas.getContext('2d').getImageData(x, 0, wide, canvas.height).data;
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (wanted.every((one, index) => Math.abs(data[at + index] - one) < 40)) count += 1;
  }
  return count;
}"""


class Gap(DemoSource):
    """A metric that has no values in prod from 20 to 10 days ago, and has all in dev."""

    def __init__(self, unit: str, value: str) -> None:
        super().__init__(NOW, {})
        self._unit, self._value = unit, Decimal(value)

    def snapshot(self) -> Snapshot:
        """Return two series."""
        whole = super().snapshot()
        one = next(found for found in whole.series if found.metric == "EndpointInvocations24h")
        pair = [replace(one, project="P", environment=name, unit=self._unit) for name in ("dev", "prod")]
        return replace(whole, series=pair)

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return values that grow, in dev at other minutes."""
        now = self._now
        times = [now - timedelta(days=day, minutes=30 if key[1] == "dev" else 0) for day in range(29, -1, -1)]
        values = [
            Point(at, self._value + (now - at).days)
            for at in times
            if key[1] == "dev" or not timedelta(days=10) < now - at < timedelta(days=20)
        ]
        return [one for one in values if since <= one.time < until]


class Lonely(Gap):
    """A metric with values of each hour, and a single one in a gap of twenty days."""

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return 241 values."""
        hours = [15 * 24, *range(239, -1, -1)]
        return [Point(self._now - timedelta(hours=hour), self._value) for hour in hours]


@pytest.mark.parametrize("compare", ["", "&compare=1"])
def test_no_part_of_a_gap_is_a_line(tab: Callable[..., Tab], serve: Callable[[Source], str], compare: str) -> None:
    """Times of another environment within the gap divided it into a line and a shorter gap."""
    page = tab(serve(Gap("Count", "1000"))).open(f"/series/P/prod?metric=EndpointInvocations24h{compare}")
    page.wait_for_selector(".uplot canvas")
    assert page.evaluate(COLOURED, ["--accent", 0.1, 0.3]) > 100
    # From 19 to 11 days ago.
    assert page.evaluate(COLOURED, ["--accent", 11 / 30, 19 / 30]) == 0


def test_a_value_between_two_gaps_is_a_point(tab: Callable[..., Tab], serve: Callable[[Source], str]) -> None:
    """It is on no line, and many values have no points."""
    page = tab(serve(Lonely("Count", "1000"))).open("/series/P/prod?metric=EndpointInvocations24h")
    page.wait_for_selector(".uplot canvas")
    assert page.evaluate(COLOURED, ["--accent", 0.45, 0.55]) > 3


@pytest.mark.parametrize("value", ["1e120", "-1e37", "3e-130"])
def test_numbers_of_any_size_have_levels(tab: Callable[..., Tab], serve: Callable[[Source], str], value: str) -> None:
    """The plot had none beyond 17 digits."""
    one = tab(serve(Lonely("Count", value)))
    one.context.add_init_script(RECORD)
    page = one.open("/series/P/prod?metric=EndpointInvocations24h")
    page.wait_for_selector(".uplot canvas")
    texts = [text for _, text in json.loads(page.locator("#data").inner_text())["levels"]]
    assert len(texts) >= 2
    assert set(texts) <= {text for text, _ in page.evaluate("written")}
    assert page.evaluate(COLOURED, ["--accent", 0.8, 0.9]) > 20
    assert one.messages == []


@pytest.mark.parametrize(
    ("unit", "value", "texts"),
    [
        ("Count", "160000", ["160 k", "160,000"]),
        ("Seconds", "70000", ["19 h 26 m", "70,000"]),
        ("Microseconds", "480", ["480 µs"]),
        ("USD", "-25", ["−$25.00"]),
        ("Requests", "7", ["7 Requests"]),
    ],
)
def test_the_value_under_the_pointer_is_exact(
    tab: Callable[..., Tab], serve: Callable[[Source], str], unit: str, value: str, texts: list[str]
) -> None:
    """With the text that the page has elsewhere, and all digits if that leaves some out."""
    page: Any = tab(serve(Gap(unit, value))).open("/series/P/prod?metric=EndpointInvocations24h")
    box = page.locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 50)
    page.locator(".tip strong").first.wait_for()
    assert page.locator(".tip strong, .tip small").all_inner_texts() == texts
