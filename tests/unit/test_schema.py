"""The checks of events: Python that was generated from the published schemas, and says what they say."""

from __future__ import annotations

import ast
import json
from decimal import Decimal
from typing import Any

import fastjsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ds_dashboard import schemas
from ds_dashboard_dev import validators

NAMES = ("failure", "refresh", "result", "run")
SCHEMAS = {name: json.loads((validators.SCHEMAS / f"{name}.json").read_text()) for name in NAMES}
FIELDS = sorted({field for one in SCHEMAS.values() for field in one["properties"]} | {"Unknown"})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 3, Decimal("0.5"), Decimal("-1e40"), Decimal(2)]),
    st.sampled_from(
        ["", "dev", "a#b", "a b", "x" * 64, "x" * 65, "x" * 129, "x" * 257, "x" * 4097, "line\n", "{field}"]
    ),
)
ROWS = st.fixed_dictionaries(
    {}, optional={"Dimensions": st.one_of(SCALARS, st.dictionaries(st.text(max_size=3), SCALARS)), "Value": SCALARS}
)
VALUES = st.one_of(SCALARS, st.lists(st.one_of(SCALARS, ROWS), max_size=3), ROWS)
VALID: dict[str, dict[str, Any]] = {
    "failure": dict.fromkeys(SCHEMAS["failure"]["required"], "x"),
    "refresh": {"Metrics": ["Lines"]},
    "result": {**dict.fromkeys(SCHEMAS["result"]["required"], "x"), "MetricValue": Decimal("0.1"), "Metadata": {}},
    "run": {**dict.fromkeys(SCHEMAS["run"]["required"], "x"), "Emitted": 1, "Failed": 0, "Metrics": ["Lines"]},
}


def _in_order(complaint: str) -> str:
    """The library tells unknown keys as a set, in another order each time; ours are sorted."""
    place, told, keys = complaint.partition(" must not contain {")
    if not told:
        return complaint
    unknown = ast.literal_eval("{" + keys.removesuffix(" properties"))
    return f"{place} must not contain {', '.join(sorted(map(repr, unknown)))} properties"


def _complaint(name: str, document: Any) -> str | None:
    try:
        schemas.check(name, document)
    except schemas.DoesNotConform as error:
        return str(error)
    return None


def test_every_schema_has_its_check_and_the_checks_are_fresh() -> None:
    """Who changes a schema and not what is generated from it changes nothing."""
    assert {path.stem for path in validators.SCHEMAS.glob("*.json")} == set(NAMES)
    stale = [path.name for path, text in validators.modules().items() if path.read_text() != text]
    assert not stale, f"{', '.join(stale)}: run {validators.COMMAND}"


@pytest.mark.parametrize("name", NAMES)
def test_a_check_says_what_the_library_says_of_the_schema(name: str) -> None:
    """Generated code is compared with the library itself, verdict and words, on good documents and broken ones."""
    library = fastjsonschema.compile(SCHEMAS[name], use_default=False)
    assert _complaint(name, VALID[name]) is None

    # Slow is the machine, if anything.
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(VALUES, st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3).map(VALID[name].__or__)))
    def same(document: Any) -> None:
        try:
            library(document)
            expected = None
        except fastjsonschema.JsonSchemaValueException as error:
            expected = _in_order("detail" + error.message.removeprefix("data"))
        assert _complaint(name, document) == expected

    same()


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("result", {"MetricName": "a#b"}, "detail.MetricName must match pattern ^[^#]*$"),
        ("result", {"Breakdown": [{"Value": 1}]}, "detail.Breakdown[0] must contain ['Dimensions'] properties"),
        ("refresh", {"Metric": "Lines"}, "detail must not contain 'Metric' properties"),
        ("run", {"Emitted": -1}, "detail.Emitted must be bigger than or equal to 0"),
    ],
)
def test_a_complaint_names_the_field_and_what_is_allowed(name: str, change: dict[str, Any], told: str) -> None:
    """It stands in the rejected queue, and is all that a producer's author gets to see."""
    assert _complaint(name, VALID[name] | change) == told
