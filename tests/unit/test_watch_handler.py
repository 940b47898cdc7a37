"""The handler of the watch function: the search for silent spokes, and the sums beside it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ds_dashboard.handlers import watch as handlers
from ds_dashboard.hub import totals, watch
from ds_dashboard.hub.settings import Sums, WatchSettings

SUMS = Sums("team-a", "team-a-latest", timedelta(hours=26), {"Cost": ()})
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Sums]:
    """The sums that the handler publishes."""
    found: list[Sums] = []
    monkeypatch.setattr(totals, "publish", lambda sums, *_: found.append(sums))
    return found


def handle(monkeypatch: pytest.MonkeyPatch, sums: Sums | None, search: Any) -> Any:
    settings = WatchSettings("team-a", "/team-a", "team-a-spokes", "team-a-latest", timedelta(hours=26), sums)
    monkeypatch.setattr(handlers, "from_environment", lambda _: settings)
    monkeypatch.setattr(watch, "watch", search)
    return handlers.handler({}, CONTEXT)


@pytest.mark.parametrize("sums", [None, SUMS])
def test_sums_are_published_if_metrics_are_chosen(
    published: list[Sums], monkeypatch: pytest.MonkeyPatch, sums: Sums | None
) -> None:
    """Without, the function has no permission to read the table for them."""
    assert handle(monkeypatch, sums, lambda *_: []) == {"SilentSpokes": []}
    assert published == ([] if sums is None else [SUMS])


def test_sums_are_published_if_the_search_fails(published: list[Sums], monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not need the registrations. The failure stays one of the function, for its alarm."""

    def fail(*_: Any) -> Any:
        raise watch.NotWatched("/team-a: denied")

    with pytest.raises(watch.NotWatched, match="denied"):
        handle(monkeypatch, SUMS, fail)
    assert published == [SUMS]
