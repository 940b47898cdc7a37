"""Metadata and breakdowns of a result: scalars of numerical libraries, and the path of what an event cannot contain."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ds_dashboard import dates
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics import MetricValue
from ds_dashboard.spoke import outcome


class Scalar:
    """A scalar of a numerical library, such as numpy.int64, which is no number of Python."""

    shape: tuple[int, ...] = ()

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        """Return the number of Python."""
        return self._value


class Array(Scalar):
    """An array with one element, whose `item()` is that element."""

    shape = (1,)


def test_scalars_of_numerical_libraries_are_taken_in_metadata_and_breakdowns() -> None:
    """As in values: most authors do not notice that `len(frame)` and `frame.sum()` have different types."""
    metadata = {"n": Scalar(5), "rows": [{"loss": Scalar(0.1), "best": Scalar(True)}], "nothing": None}
    rows = [{"Dimensions": {"a": "b"}, "Value": Scalar(3)}]
    computed = outcome.computed(MetricValue(Scalar(2), rows), unit="", metadata=metadata)
    assert computed.metadata == {"n": 5, "rows": [{"loss": Decimal("0.1"), "best": True}], "nothing": None}
    assert (computed.value, computed.breakdown[0]["Value"]) == (2, 3)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"a": {"b": [1, {2}]}}, "Metadata.a.b[1]: a value of type set"),
        ({"at": date(2026, 11, 27)}, "Metadata.at: a value of type date"),
        ({"n": Array(5)}, "Metadata.n: a value of type Array"),
        ({"n": Scalar(date(2026, 11, 27))}, "Metadata.n: a value of type Scalar"),
        ({"ratio": [0.5, float("nan")]}, "Metadata.ratio[1]: NaN"),
        ({"ratio": Scalar(float("inf"))}, "Metadata.ratio: Infinity"),
        ({"two words": object()}, "Metadata['two words']: a value of type object"),
        ({"a": {1: "x"}}, "Metadata.a: a key of type int"),
        ({"a": "\ud800"}, "Metadata.a: a lone surrogate"),
        ({"a": {"b": "\uffff"}}, "Metadata.a.b: the character U+FFFF"),
    ],
)
def test_refused_metadata_is_named_by_its_path(metadata: dict[str, Any], message: str) -> None:
    """Metadata is often a record of another library: its author cannot guess which part was meant."""
    entry = _entry_or_failure(1, metadata)
    assert entry["DetailType"] == "metric_extractor_failure"
    assert message in json.loads(entry["Detail"])["ErrorMessage"]


def test_metadata_that_contains_itself_is_refused() -> None:
    """There is no innermost part to name."""
    metadata: dict[str, Any] = {}
    metadata["self"] = metadata
    assert "Metadata.self.self" in _entry_or_failure(1, metadata)["Detail"]


def test_refused_values_of_a_breakdown_are_named_by_their_path() -> None:
    """A breakdown can have thousands of rows."""
    rows = [{"Dimensions": {"a": str(number)}, "Value": value} for number, value in enumerate((1, None))]
    assert "returned None as Breakdown[1].Value" in _entry_or_failure(MetricValue(1, rows), {})["Detail"]


def _entry_or_failure(raw: object, metadata: dict[str, Any]) -> dict[str, str]:
    try:
        made: outcome.Computed | outcome.Failed = outcome.computed(raw, unit="", metadata=metadata)
    except outcome.InvalidValue as error:
        explained = outcome.explain("A", error)
        assert isinstance(explained, outcome.Failed)
        made = explained
    series = outcome.Series("A", Project("P", "dev"), Refresh.from_detail({"RefreshId": "r"}), dates.now())
    return outcome.entry(made, series)
