"""A metric that fails: since when it has no value."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from ds_dashboard.client import Failure, LatestValue
from ds_dashboard.pages import lists
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Snapshot
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import series_of
from ds_dashboard.states import State
from ds_dashboard_web.app import application

from .conftest import NOW


def latest(days_ago: float | None, environment: str = "dev") -> LatestValue:
    """Return a metric that failed an hour ago, and had its last value `days_ago`."""
    failure = Failure("P", environment, "Jobs", "MetricDenied", "denied", NOW - timedelta(hours=1), None)
    return LatestValue(
        project="P",
        environment=environment,
        metric="Jobs",
        time=None if days_ago is None else NOW - timedelta(days=days_ago),
        value=None if days_ago is None else Decimal(3),
        unit="Count",
        breakdown=(),
        metadata={},
        refresh_id=None,
        account=None,
        region=None,
        item={},
        stale=False,
        failure=failure,
        nothing_to_report=None,
        gone=False,
    )


@pytest.mark.parametrize(("days_ago", "since"), [(11, NOW - timedelta(days=11)), (None, NOW - timedelta(hours=1))])
def test_a_metric_fails_since_its_last_value(days_ago: int | None, since: object) -> None:
    """The hub has the last failure only: with a daily schedule, that was today, however long it has failed."""
    found = series_of(latest(days_ago), set())
    assert (found.state, found.since) == (State.FAILING, since)


def test_the_pages_say_since_when_there_is_no_value(state: LastRead) -> None:
    """On the page of the series and on that of failures."""
    client = TestClient(application(state))
    for page in ("/failures", "/series/ads-ranking/prod?metric=NotebookInstancesInService"):
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", client.get(page).text))
        assert "no value since 2026-11-12 13:" in text, page


@pytest.mark.parametrize(("days_ago", "had_values"), [(11.0, True), (0.01, False)])
def test_a_cause_has_the_word_for_its_instant(days_ago: float, had_values: bool) -> None:
    """It is the oldest of all spokes: of one that had values until then, or of one that never had any."""
    series = [series_of(latest(None), set()), series_of(latest(days_ago, "prod"), set())]
    index = Index(Snapshot(hub="h", account="", region="r", read_at=NOW, series=series, spokes=[]))
    (card,) = lists.failures_page(index, NOW)["cards"]
    assert card["since"] == min(NOW - timedelta(hours=1), NOW - timedelta(days=days_ago))
    assert card["had_values"] is had_values
