"""Values as text: exact, and without characters that control a terminal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard.text import format_age, format_value, json_line


def test_json_lines_keep_order_and_digits_and_hold_every_type_of_dynamodb() -> None:
    """A table can have sets and binary values that others have copied into it."""
    record = {"b": Decimal("0.1"), "a": {"x", "w"}, "c": b"\x00\xff", "d": "\u2028", "e": None, "f": [True]}
    assert json_line(record) == '{"b": 0.1, "a": ["w", "x"], "c": "AP8=", "d": "\\u2028", "e": null, "f": [true]}'


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (59, "59s"), (60, "1m"), (3700, "1h 1m"), (90000, "1d 1h"), (864000, "10d")]
)
def test_ages_have_two_units_at_most(seconds: int, text: str) -> None:
    """The seconds of a week do not matter. A clock that is ahead gives no negative age."""
    assert format_age(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (Decimal("0.10"), "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-1.5E-9"), "-1.5e-9"),
        ("10", "10"),
        ("naïve 👩‍🔬", "naïve 👩‍🔬"),
        ("a\tb\\", "a\\tb\\"),
        (None, ""),
        ([Decimal("0.1"), {"a": "\x1b"}], '[0.1,{"a":"\\u001b"}]'),
    ],
)
def test_values_are_shown_exactly(value: Any, text: str) -> None:
    """Nothing is rounded, grouped or invisible."""
    assert format_value(value) == text
