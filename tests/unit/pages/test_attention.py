"""What needs attention: each kind of it is on the overview, however much there is of another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ds_dashboard.pages import overview
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Series, Snapshot, SpokeRow
from ds_dashboard.states import State

from .conftest import NOW


def hub(failing: int, above: int, *, is_late: bool) -> Index:
    """A hub in which so many metrics fail, and so many have crossed a threshold."""
    states = [*[State.FAILING] * failing, *[State.ABOVE] * above, *[State.STALE] * is_late]
    series = [
        Series(project="P", environment="dev", metric=f"M{number:02}", value=None, unit=None, time=NOW, state=state)
        for number, state in enumerate(states)
    ]
    silent = SpokeRow(
        project="Q",
        environment="dev",
        account="",
        region="",
        state="silent",
        last_seen=NOW - timedelta(days=3),
        emitted=None,
        failed=None,
        metrics=None,
        package_version=None,
        schedule=None,
    )
    spokes = [silent] * is_late
    return Index(Snapshot(hub="h", account="", region="r", read_at=NOW, series=series, spokes=spokes))


@pytest.mark.parametrize("is_late", [True, False])
@pytest.mark.parametrize("above", [0, 1, 2, 3, 9])
@pytest.mark.parametrize("failing", [0, 1, 3, 5, 6, 40])
def test_no_kind_hides_another(failing: int, above: int, is_late: bool) -> None:
    """A threshold that was crossed is in the overview, also while forty metrics fail."""
    lines = overview.attention(hub(failing, above, is_late=is_late), NOW)
    states = [one.state for one in lines]
    assert len(lines) <= 6
    more = {one.href: int(one.subject.split()[0]) for one in lines if not one.state}
    assert states.count("failing") + more.get("/failures", 0) == failing
    assert states.count("above") + more.get("/thresholds", 0) == above
    assert ("failing" in states, "above" in states) == (failing > 0, above > 0)
    assert states.count("silent") + states.count("stale") == 2 * is_late
    if failing + above + 2 * is_late <= 6:
        assert not more, "there is room for all"


def test_one_stale_value_is_in_one_spoke_that_reports() -> None:
    """The line is a sentence, whatever the counts."""
    (stale,) = [one for one in overview.attention(hub(0, 0, is_late=True), NOW) if one.state == "stale"]
    assert f"{stale.subject} {stale.text} {stale.detail}" == "1 value is stale in 1 spoke that reports"
