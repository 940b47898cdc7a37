"""Values as text for programs, and ages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ds_dashboard.client.text import format_age, json_line


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
