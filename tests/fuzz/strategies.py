"""Strategies of hypothesis: arbitrary JSON, valid events, and parts of invalid ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from .json_text import Number, Pairs, Spelling

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AHEAD = timedelta(minutes=15)
KINDS = {"metric_extractor": "result", "metric_extractor_failure": "failure", "metric_extractor_run": "run"}
DATES = {"result": "ExtractionDate", "failure": "ExtractionDate", "run": "FinishedAt"}

ODD_TEXTS = [
    "",
    " ",
    "\x00",
    "\x1b[31m\x07",
    "e\u0301\u0323",  # combining
    "\u202e123\u2066",  # right to left
    "\u2028\u2029\x85\r\n",
    "\ufeff\ufffe\uffff",
    "👩\u200d🚀",
    "\ud800",
    "\udfff\ud800",
    "[red]bold[/red]",
    "select",
    "SIZE",
    "NaN",
    "__class__",
    "dev:1",
    "a/b",
    "..",
    "#",
    "'\"\\`;--",
    "${jndi}",
    "%s{0}{x}",
    "<aws.scheduler.scheduled-time>",
    "x" * 129,
]
texts = st.text(max_size=40) | st.sampled_from(ODD_TEXTS)
# Text that a table can store.
plain_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

ODD_NUMBERS = [
    "-0",
    "-0.0e5",
    "0e999999999",
    "1E+2",
    "1.0",
    "3.10",
    "100000000000000000000000000000000000000",
    "99999999999999999999999999999999999999",
    "0.1000000000000000055511151231257827021181583404541015625",
    "0." + "0" * 129 + "1",
    "1e125",
    "9.9999999999999999999999999999999999999e125",
    "1e126",
    "1e-130",
    "1.1e-130",
    "1e-131",
    "1e400000",
    "-1e-400000",
    "1e99999999999999999999",
    "9" * 400,
    "1" + "0" * 120,
]
number_texts = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
numbers = st.builds(Number, number_texts | st.sampled_from(ODD_NUMBERS))
# Numbers that the contract accepts, in any spelling.
storable_numbers = st.builds(
    lambda sign, digits, places, power: Number(f"{sign}{digits}{places}{power}"),
    st.sampled_from(["", "-"]),
    st.integers(0, 10**19 - 1).map(str),
    st.sampled_from(["", ".0", ".50", ".1234567890123456789"]),
    st.sampled_from(["", "e0", "E+2", "e-7", "e25", "E-60"]),
)

scalars = st.none() | st.booleans() | numbers | texts
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | st.lists(st.tuples(texts, inner), max_size=4).map(lambda pairs: Pairs(tuple(pairs)))
    ),
    max_leaves=12,
)
storable_trees = st.recursive(
    st.none() | st.booleans() | storable_numbers | plain_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_texts.filter(bool), inner, max_size=4),
    max_leaves=8,
)
spellings = st.builds(Spelling, st.sampled_from(["", " ", "\n\t"]), st.booleans(), st.booleans())


def nested(depth: int, around: Any = 1) -> Any:
    """Return a value inside `depth` lists."""
    for _ in range(depth):
        around = [around]
    return around


@st.composite
def dates(draw: st.DrawFn) -> tuple[str, datetime]:
    """Draw a date in one of the accepted forms, and its instant."""
    instant = draw(st.datetimes(datetime(1970, 1, 2), NOW.replace(tzinfo=None) + AHEAD))
    form = draw(st.sampled_from(["contract", "sample", "offset", "long", "minutes"]))
    if form == "contract":
        return instant.isoformat(timespec="microseconds") + "Z", instant.replace(tzinfo=UTC)
    if form == "sample":
        return instant.isoformat(" "), instant.replace(tzinfo=UTC)
    if form == "offset":
        minutes = draw(st.integers(-14 * 60, 14 * 60))
        shifted = instant + timedelta(minutes=minutes)
        sign, size = "-" if minutes < 0 else "+", abs(minutes)
        return f"{shifted.isoformat()}{sign}{size // 60:02}:{size % 60:02}", instant.replace(tzinfo=UTC)
    if form == "long":
        return instant.isoformat(timespec="microseconds") + "789z", instant.replace(tzinfo=UTC)
    rounded = instant.replace(second=0, microsecond=0)
    return rounded.isoformat(timespec="minutes") + "Z", rounded.replace(tzinfo=UTC)


words = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)
metric_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#"), min_size=1, max_size=128)
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)


def _detail(kind: str, date: str, draw: st.DrawFn) -> dict[str, Any]:
    common = {"ProjectName": draw(words), "Environment": draw(words), DATES[kind]: date}
    if kind == "run":
        counts = st.integers(0, 10**6)
        own = {"StartedAt": date, "Emitted": draw(counts), "Failed": draw(counts)}
        return common | own | {"Metrics": draw(st.lists(metric_names, max_size=3))}
    common["MetricName"] = draw(metric_names)
    if kind == "failure":
        return common | {"ErrorType": draw(ids), "ErrorMessage": draw(plain_texts)}
    metadata = draw(st.dictionaries(plain_texts.filter(bool), storable_trees, max_size=3))
    return common | {"MetricValue": draw(storable_numbers | plain_texts), "Metadata": metadata}


def _optional(kind: str, draw: st.DrawFn) -> dict[str, Any]:
    choices: dict[str, Any] = {"RefreshId": ids, "Extra": storable_trees}
    if kind == "result":
        row = {"Dimensions": st.dictionaries(plain_texts.filter(bool), plain_texts, max_size=2)}
        rows = st.lists(st.fixed_dictionaries(row | {"Value": storable_numbers | plain_texts}), max_size=2)
        choices |= {"Unit": plain_texts, "Breakdown": rows}
    chosen = draw(st.sets(st.sampled_from(sorted(choices))))
    return {key: draw(choices[key]) for key in sorted(chosen)}


@st.composite
def good_details(draw: st.DrawFn, kind: str | None = None) -> tuple[str, dict[str, Any], datetime]:
    """A detail as the contract wants it: its kind, its content, and the instant that it means."""
    chosen = kind or draw(st.sampled_from(sorted(DATES)))
    date, instant = draw(dates())
    return chosen, _detail(chosen, date, draw) | _optional(chosen, draw), instant
