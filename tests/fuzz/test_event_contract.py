"""Whatever arrives, the contract takes it or says why not; and it takes exactly what its schemas allow."""

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
from .strategies import DATES, KINDS, NOW, ODD_NUMBERS, good_details, nested, numbers, spellings, trees
from .written import PLAIN, Number, Pairs, Spelling, meaning, write

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
    """The event, or None where the contract refuses it in words; anything else that is raised is a fault."""
    try:
        return event.receive(text, NOW)
    except Malformed as refusal:
        told = refusal.code, str(refusal)
    assert told[0] in {"Malformed", "TooLarge", "DateAhead"}
    assert told[1]
    return None


def body(kind: str, detail: Any, spelling: Spelling = PLAIN) -> str:
    """The event of a detail as the queue has it."""
    return write({**ENVELOPE, "detail-type": DETAIL_TYPES[kind], "detail": detail}, spelling)


@given(st.text() | st.sampled_from(["", "\x00", "nul", '"', "{", "[", '{"a":']).map(lambda text: text * 50_000))
def test_a_text_that_is_no_event_is_refused(text: str) -> None:
    """Nothing that a queue can hold ends the archive."""
    assert received(text) is None


@given(trees, spellings)
def test_json_that_is_no_event_is_refused(tree: Any, spelling: Spelling) -> None:
    """Numbers past all bounds and lone surrogates included."""
    assert received(write(tree, spelling)) is None


@given(good_details(), st.sampled_from(sorted([*ENVELOPE, "detail"])), st.none() | trees, spellings)
def test_an_envelope_with_a_wrong_part_is_refused_or_does_not_need_it(
    good: tuple[str, dict[str, Any], Any], part: str, wrong: Any, spelling: Spelling
) -> None:
    """Each key missing (None) or of another type; what the archive does not read may be anything that it can."""
    kind, detail, _ = good
    envelope = {**ENVELOPE, "detail-type": DETAIL_TYPES[kind], "detail": detail}
    whole = {key: value for key, value in envelope.items() if key != part}
    found = received(write(whole if wrong is None else {**whole, part: wrong}, spelling))
    if part in {"source", "detail-type", "detail"}:
        assert found is None
    if part in {"account", "region", "id"}:
        assert (found is not None) == (isinstance(wrong, str) and bool(wrong) and oracle.can_be_held(wrong))


@given(good_details(), spellings)
def test_what_the_contract_allows_is_taken_with_its_exact_content(
    good: tuple[str, dict[str, Any], Any], spelling: Spelling
) -> None:
    """However it is spelt; and the date is the instant that was meant."""
    kind, detail, instant = good
    found = received(body(kind, detail, spelling))
    assert found is not None
    assert found.detail == meaning(write(detail))
    assert (found.kind.value, found.date) == (DETAIL_TYPES[kind], instant)


@given(good_details(), spellings, spellings)
def test_an_events_identity_is_its_content_and_not_its_spelling(
    good: tuple[str, dict[str, Any], Any], one: Spelling, other: Spelling
) -> None:
    """A retried PutEvents may be written anew by its producer's library."""
    kind, detail, _ = good
    first, second = received(body(kind, detail, one)), received(body(kind, detail, other))
    assert first is not None
    assert second is not None
    assert first.dedup_key == second.dedup_key
    changed = received(body(kind, {**detail, "Another": 1}))
    assert changed is not None
    assert changed.dedup_key != first.dedup_key


@given(good_details(), st.data())
def test_a_changed_detail_is_taken_exactly_if_its_schema_allows_it(
    good: tuple[str, dict[str, Any], Any], data: st.DataObject
) -> None:
    """Every field missing, of another type, empty, huge, deep or odd: the schema's verdict is the archive's."""
    kind, detail, _ = good
    key = data.draw(st.sampled_from(sorted(key for key in detail if key != DATES[kind]) + ["Unit", "RefreshId"]))
    deep = st.integers(25, 35).map(nested)
    value = data.draw(st.none() | trees | numbers | deep | st.sampled_from(["x" * 200, "x" * 210_000]))
    changed = {other: kept for other, kept in detail.items() if other != key}
    if value is not None or data.draw(st.booleans()):
        changed[key] = value
    if kind == "result" and "MetricName" not in changed:
        assert received(body(kind, changed)) is None  # a refresh
        return
    text = write(changed)
    allowed = oracle.all_can_be_held(text) and oracle.allows(kind, meaning(text)) and len(text) <= oracle.MOST_BYTES
    assert (received(body(kind, changed)) is not None) == allowed


@given(st.sampled_from(sorted(DATES)), st.data())
def test_a_date_of_no_known_form_is_refused(kind: str, data: st.DataObject) -> None:
    """A text that is no instant must not become one."""
    _, detail, _ = data.draw(good_details(kind))
    text = data.draw(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True) | st.text(max_size=12))
    assert received(body(kind, {**detail, DATES[kind]: text})) is None


@given(trees | numbers, spellings)
def test_json_is_read_exactly_or_refused(tree: Any, spelling: Spelling) -> None:
    """What is read means what was written; what is written again means the same, in one form only."""
    text = write(tree, spelling)
    try:
        value = canonical_json.loads(text)
    except canonical_json.CanonicalJSONError:
        assert not oracle.all_can_be_held(text)
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
def test_what_is_huge_costs_no_more_than_what_is_large(detail: dict[str, Any]) -> None:
    """A number of 400,000 digits is six characters: read as an integer it would be expanded."""
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
    """Like `write`, for what is nested deeper than it can go."""
    if isinstance(detail["Metadata"], list):
        return write({**detail, "Metadata": Number("[" * 20_000 + "]" * 20_000)})
    return write(detail)


@given(st.sampled_from(ODD_NUMBERS))
def test_a_number_as_headline_survives_or_is_refused(text: str) -> None:
    """The value of a chart is never a neighbour of the value that was sent."""
    base = {"MetricName": "J", "ExtractionDate": "2026-11-24 11:00:00", "Metadata": {}}
    found = received(body("result", base | {"Environment": "dev", "ProjectName": "P", "MetricValue": Number(text)}))
    if found is None:
        assert not oracle.all_can_be_held(text)
    else:
        assert found.kind is Kind.RESULT
        assert found.detail["MetricValue"] == Decimal(text)
