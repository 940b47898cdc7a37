"""Names of series: one for each set of arguments, from which the metric can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_dashboard import series

ARGUMENTS = st.dictionaries(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,3}", fullmatch=True), st.text("%;()=#/ab2835", max_size=6), max_size=3
)


def test_a_series_names_its_arguments_in_their_order() -> None:
    """The name is part of the contract: dashboards and exports refer to it."""
    assert series.series_name("Owner", {"parameter_name": "/b"}) == "Owner(parameter_name=/b)"
    assert series.series_name("Jobs.v2", {"b": "2", "a": "x=y"}) == "Jobs.v2(a=x=y;b=2)"
    assert series.series_name("Owner", {}) == "Owner"
    assert series.series_name("Owner", {"a": "1;b=(2)%"}) == "Owner(a=1%3Bb=%282%29%25)"


@given(ARGUMENTS, ARGUMENTS)
def test_different_arguments_are_different_series(one: dict[str, str], other: dict[str, str]) -> None:
    """Values of two series under one name would replace each other."""
    assert (series.series_name("M", one) == series.series_name("M", other)) == (one == other)


@given(st.sampled_from(["Owner", "Jobs.v2", "Memory (MB)", "a(b=c)"]), ARGUMENTS)
def test_the_instance_of_a_series_is_read_back(instance: str, arguments: dict[str, str]) -> None:
    """A series belongs to the spoke's metric as long as that is deployed."""
    if arguments:
        assert series.instance_of(series.series_name(instance, arguments)) == instance


@pytest.mark.parametrize("name", ["Owner", "Memory(MB)", "Memory (MB)", "(a=b)", "Owner()", "Owner(a=b", "Owner(a=b)c"])
def test_another_name_is_its_own_instance(name: str) -> None:
    """Other producers name their metrics as they like."""
    assert series.instance_of(name) == name


def test_a_name_that_no_event_can_have_is_refused() -> None:
    """Its values would be rejected in the hub, where the reason is far from its cause."""
    assert len(series.series_name("Owner", {"n": "x" * 119})) == series.MAX_NAME
    with pytest.raises(ValueError, match=r"has 129 characters, 128 are allowed"):
        series.series_name("Owner", {"n": "x" * 120})
    with pytest.raises(ValueError, match="'a b' is not the name of an argument"):
        series.series_name("Owner", {"a b": "x"})
