"""Arbitrary messages: the contract accepts exactly what its schemas allow, and rejects all others with a reason."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_dashboard import canonical_json, event
from ds_dashboard.event import Kind, Malformed, Received

from . import oracle
from .json_text import PLAIN, Number, Pairs, Spelling, meaning, write
from .strategies import DATES, KINDS, NOW, ODD_NUMBERS, good_details, nested, numbers, spellings, trees

ENVELOPE = {
    "version": "0",
    "id": "event-1",
    "detail-type": "metric_extractor",
    "source": "metric_extractor",
    "account": "222222222222",
    "time": "2026-11-24T11:00:01Z",
    "region": "eu-west-1",
    "resources": [],
}
DETAIL_TYPES = {kind: detail_type for detail_type, kind in KINDS.items()}


def received(text: str) -> Received | None:
    """Return the event, or None if the contract rejects it with a reason; any other exception is a bug."""
    try:
        return event.receive(text, NOW)
    except Malformed as error:
        code, reason = error.code, str(error)
    assert code in {"Malformed", "TooLarge", "DateAhead"}
    assert reason
    return None


def body(kind: str, detail: Any, spelling: Spelling = PLAIN) -> str:
    """Write the event of a detail as it is in the queue."""
    return write({**ENVELOPE, "detail-type": DETAIL_TYPES[kind], "detail": detail}, spelling)


@given(st.text() | st.sampled_from(["", "\x00", "nul", '"', "{", "[", '{"a":']).map(lambda text: text * 50_000))
def test_a_text_that_is_not_an_event_is_rejected(text: str) -> None:
    """No message of a queue stops the archive."""
    assert received(text) is None


@given(trees, spellings)
def test_json_that_is_not_an_event_is_rejected(tree: Any, spelling: Spelling) -> None:
    """These include numbers outside all ranges, and lone surrogates."""
    assert received(write(tree, spelling)) is None


@given(good_details(), st.sampled_from(sorted([*ENVELOPE, "detail"])), st.none() | trees, spellings)
def test_an_envelope_with_an_invalid_part_is_rejected_if_the_part_is_read(
    good: tuple[str, dict[str, Any], Any], part: str, wrong: Any, spelling: Spelling
) -> None:
    """Each key is missing (None) or has another type. Parts that the archive does not read may have any value."""
    kind, detail, _ = good
    envelope = {**ENVELOPE, "detail-type": DETAIL_TYPES[kind], "detail": detail}
    whole = {key: value for key, value in envelope.items() if key != part}
    found = received(write(whole if wrong is None else {**whole, part: wrong}, spelling))
    if part in {"source", "detail-type", "detail"}:
        assert found is None
    if part in {"account", "region", "id"}:
        assert (found is not None) == (isinstance(wrong, str) and bool(wrong) and oracle.can_be_stored(wrong))


@given(good_details(), spellings)
def test_an_event_of_the_contract_is_accepted_with_its_exact_content(
    good: tuple[str, dict[str, Any], Any], spelling: Spelling
) -> None:
    """Its JSON may have any spelling, and its date any accepted form."""
    kind, detail, instant = good
    found = received(body(kind, detail, spelling))
    assert found is not None
    assert found.detail == meaning(write(detail))
    assert (found.kind.value, found.date) == (DETAIL_TYPES[kind], instant)


@given(good_details(), spellings, spellings)
def test_an_events_identity_is_its_content_and_not_its_spelling(
    good: tuple[str, dict[str, Any], Any], one: Spelling, other: Spelling
) -> None:
    """The library of a producer may write an event differently when it retries PutEvents."""
    kind, detail, _ = good
    first, second = received(body(kind, detail, one)), received(body(kind, detail, other))
    assert first is not None
    assert second is not None
    assert first.dedup_key == second.dedup_key
    changed = received(body(kind, {**detail, "Another": 1}))
    assert changed is not None
    assert changed.dedup_key != first.dedup_key


@given(good_details(), st.data())
def test_a_changed_detail_is_accepted_exactly_if_its_schema_allows_it(
    good: tuple[str, dict[str, Any], Any], data: st.DataObject
) -> None:
    """A field is missing, empty, huge, deep, or has another type: the archive decides as the schema does."""
    kind, detail, _ = good
    key = data.draw(st.sampled_from(sorted(key for key in detail if key != DATES[kind]) + ["Unit", "RefreshId"]))
    deep = st.integers(25, 35).map(nested)
    value = data.draw(st.none() | trees | numbers | deep | st.sampled_from(["x" * 200, "x" * 210_000]))
    changed = {other: content for other, content in detail.items() if other != key}
    if value is not None or data.draw(st.booleans()):
        changed[key] = value
    if kind == "result" and "MetricName" not in changed:
        assert received(body(kind, changed)) is None  # a refresh
        return
    text = write(changed)
    allowed = oracle.all_can_be_stored(text) and oracle.allows(kind, meaning(text)) and len(text) <= oracle.MAX_BYTES
    assert (received(body(kind, changed)) is not None) == allowed


@given(st.sampled_from(sorted(DATES)), st.data())
def test_a_date_in_an_unknown_form_is_rejected(kind: str, data: st.DataObject) -> None:
    """A text that is not a date must not become one."""
    _, detail, _ = data.draw(good_details(kind))
    text = data.draw(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True) | st.text(max_size=12))
    assert received(body(kind, {**detail, DATES[kind]: text})) is None


@given(trees | numbers, spellings)
def test_json_is_read_exactly_or_rejected(tree: Any, spelling: Spelling) -> None:
    """A text reads as its value, and the value is always written in the same form."""
    text = write(tree, spelling)
    try:
        value = canonical_json.loads(text)
    except canonical_json.CanonicalJSONError:
        assert not oracle.all_can_be_stored(text)
        return
    canonical = canonical_json.dumps(value)
    assert value == meaning(text)
    assert meaning(canonical) == meaning(text)
    assert canonical_json.dumps(canonical_json.loads(canonical)) == canonical


@pytest.mark.parametrize(
    "detail",
    [
        {"MetricValue": Number("1e400000")},
        {"MetricValue": Number("9" * 200_000)},
        {"MetricValue": Number("0." + "0" * 200_000 + "1")},
        {"Metadata": {str(number): number for number in range(5_000)}},
        {"Metadata": Pairs(tuple(("a", number) for number in range(30_000)))},
        {"Metadata": nested(20_000)},
    ],
    ids=["exponent", "digits", "zeros", "keys", "one key", "depth"],
)
def test_a_huge_event_takes_no_more_memory_than_a_large_one(detail: dict[str, Any]) -> None:
    """A number with 400,000 digits may have eight characters, and reading it as an integer would expand it."""
    base = {"MetricName": "J", "MetricValue": 1, "ExtractionDate": "2026-11-24 11:00:00", "Metadata": {}}
    whole = base | {"Environment": "dev", "ProjectName": "P"} | detail
    text = json.dumps(ENVELOPE)[:-1] + ', "detail": ' + _flat(whole) + "}"
    tracemalloc.start()
    try:
        received(text)
        assert tracemalloc.get_traced_memory()[1] < 40 * len(text) + 1_000_000
    finally:
        tracemalloc.stop()


def _flat(detail: dict[str, Any]) -> str:
    """Write a detail that may have more levels than `write` can write."""
    if isinstance(detail["Metadata"], list):
        return write({**detail, "Metadata": Number("[" * 20_000 + "]" * 20_000)})
    return write(detail)


@given(st.sampled_from(ODD_NUMBERS))
def test_a_headline_number_is_read_exactly_or_rejected(text: str) -> None:
    """The value in a chart is exactly the value that was sent."""
    base = {"MetricName": "J", "ExtractionDate": "2026-11-24 11:00:00", "Metadata": {}}
    found = received(body("result", base | {"Environment": "dev", "ProjectName": "P", "MetricValue": Number(text)}))
    if found is None:
        assert not oracle.all_can_be_stored(text)
    else:
        assert found.kind is Kind.RESULT
        assert found.detail["MetricValue"] == Decimal(text)
