"""`ds-dashboard refresh --as-of`: the response is apart from the spoke's latest run, and its values in the history."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.events import FAILURE, RESULT, RUN, ago, failure, result, run_event
from tests.support.tables import HubTables

from ds_dashboard.client.as_of import finished_before

INSTANT = "2026-11-01T00:00:00.000000Z"
REFRESH_ID = f"asof-{INSTANT}"
# Reads the request as the real function does. Its EventId is the request.
SOURCE = """
import json
def handler(event, context):
    return {"RefreshId": "asof-" + event["AsOf"], "EventId": json.dumps(event)}
"""
_READ = "ds_dashboard.client.request.finished_before"
WORDS = ("refresh", "--as-of", "2026-11-01", "--projects", "P", "--wait", "--timeout", "1s")


@pytest.fixture(autouse=True)
def _refreshes(hub: HubTables) -> None:
    hub.function("refresh", SOURCE)
    hub.send(RUN, run_event(Metrics=["Cost", "Mean", "Broken"], Emitted=3))


def run_as_of(**changes: Any) -> dict[str, Any]:
    """Return the run event of an extraction as of the instant."""
    return run_event(RefreshId=REFRESH_ID, AsOf=INSTANT, Metrics=["Cost", "Mean", "Broken"], **changes)


def cost(**changes: Any) -> dict[str, Any]:
    """Return a value as of the instant."""
    return result(MetricName="Cost", ExtractionDate=INSTANT, RefreshId=REFRESH_ID, Metadata={"AsOf": True}, **changes)


Respond = Callable[..., None]


@pytest.fixture
def respond(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> Respond:
    """Returns a function that takes events, which arrive when the command has sent the refresh."""

    def prepare(*events: tuple[str, dict[str, Any]]) -> None:
        def read_first(*arguments: Any) -> dict[str, str]:
            before = finished_before(*arguments)
            for kind, detail in events:
                hub.send(kind, detail)
            monkeypatch.setattr(_READ, finished_before)
            return before

        monkeypatch.setattr(_READ, read_first)

    return prepare


def test_a_refresh_as_of_an_instant_waits_for_its_values(hub: HubTables, respond: Respond) -> None:
    """They are in the history only: the newest values are newer."""
    hub.send(RESULT, result(MetricName="Cost"))
    respond((RUN, run_as_of(Emitted=1, Failed=1, NothingToReport={"Mean": "no job"})))
    early = hub.run(*WORDS, code=3)
    assert json.loads(hub.lines("refresh", "--as-of", "2026-11-01")[0]["EventId"]) == {"AsOf": INSTANT}
    assert "P/dev has responded, and 0 of 2 of its values and failures have arrived" in early.stderr
    events = [(RESULT, cost()), (FAILURE, failure(RefreshId=REFRESH_ID, ExtractionDate=INSTANT))]
    respond(*events, (RUN, run_as_of(Emitted=1, Failed=1, FinishedAt=ago(minutes=1))))
    (line,) = hub.lines(*WORDS)
    assert (line["RefreshId"], line["Answered"], line["Incomplete"]) == (REFRESH_ID, ["P/dev"], [])
    assert [one["MetricName"] for one in line["Failures"]] == ["Broken"]
    latest = {row["MetricName"]: row for row in hub.lines("latest")}
    assert list(latest) == ["Cost"], "what cannot be computed for a past instant does not fail now"


def test_an_earlier_response_for_the_same_instant_is_none(hub: HubTables, respond: Respond) -> None:
    """Each request for an instant has the same ID. A failure that has a value now is past, too."""
    hub.send(FAILURE, failure(MetricName="Cost", RefreshId=REFRESH_ID, ExtractionDate=INSTANT))
    hub.send(RUN, run_as_of(Failed=1, Emitted=0))
    assert "P/dev" in hub.run(*WORDS, code=3).stderr
    respond((RESULT, cost()), (RUN, run_as_of(Emitted=1, FinishedAt=ago(minutes=1))))
    (line,) = hub.lines(*WORDS)
    assert (line["Answered"], line["Failures"]) == (["P/dev"], [])


def test_values_with_arguments_are_waited_for_under_their_own_name(hub: HubTables, respond: Respond) -> None:
    """The value of the deployed arguments is another series."""
    words = (*WORDS, "--argument", "Cost.tag=a;b")
    respond((RESULT, cost()), (RUN, run_as_of(Emitted=1)))
    hub.run(*words, code=3)
    respond(
        (RESULT, {**cost(), "MetricName": "Cost(tag=a%3Bb)"}), (RUN, run_as_of(Emitted=1, FinishedAt=ago(minutes=1)))
    )
    assert hub.lines(*words)[0]["Incomplete"] == []
