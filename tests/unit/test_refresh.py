"""Who is asked for what by a refresh."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ds_dashboard import canonical_json, ulid
from ds_dashboard.event import InvalidRefresh, Refresh
from ds_dashboard.identity import Project


def test_an_empty_refresh_asks_everybody_for_everything() -> None:
    """`detail` may be empty."""
    refresh = Refresh.from_detail({})
    assert refresh.matches(Project("Any", "where"))
    assert refresh.metrics is None
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", refresh.refresh_id)


def test_a_narrowed_refresh_asks_those_it_names() -> None:
    """Projects and environments narrow together; an empty list asks nobody."""
    refresh = Refresh.from_detail({"Projects": ["P"], "Environments": ["dev", "prod"]})
    assert refresh.matches(Project("P", "dev"))
    assert not refresh.matches(Project("P", "test"))
    assert not refresh.matches(Project("Q", "dev"))
    assert not Refresh.from_detail({"Projects": []}).matches(Project("P", "dev"))


def test_a_request_without_an_id_is_named_after_its_event() -> None:
    """A redelivery keeps the event's id, so it is the same request."""
    assert Refresh.from_detail({}, event_id="e-1").refresh_id == "e-1"
    assert Refresh.from_detail({"RefreshId": "r-1"}, event_id="e-1").refresh_id == "r-1"


def test_a_keyword_that_no_scheduler_filled_in_is_no_id() -> None:
    """All runs of the schedule would count as one, and all but the first be answered from memory."""
    detail = {"RefreshId": "schedule-<aws.scheduler.scheduled-time>"}
    assert Refresh.from_detail(detail).refresh_id != Refresh.from_detail(detail).refresh_id
    filled = {"RefreshId": "schedule-2026-11-24T12:00:00Z"}
    assert Refresh.from_detail(filled).refresh_id == "schedule-2026-11-24T12:00:00Z"


def test_what_is_sent_reads_back_as_the_same_refresh() -> None:
    """The hub writes what the spokes read."""
    refresh = Refresh.from_detail({"RefreshId": "r", "Metrics": ["B", "A"], "Projects": ["P"], "Environments": None})
    assert Refresh.from_detail(canonical_json.loads(refresh.detail())) == refresh


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"Metric": ["A"]}, "Metric"),
        ({"Metrics": "A"}, "Metrics"),
        ({"Projects": ["a/b"]}, "Projects"),
        ({"Environments": [1]}, "Environments"),
        ({"RefreshId": ""}, "RefreshId"),
        ([], "object"),
        ("all", "object"),
    ],
)
def test_a_misspelt_narrowing_is_refused_by_its_name(detail: Any, said: str) -> None:
    """Taken silently, it would ask all spokes for everything."""
    with pytest.raises(InvalidRefresh, match=said):
        Refresh.from_detail(detail)


def test_ulids_sort_by_time_and_differ() -> None:
    """So that refreshes list in their order."""
    many = [ulid.new() for _ in range(1000)]
    assert len(set(many)) == 1000
    assert [one[:10] for one in many] == sorted(one[:10] for one in many)
