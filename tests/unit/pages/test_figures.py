"""Numbers as people read them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ds_dashboard.pages import figures


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("0", "Count", "0"),
        ("7", "Count", "7"),
        ("999", "Count", "999"),
        ("999.6", "Count", "1 k"),
        ("107123", "Count", "107 k"),
        ("999600", "Count", "1 M"),
        ("-3", "Count", "−3"),
        ("59.35", "USD", "$59.35"),
        ("0.002", "USD", "<$0.01"),
        ("-0.002", "USD", "−<$0.01"),
        ("0", "USD", "$0.00"),
        ("139.4", "USD", "$139"),
        ("1234567", "USD", "$1.23 M"),
        ("-5.5", "USD", "−$5.50"),
        ("850", "Microseconds", "850 µs"),
        ("33500", "Microseconds", "33.5 ms"),
        ("1500000", "Microseconds", "1.5 s"),
        ("69000", "Seconds", "19 h 10 m"),
        ("59.99", "Seconds", "1 m"),
        ("3600", "Seconds", "1 h"),
        ("90061", "Seconds", "1 d 1 h"),
        ("31536000", "Seconds", "365 d"),
        ("0.0335", "Seconds", "33.5 ms"),
        ("0.000335", "Seconds", "335 µs"),
        ("1610612736", "Bytes", "1.5 GiB"),
        ("97.53", "Percent", "97.5 %"),
        ("0.9375", None, "0.938"),
        ("0.00001234", "None", "1.23e−5"),
        ("1e60", None, "1.00e60"),
        ("12345.678", "Requests", "12.3 k Requests"),
        ("12345678901234567890123456789012345678", "Count", "1.23e37"),
    ],
)
def test_a_number_has_three_significant_digits_and_a_unit(value: str, unit: str | None, shown: str) -> None:
    """Whoever needs all digits finds them on hover and in the values."""
    assert str(figures.figure(Decimal(value), unit)) == shown


def test_two_units_of_a_duration_look_alike() -> None:
    """A smaller one at the end would belong to the last number only."""
    assert figures.figure(Decimal(69000), "Seconds") == figures.Figure("", "19 h 10 m", "")


@pytest.mark.parametrize(
    ("before", "now", "text", "direction", "is_large"),
    [
        (8, 6, "−2", -1, False),
        (0, 5, "+5", 1, True),
        (5, 5, "=", 0, False),
        (100, 107, "7%", 1, False),
        (1000, 1001, "<1%", 1, False),
        (50, 100, "100%", 1, True),
        (100, 40, "60%", -1, True),
        (10, 230, "23x", 1, True),
        (-10, 5, "+15", 1, True),
        (0, 70000, "from 0", 1, True),
        (0, -70000, "from 0", -1, True),
    ],
)
def test_small_counts_change_by_their_difference(
    before: int, now: int, text: str, direction: int, is_large: bool
) -> None:
    """From 1 to 2 is one more, and not 100%."""
    found = figures.change(Decimal(before), Decimal(now))
    assert (found.text, found.direction, found.is_large) == (text, direction, is_large)


@pytest.mark.parametrize(
    ("passed", "text"),
    [(-600, "now"), (59, "now"), (60, "1 m"), (7199, "1 h"), (86399, "23 h"), (86400 * 11, "11 d")],
)
def test_an_age_has_one_unit(passed: int, text: str) -> None:
    """A date ahead, of a clock that is wrong, is now."""
    assert figures.age(timedelta(seconds=passed)) == text


def test_a_change_between_numbers_of_any_size_has_a_text() -> None:
    """A spoke that sends the largest number must not take the overview from everybody else."""
    sizes = [Decimal(sign + text) for sign in ("", "-") for text in ("0", "1", "1e-130", "1e19", "1e20", "9.9e125")]
    texts = {figures.change(before, now).text for before in sizes for now in sizes}
    assert max(map(len, texts)) <= 12
    assert figures.change(Decimal(1), Decimal("1e120")).text == "1.00e120x"
