"""Numbers stay exact, and equal values have equal texts."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_dashboard import canonical_json

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**25), max_value=10**25)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(10**30), 10**30)
    | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abß€", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_written_value_reads_back_equal(value: object) -> None:
    """The hub stores what a spoke computed."""
    assert canonical_json.loads(canonical_json.dumps(value)) == value


@given(VALUES)
def test_one_value_has_one_text_whatever_its_spelling(value: object) -> None:
    """A digest of the text identifies the event, and services may write an event's JSON anew on its way."""
    text = canonical_json.dumps(value)
    respelled = json.dumps(json.loads(text, parse_float=Decimal), indent=1, default=float) if "." not in text else text
    assert canonical_json.dumps(canonical_json.loads(respelled)) == text


@pytest.mark.parametrize("spelling", ["0.1", "1e-1", "0.10", "0.01E1", "100e-3"])
def test_the_spellings_of_a_number_are_one_number(spelling: str) -> None:
    """Equal values must not count as two events."""
    assert canonical_json.dumps(canonical_json.loads(spelling)) == "0.1"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (-0.0, "0"),
        (3, "3"),
        (Decimal("1.50"), "1.5"),
        (Decimal("12345678901234567890.123"), "12345678901234567890.123"),
        (1.5e-9, "1.5e-9"),
        (Decimal("9" * 38), "9" * 38),
        (10**100, "1e100"),
        (Decimal("-2e-120"), "-2e-120"),
    ],
)
def test_numbers_are_spelled_exactly(number: int | float | Decimal, text: str) -> None:
    """A float is its shortest decimal, which is what Python prints."""
    assert canonical_json.dumps(number) == text
    assert Decimal(text) == Decimal(repr(number) if isinstance(number, float) else number)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "NaN, which is not a number"),
        ("-Infinity", "Infinity, which is not a number"),
        ("7" * 400, "400 significant digits"),
        ("0." + "1" * 39, "39 significant digits"),
        ("1e126", "1e126"),
        ("1e-131", "1e-131"),
        ("1e99999999999999999999", "out of the range"),
        ("[" * 34 + "]" * 34, "nested deeper"),
        ("[" * 100_000, "nested deeper"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udfff": 1}', "surrogate"),
        ("{", "not JSON"),
        ("", "not JSON"),
    ],
)
def test_a_value_that_the_tables_cannot_store_is_rejected_with_the_reason(text: str, reason: str) -> None:
    """DynamoDB would reject it later, with a message that names no field."""
    with pytest.raises(canonical_json.CanonicalJSONError, match=reason):
        canonical_json.loads(text)


def _number_of_values(value: object) -> int:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_number_of_values, members))


@given(VALUES, st.sampled_from([None, 1]))
def test_values_are_counted_without_reading_them(value: object, indent: int | None) -> None:
    """Lists and objects count too, and keys do not."""
    text = json.dumps(json.loads(canonical_json.dumps(value)), indent=indent)
    assert canonical_json.count_values(text) == _number_of_values(value) <= canonical_json.values_at_most(text)


@pytest.mark.parametrize("part", ['"', '"\\', "[[]", '"a\\"', "\\", '"["', "{ ", ",\n"])
def test_counting_takes_no_more_time_for_a_hostile_text(part: str) -> None:
    """A search that begins again at each quote would take minutes."""
    short, long = part * 2_000, part * 64_000
    started = time.process_time()
    for _ in range(32):
        canonical_json.count_values(short)
    middle = time.process_time()
    canonical_json.count_values(long)
    assert time.process_time() - middle < 10 * (middle - started) + 0.05


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(places=140))
def test_numbers_are_checked_alike_with_and_without_a_reason(number: Decimal) -> None:
    """The fast way must accept the same numbers, and write them alike."""

    def text(normalize: Callable[[Decimal], Decimal]) -> str:
        try:
            return str(normalize(number).as_tuple())
        except canonical_json.CanonicalJSONError as error:
            return str(error)

    assert text(canonical_json._normalized) == text(canonical_json._normalized_or_reason)


class Level(str, Enum):  # noqa: UP042 - its str() differs from its value, as that of many enums
    """A text whose `str()` is another text."""

    GREEN = "green"


class Odd(float):
    """A number that shows itself as another one."""

    def __repr__(self) -> str:
        return "99.0"

    __str__ = __repr__

    def __float__(self) -> float:
        return 99.0


class Count(IntEnum):
    """A number with a name."""

    TWO = 2


def test_what_overrides_its_text_is_written_by_value() -> None:
    """Enums are texts and numbers, and `str()` returns their names."""
    value = {Level.GREEN: [Level.GREEN, Odd(1.5), Count.TWO]}
    assert canonical_json.dumps(value) == '{"green":["green",1.5,2]}'
    assert type(canonical_json.exact_text(Level.GREEN)) is str


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_characters_that_no_queue_accepts_are_found(character: str) -> None:
    """EventBridge cannot deliver such an event to the queue of the archive, nor to that of its dead letters."""
    text = canonical_json.dumps({"a": f"x{character}"})
    with pytest.raises(canonical_json.CanonicalJSONError, match=rf"U\+{ord(character):04X}, which no queue accepts"):
        canonical_json.check_deliverable(text)
    assert canonical_json.deliverable(text) == '{"a":"x\ufffd"}'


def test_all_other_characters_are_deliverable() -> None:
    """JSON escapes what is below the space, and surrogates are rejected; SQS accepts the rest."""
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0xFFFE), *range(0x10000, 0x110000))))
    text = canonical_json.dumps(every)
    canonical_json.check_deliverable(text)
    assert re.fullmatch("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*", text)


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": {3}}, float("nan"), float("inf"), b"x", "\ud800"])
def test_a_value_without_a_json_form_is_rejected(value: object) -> None:
    """A metric may put any object into its metadata."""
    with pytest.raises(canonical_json.CanonicalJSONError):
        canonical_json.dumps(value)
