"""Which instants a backfill has, and which refreshes request them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_dashboard.client.backfill import _requests, aligned_instants

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
SPOKES = [f"{project}/{environment}" for project in ("P", "Q", "R") for environment in ("dev", "test", "prod")]


@pytest.mark.parametrize(
    ("since", "every", "expected"),
    [
        (NOVEMBER, timedelta(days=1), ["11-01 00", "11-02 00", "11-03 00"]),
        (NOVEMBER + timedelta(minutes=1), timedelta(days=1), ["11-02 00", "11-03 00"]),
        (NOVEMBER + timedelta(hours=47), timedelta(hours=12), ["11-03 00", "11-03 12"]),
        (NOVEMBER - timedelta(days=14), timedelta(weeks=1), ["10-19 00", "10-26 00", "11-02 00"]),
    ],
)
def test_instants_are_aligned(since: datetime, every: timedelta, expected: list[str]) -> None:
    """Two backfills of a metric have the same instants, whenever they begin. A week begins with a Monday."""
    instants = aligned_instants(since, NOVEMBER + timedelta(days=3), every)
    assert [f"{instant:%m-%d %H}" for instant in instants] == expected


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
    st.integers(1, 50),
)
def test_all_instants_are_in_the_period(since: datetime, every: timedelta, count: int) -> None:
    """The end does not belong to it, so nothing in the future is requested."""
    begin = since.replace(tzinfo=UTC)
    instants = aligned_instants(begin, begin + count * every, every)
    assert len(instants) == count
    assert begin <= instants[0] < begin + every
    assert instants[-1] < begin + count * every
    assert {later - earlier for earlier, later in pairwise(instants)} <= {every}


@given(st.dictionaries(st.sampled_from(SPOKES), st.sampled_from([("A",), ("B",), ("A", "B")])))
def test_refreshes_reach_exactly_the_spokes_that_miss_something(missing: dict[str, tuple[str, ...]]) -> None:
    """A refresh reaches each spoke with one of its projects and one of its environments."""
    requests = list(_requests(NOVEMBER, missing))
    reached = [
        (spoke, request.metrics) for request in requests for spoke in SPOKES if request.spoke_filter.matches(spoke)
    ]
    assert sorted(reached) == sorted(missing.items())


def test_spokes_that_miss_the_same_share_a_refresh() -> None:
    """A thousand spokes are one event for each instant."""
    assert len(list(_requests(NOVEMBER, dict.fromkeys(SPOKES, ("A", "B"))))) == 1
