"""The plot of a series: its axes, its gaps, and what is drawn beside the line."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from ds_dashboard.pages import plot, svg
from ds_dashboard.pages.index import Filter
from ds_dashboard.pages.model import Period, Point

from .conftest import NOW
from .test_views import one_series, points


def test_missing_days_are_a_gap_and_neither_zero_nor_a_line() -> None:
    """A line across a week without values would say that they were known."""
    drawn = plot.with_gaps(points((6, 1), (5, 2), (4, 3), (1, 4), (0, 5)))
    assert [value for _, value in drawn] == [1, 2, 3, None, 4, 5]
    assert svg.plot(drawn, "label").split('class="line" d="')[1].split('"')[0].count("M") == 2


def test_a_value_between_two_gaps_is_a_point() -> None:
    """It is on no line, and many values have no points."""
    line = [*((float(at), 1.0) for at in range(200)), (300.0, None), (400.0, 1.0), (500.0, None), (600.0, 1.0)]
    assert svg.plot(line, "label").count('class="point"') == 2
    assert svg.plot(line[:100], "label").count('class="point"') == 100
    assert svg.plot(line[:9], "label", others=[line]).count('class="other point"') == 2


def test_the_axis_begins_at_zero_if_the_values_are_near_it() -> None:
    """From 98 to 102 is no doubling, and from 2 to 9 is."""
    assert plot.nice_levels(points((1, 2), (0, 9)), None) == [0, 2, 4, 6, 8, 10]
    assert plot.nice_levels(points((1, 98), (0, 102)), None) == [98, 99, 100, 101, 102]
    assert plot.nice_levels(points((1, 5), (0, 5)), None)[0] == 0
    assert plot.nice_levels(points((1, 0), (0, 36000)), "Seconds") == [0, 7200, 14400, 21600, 28800, 36000]
    assert plot.nice_levels(points((0, "text")), None) == []


def test_an_axis_of_time_has_one_unit() -> None:
    """People compare "20 h" and "30 h"; "1 d 6 h" between them must be worked out."""
    assert plot.level_texts([0.0, 36000.0, 72000.0, 108000.0], "Seconds") == ["0 h", "10 h", "20 h", "30 h"]
    assert plot.level_texts([0.0, 86400.0], "Seconds") == ["0 d", "1 d"]
    assert plot.level_texts([0.0, 2.5], "Seconds") == ["0 s", "2.5 s"]
    assert plot.level_texts([-200.0, 0.0], "USD") == ["−$200", "$0"]
    assert plot.level_texts([0.0, 5000.0, 10000.0], "Microseconds") == ["0 ms", "5 ms", "10 ms"]
    assert plot.level_texts([500.0, 1000.0, 1500.0], "Count") == ["500", "1,000", "1,500"]
    assert plot.level_texts([0.0, 2e5, 4e5], "Requests/Second") == ["0", "200 k", "400 k"], "no room for a name"


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (("160000", "160500"), "Count"),
        (("100000", "100003"), "Seconds"),
        (("5000", "5002"), "Milliseconds"),
        (("100.001", "100.003"), "USD"),
        (("1000000001", "1000000003"), "Bytes"),
        (("99.991", "99.999"), "Percent"),
        (("1e-130", "2e-130"), None),
        (("1e120", "1.001e120"), "Bytes"),
        (("-1e17", "-1e17"), "Count"),
        (("-1e125", "-1e125"), "USD"),
        (("0", "0"), "Count"),
    ],
)
def test_no_two_levels_of_the_axis_of_values_read_alike(values: tuple[str, str], unit: str | None) -> None:
    """Six levels of "160 k" say nothing, and a series that never changes has an axis as well."""
    levels = plot.nice_levels([Point(NOW, Decimal(one)) for one in values], unit)
    texts = plot.level_texts(levels, unit)
    assert len(set(texts)) == len(texts) >= 2
    assert levels[0] <= float(values[0]) <= float(values[1]) <= levels[-1]


def test_counts_have_no_half_levels() -> None:
    """Nobody runs half a job."""
    assert plot.nice_levels(points((1, 0), (0, 2)), "Count") == [0, 1, 2]
    assert plot.nice_levels(points((1, 0), (0, 0)), "Count") == [0, 1]
    assert plot.nice_levels(points((1, -7), (0, -7)), "Count") == [-8, -6, -4, -2, 0]


def test_a_text_is_a_band_as_long_as_it_stayed() -> None:
    """The newest one is dark, also after a gap, and a value that never came has no part."""
    series = one_series(value="v2", time=NOW, metric="Version").rows(Filter())[0].series
    found = points((9, "v1"), (8, "v1"), (7, "v2"), (4, "v2"), (3, "v2"))
    drawn = plot.band(series, found, Period("", NOW - timedelta(days=10), NOW), NOW)
    assert re.findall(r'<g class="([^"]+)"><title>(\w+)', drawn) == [
        ("part", "v1"),
        ("part newest", "v2"),
        ("part newest", "v2"),
    ]
    widths = [float(one) for one in re.findall(r'y="4" width="([0-9.]+)"', drawn)]
    assert widths == pytest.approx([190, 94, 190], abs=1)


@pytest.mark.parametrize("hours", [1, 5, 24, 24 * 3, 24 * 7, 24 * 30, 24 * 90, 24 * 365, 24 * 3650])
def test_no_two_ticks_of_the_time_axis_read_alike(hours: int) -> None:
    """Two ticks with the same text would be two places for one time."""
    ticks = plot.time_ticks(NOW - timedelta(hours=hours), NOW)
    texts = [text for _, text in ticks]
    assert len(set(texts)) == len(texts)
    assert 0 < len(texts) <= 9


def test_the_texts_of_two_limits_are_apart() -> None:
    """Limits that are near each other were written over each other."""
    drawn = svg.plot([(0.0, 1.0), (1.0, 2.0)], "label", thresholds=[(1.4, "below 1.4"), (1.41, "above 1.41")])
    below, above = (float(one) for one in re.findall(r'<text class="axis" x="[0-9.]+" y="([0-9.]+)">', drawn))
    assert below - above > 12


def test_no_area_covers_a_limit() -> None:
    """Its text was as dark as the area above it."""
    drawn = svg.plot([(0.0, 0.0), (1.0, 2.0)], "label", thresholds=[(1.0, "above 1")])
    assert drawn.index('class="area"') < drawn.index('class="threshold"') < drawn.index('class="line"')
