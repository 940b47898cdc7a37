"""The validators of events: Python code that is generated from the published schemas and agrees with them."""

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


def _sorted_keys(message: str) -> str:
    """Sort the unknown keys in a message of the library, which lists them as a set; ours are sorted."""
    place, separator, keys = message.partition(" must not contain {")
    if not separator:
        return message
    unknown = ast.literal_eval("{" + keys.removesuffix(" properties"))
    return f"{place} must not contain {', '.join(sorted(map(repr, unknown)))} properties"


def _message(name: str, document: Any) -> str | None:
    try:
        schemas.check(name, document)
    except schemas.DoesNotConform as error:
        return str(error)
    return None


def test_every_schema_has_an_up_to_date_validator() -> None:
    """A changed schema has no effect until its validator is generated again."""
    assert {path.stem for path in validators.SCHEMAS.glob("*.json")} == set(NAMES)
    stale = [path.name for path, text in validators.modules().items() if path.read_text() != text]
    assert not stale, f"{', '.join(stale)}: run {validators.COMMAND}"


@pytest.mark.parametrize("name", NAMES)
def test_a_validator_behaves_as_the_library_does(name: str) -> None:
    """The generated code is compared with the library, result and message, for valid and invalid documents."""
    library = fastjsonschema.compile(SCHEMAS[name], use_default=False)
    assert _message(name, VALID[name]) is None

    # The machine may be slow.
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(VALUES, st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3).map(VALID[name].__or__)))
    def same(document: Any) -> None:
        try:
            library(document)
            expected = None
        except fastjsonschema.JsonSchemaValueException as error:
            expected = _sorted_keys("detail" + error.message.removeprefix("data"))
        assert _message(name, document) == expected

    same()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("result", {"MetricName": "a#b"}, "detail.MetricName must match pattern ^[^#]*$"),
        ("result", {"Breakdown": [{"Value": 1}]}, "detail.Breakdown[0] must contain ['Dimensions'] properties"),
        ("refresh", {"Metric": "Lines"}, "detail must not contain 'Metric' properties"),
        ("run", {"Emitted": -1}, "detail.Emitted must be bigger than or equal to 0"),
    ],
)
def test_a_message_names_the_field_and_what_is_allowed(name: str, change: dict[str, Any], message: str) -> None:
    """The author of a producer sees only this message, in the rejected queue."""
    assert _message(name, VALID[name] | change) == message
