"""`ds-dashboard refresh`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from tests.support.events import FAILURE, RESULT, RUN, ago, failure, result, run_event
from tests.support.tables import OTHER, HubTables

from ds_dashboard import ulid

# Returns what the real function returns. Its EventId is the request.
SOURCE = """
import json, os
def handler(event, context):
    if "Boom" in str(event):
        raise ValueError("no bus")
    return {"RefreshId": os.environ["ID"], "EventId": json.dumps(event)}
"""


@pytest.fixture
def refresh_id(hub: HubTables) -> str:
    """The ID that the hub's refresh function returns."""
    identifier = ulid.new()
    hub.function("refresh", SOURCE, ID=identifier)
    return identifier


@pytest.fixture
def meanwhile() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Runs a function while the command waits. An exception in it fails the test."""
    threads: list[threading.Thread] = []
    raised: list[BaseException] = []

    def start(work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001
                raised.append(error)

        threads.append(threading.Thread(target=guarded))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()
    assert raised == []


def test_stdout_has_only_the_refresh_id(hub: HubTables, refresh_id: str) -> None:
    """A script can use it."""
    assert hub.run("refresh").stdout == f"{refresh_id}\n"
    assert hub.lines("refresh") == [{"RefreshId": refresh_id, "EventId": "{}"}]


def test_names_are_repeated_options_or_lists(hub: HubTables, refresh_id: str) -> None:
    """People expect one form or the other."""
    words = ("--metrics", "A,B", "--metrics", "C", "--projects", "P,Q", "--environments", "dev")
    (line,) = hub.lines("refresh", *words)
    assert json.loads(line["EventId"]) == {
        "Metrics": ["A", "B", "C"],
        "Projects": ["P", "Q"],
        "Environments": ["dev"],
    }


def test_wait_ends_when_everything_has_arrived(
    hub: HubTables, refresh_id: str, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    """A run event can arrive before the values and failures of the run. Failures are shown."""
    hub.send(RUN, run_event(Emitted=1, Failed=1, RefreshId=refresh_id))
    arrived = threading.Event()

    def answer() -> None:
        hub.send(RUN, run_event(ProjectName="Q", Environment="prod", Emitted=0, RefreshId=refresh_id), account=OTHER)
        hub.send(FAILURE, failure(RefreshId=refresh_id))
        arrived.set()
        hub.send(RESULT, result(RefreshId=refresh_id))

    meanwhile(answer)
    outcome = hub.run("refresh", "--wait", "--timeout", "30s")
    assert arrived.is_set()
    assert outcome.stdout == f"{refresh_id}\n"
    assert "2 of 2 spokes responded" in outcome.stderr
    assert "P/dev: Broken failed: MetricDenied: Broken needs sagemaker:ListApps" in outcome.stderr
    (line,) = hub.lines("refresh", "--wait")
    assert (line["Answered"], line["Missing"], line["Incomplete"]) == (["P/dev", "Q/prod"], [], [])
    assert [one["MetricName"] for one in line["Failures"]] == ["Broken"]


def test_a_timeout_names_the_missing_spokes(hub: HubTables, refresh_id: str) -> None:
    """It has an exit code of its own because the refresh was requested."""
    hub.send(RUN, run_event(Emitted=2, RefreshId=refresh_id))
    hub.send(RESULT, result(RefreshId=refresh_id))
    outcome = hub.run("refresh", "--wait", "--timeout", "1s", code=3)
    assert outcome.stdout == f"{refresh_id}\n"
    assert "Q/prod (account 333333333333, never seen) has not responded" in outcome.stderr
    assert "P/dev has responded, and 1 of 2 of its values and failures have arrived" in outcome.stderr


def test_wait_accepts_no_response_of_another_region(hub: HubTables, refresh_id: str) -> None:
    """The table may still have a run of the region from which the project has moved."""
    hub.send(RUN, run_event(Emitted=0, RefreshId=refresh_id))
    hub.register("P/dev", "arn:aws:events:us-east-1:222222222222:event-bus/ds-dashboard-spoke")
    outcome = hub.run("refresh", "--wait", "--projects", "P", "--timeout", "1s", code=3)
    assert "P/dev (account 222222222222 in us-east-1, last seen" in outcome.stderr
    assert "has not responded" in outcome.stderr


def test_wait_expects_only_the_requested_spokes(hub: HubTables, refresh_id: str) -> None:
    """A spoke that is not requested does not respond."""
    hub.send(RUN, run_event(Emitted=0, RefreshId=refresh_id))
    (line,) = hub.lines("refresh", "--wait", "--projects", "P", "--timeout", "5")
    assert line["Expected"] == ["P/dev"]


def test_a_later_run_of_the_spoke_counts_as_a_response(hub: HubTables, refresh_id: str) -> None:
    """The table has only the last run. After two refreshes at once, its values are at least as fresh."""
    later = {"RefreshId": "schedule-1", "StartedAt": ago(seconds=0), "FinishedAt": ago(seconds=0)}
    hub.send(RUN, run_event(**later, Emitted=2, Metrics=["A", "B"]))
    values = [result(MetricName=name, RefreshId="schedule-1", ExtractionDate=ago(seconds=0)) for name in "AB"]
    hub.send(RESULT, *values)
    assert hub.lines("refresh", "--wait", "--projects", "P", "--timeout", "5")[0]["Missing"] == []
    # A later run for some metrics may lack a requested one.
    hub.send(RUN, run_event(**{**later, "FinishedAt": ago(seconds=0)}, Emitted=1, Metrics=["A", "B"]))
    assert "P/dev" in hub.run("refresh", "--wait", "--projects", "P", "--timeout", "1", code=3).stderr


def test_unregistered_names_are_errors_with_the_registered_ones(hub: HubTables, refresh_id: str) -> None:
    """No spoke would respond, and a timeout would not show why."""
    outcome = hub.run("refresh", "--projects", "P,Typo", code=1)
    assert "project Typo" in outcome.stderr
    assert "Registered are: P, Q." in outcome.stderr
    assert "P/dev, Q/prod" in hub.run("refresh", "--projects", "P", "--environments", "prod", code=1).stderr
    assert outcome.stdout == ""
    hub.run("refresh", "--projects", "a/b", code=2)


def test_an_error_of_the_refresh_function_is_shown(hub: HubTables, refresh_id: str) -> None:
    """The error names the log group."""
    outcome = hub.run("refresh", "--metrics", "Boom", code=1)
    assert "ValueError: no bus" in outcome.stderr
    assert f"/aws/lambda/{hub.name}-refresh" in outcome.stderr
