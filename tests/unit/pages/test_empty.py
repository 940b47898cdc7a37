"""Pages and reports of a hub that has nothing to show yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from ds_dashboard.pages import overview, render, site
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Snapshot, SpokeRow
from ds_dashboard.pages.report import report_files
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard_web.demo import DemoSource

from .conftest import NOW


def hub_without_values(*last_seen: datetime | None) -> Index:
    """Return a hub with a spoke for each of these instants; None for one that is only registered."""
    rows = [
        SpokeRow(project="P", environment=f"e{number}", account="", region="r", state="ok", last_seen=seen, emitted=0,
                 failed=0, metrics=0, package_version=None, schedule=None)
        for number, seen in enumerate(last_seen)
    ]  # fmt: skip
    return Index(Snapshot(hub="h", account="", region="r", read_at=NOW, series=[], spokes=rows))


@pytest.mark.parametrize(
    ("seen", "silent", "text"),
    [
        (0, 0, "No spoke has reported."),
        (2, 1, "2 spokes have reported, without a value."),
        (0, 1, "1 spoke is registered, and has not reported."),
        (0, 2, "2 spokes are registered, and none has reported."),
    ],
)
def test_a_hub_without_values_names_the_next_command(seen: int, silent: int, text: str, source: DemoSource) -> None:
    """Whoever has just deployed it sees what to do, and no table of nothing. The report says the same."""
    index = hub_without_values(*[NOW] * seen, *[None] * silent)
    shown = overview.overview(index, {}, source.recent, NOW)
    html = render.render("overview.html", {**site.frame("/", index), "version": "", **shown})
    assert "This hub has no values yet." in html
    assert "<table" not in html
    (report,) = report_files(index, source.sparklines, NOW).values()
    assert "This report has no values." in report
    for page in (html, report):
        assert "<code>ds-dashboard refresh --wait</code>" in page
        assert text in page


@pytest.mark.parametrize(
    ("last_seen", "text"),
    [((), "No spoke has reported yet."), ((None,), "No spoke has reported yet."), ((None, NOW), "Nothing fails.")],
)
def test_nothing_fails_only_where_a_spoke_has_reported(
    last_seen: Sequence[datetime | None], text: str, state: LastRead
) -> None:
    """Nobody knows what fails in a spoke that never reported."""
    index = hub_without_values(*last_seen)
    shown = site.page("/failures", index, state)
    html = render.render(shown.template, {**site.frame("/failures", index), "version": "", **shown.view})
    assert re.findall(r"<strong>([^<]+)</strong></p>", html) == [text]


def test_thresholds_of_a_hub_without_values_are_not_said_to_be_missing(state: LastRead) -> None:
    """They are in the settings of the hub, and pages know them from the values."""
    index = hub_without_values()
    shown = site.page("/thresholds", index, state)
    html = render.render(shown.template, {**site.frame("/thresholds", index), "version": "", **shown.view})
    assert "This hub has no values yet." in html
    assert "No series has a threshold" not in html


def test_a_report_in_which_nothing_has_changed_says_so(index: Index, source: DemoSource) -> None:
    """In its first week, there are no values to compare with."""
    text = "Nothing has changed, or there is no value from seven days ago."
    (html,) = report_files(index, source.recent, index.snapshot.read_at).values()
    assert text not in html
    (html,) = report_files(Index(index.snapshot), source.recent, index.snapshot.read_at).values()
    assert text in html
    assert "Needs attention" in html


def test_a_report_of_some_projects_says_which(index: Index, source: DemoSource) -> None:
    """Whoever gets it must not take it for all. Its command shows the same, and a wrong name is told."""
    some = replace(index.snapshot, projects=["Nope", "P"])
    (html,) = report_files(Index(some), source.recent, NOW).values()
    assert "Only the projects Nope, P." in html
    assert "ds-dashboard latest --projects Nope,P</code>" in html
    assert "compare them with" not in html
    (html,) = report_files(Index(replace(some, series=[], spokes=[])), source.recent, NOW).values()
    assert "<code>ds-dashboard spokes</code>" in html
    files = report_files(index, source.recent, NOW, max_series=100)
    assert "ds-dashboard latest --projects churn-forecast</code>" in "".join(files.values())
