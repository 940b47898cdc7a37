"""Pages for who may read less than the reader policy grants: each missing part says so, and the rest is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import unescape

import pytest
from botocore.exceptions import ClientError
from starlette.testclient import TestClient
from tests.client.test_pages import source as source
from tests.support.tables import HubTables

from ds_dashboard.client import Hub
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import HubSource
from ds_dashboard_web.app import application

Open = Callable[..., TestClient]
NO_SPOKES, NO_VALUES = "The spokes could not be read, nor what fails in them.", "The newest values could not be read."


@pytest.fixture
def denied(tables: HubTables, source: HubSource, monkeypatch: pytest.MonkeyPatch) -> Callable[..., HubSource]:
    """Return a function that reads as a role to which one action on one table is denied."""

    def read(actions: Sequence[str], role: str, *, is_partial: bool = True) -> HubSource:
        allow = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
        resources = [f"arn:aws:dynamodb:*:*:table/{tables.name}-{role}"]
        for name, text in tables.as_role(allow, {"Effect": "Deny", "Action": actions, "Resource": resources}).items():
            monkeypatch.setenv(name, text)
        return HubSource(Hub(tables.name), {}, is_partial=is_partial)

    return read


def pages(source: HubSource) -> Callable[[str], str]:
    client = TestClient(application(LastRead(source)))
    return lambda path: unescape(client.get(path).text)


def test_without_the_spokes_the_values_are_there(denied: Callable[..., HubSource]) -> None:
    """Nothing says that nothing fails: nobody knows."""
    page = pages(denied(["dynamodb:Scan"], "spokes"))
    overview = page("/")
    assert "$9.25" in overview
    assert "may not call dynamodb:Scan on" in overview
    assert "Failures, silent spokes, and what has nothing to report are not shown." in overview
    for path in ("/", "/spokes", "/failures", "/project/P", "/series/P/dev?metric=A/Cost"):
        assert NO_SPOKES in page(path), path
        assert "Nothing fails" not in page(path)
        assert "Every metric is fresh" not in page(path)
        assert 'Spokes <span class="count">' not in page(path), "0 spokes would be a fact"
    assert "<polyline" in page("/series/P/dev?metric=A/Cost")


def test_without_the_newest_values_the_spokes_are_there(denied: Callable[..., HubSource]) -> None:
    """An empty hub and one that may not be read look different."""
    page = pages(denied(["dynamodb:Scan", "dynamodb:Query"], "latest"))
    assert page("/spokes").count('<a href="/project/') == 2
    for path in ("/", "/failures", "/thresholds"):
        assert NO_VALUES in page(path), path
        assert "This hub has no value yet" not in page(path)
        assert "No series has a threshold" not in page(path)
        assert "Nothing fails" not in page(path)
    assert "could not be read, so nobody knows whether there is such a project" in page("/metric?name=A/Cost")


def test_without_queries_of_the_newest_values_only_counts_are_missing(denied: Callable[..., HubSource]) -> None:
    """A policy with Scan alone is enough for values and failures."""
    source = denied(["dynamodb:Query"], "latest")
    page = pages(source)
    assert "$9.25" in page("/")
    assert "needs x:Y" in page("/failures")
    assert "Failures of spokes are not counted" in page("/spokes")
    assert {one.failed for one in source.snapshot().spokes} == {None}


@pytest.mark.parametrize(("tables_of", "is_partial"), [("*", True), ("spokes", False), ("latest", False)])
def test_a_read_that_must_be_complete_or_finds_nothing_fails(
    denied: Callable[..., HubSource], tables_of: str, is_partial: bool
) -> None:
    """A report that is written to a file has all parts, and a page without any part would not say why."""
    with pytest.raises(ClientError, match="AccessDenied"):
        denied(["dynamodb:Scan"], tables_of, is_partial=is_partial).snapshot()
