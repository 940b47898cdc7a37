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


def test_a_metric_that_no_spoke_has_is_refused_with_the_names_there_are(hub: HubTables, refresh_id: str) -> None:
    """Every spoke would respond, and nothing would be computed."""
    hub.send(RUN, run_event(Metrics=["NumberEndPointsInService", "Jobs"]))
    named = hub.run("refresh", "--metrics", "NumberEndpointsInService", code=1)
    assert "metric NumberEndpointsInService: is not a metric of any spoke" in named.stderr
    assert "Did you mean NumberEndPointsInService? They have: Jobs, NumberEndPointsInService." in named.stderr
    assert named.stdout == ""
    assert "metric New" in hub.run("refresh", "--metrics", "New", code=1).stderr
    assert hub.run("refresh", "--metrics", "New", "--projects", "Q").stdout, "Q/prod has not said yet what it has"
    hub.send(RUN, run_event(ProjectName="Q", Environment="prod", Metrics=["Jobs", "New"]), account=OTHER)
    noted = hub.run("refresh", "--metrics", "New,Jobs").stderr
    assert noted == "New is not a metric of P/dev, which will not compute it.\n"
    assert "metric Owner:" in hub.run("refresh", "--argument", "Owner.n=/b", code=1).stderr


def test_who_may_not_read_the_spokes_can_refresh(hub: HubTables, refresh_id: str) -> None:
    """The names of metrics are not checked then, and a note says so."""
    hub.send(RUN, run_event())
    invoke = {"Effect": "Allow", "Action": ["lambda:*", "ssm:*"], "Resource": "*"}
    outcome = hub.run("refresh", "--metrics", "Typo", **hub.as_role(invoke))
    assert outcome.stdout == f"{refresh_id}\n"
    assert f"Cannot check the names of metrics (dynamodb:Scan on {hub.name}-spokes)." in outcome.stderr


def test_arguments_name_their_metric(hub: HubTables, refresh_id: str) -> None:
    """Names of metrics may have dots, and values may have anything. Only the named metrics are computed."""
    words = ("--argument", "Owner.v2.name=/a.b=c,d", "--argument", "Owner.v2.other=", "--argument", "Jobs.days=3")
    (line,) = hub.lines("refresh", *words)
    assert json.loads(line["EventId"]) == {
        "Metrics": ["Owner.v2", "Jobs"],
        "Arguments": {"Owner.v2": {"name": "/a.b=c,d", "other": ""}, "Jobs": {"days": "3"}},
    }
    (line,) = hub.lines("refresh", "--metrics", "A,Jobs", "--argument", "Jobs.days=3")
    assert json.loads(line["EventId"])["Metrics"] == ["A", "Jobs"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--argument", "Owner=/b"], 2, "'Owner=/b' is not METRIC.ARGUMENT=VALUE, such as Owner.parameter_name=/b"),
        (["--argument", "Owner.n"], 2, "is not METRIC.ARGUMENT=VALUE"),
        (["--argument", "Owner.a-b=1"], 2, "is not METRIC.ARGUMENT=VALUE"),
        (["--argument", "A.n=1", "--argument", "A.n=2"], 2, "A.n is set twice"),
        (["--argument", "A.n=1", "--metrics", "B"], 1, "'A', which is not in Metrics"),
        (["--argument", f"A.n={'x' * 126}"], 1, "128 are allowed"),
        (["--as-of", "2999-01-01"], 1, "AsOf is 2999-01-01T00:00:00.000000Z, which is not past"),
        (["--as-of", "soon"], 2, "'soon' is neither a duration"),
    ],
)
def test_a_wrong_argument_or_instant_is_explained(
    hub: HubTables, refresh_id: str, words: list[str], code: int, message: str
) -> None:
    """Nothing is requested then."""
    outcome = hub.run("refresh", *words, code=code)
    assert message in " ".join(outcome.stderr.split())
    assert outcome.stdout == ""


def test_nothing_to_report_is_a_response(hub: HubTables, refresh_id: str) -> None:
    """The spoke has said why it emits no value. What an earlier run has said is not part of this response."""
    names = ["Jobs", "Mean", "Ratio"]
    hub.send(RUN, run_event(Metrics=names, Emitted=0, NothingToReport={"Ratio": "no data"}))
    times = {"StartedAt": ago(seconds=20), "FinishedAt": ago(seconds=10)}
    hub.send(
        RUN, run_event(Metrics=names, Emitted=0, RefreshId=refresh_id, NothingToReport={"Mean": "no job"}, **times)
    )
    outcome = hub.run("refresh", "--wait", "--projects", "P", "--timeout", "5")
    assert "P/dev: Mean has nothing to report: no job" in outcome.stderr
    assert "Ratio" not in outcome.stderr
    (line,) = hub.lines("refresh", "--wait", "--projects", "P")
    assert line["NothingToReport"] == [{"Project": "P/dev", "MetricName": "Mean", "Reason": "no job"}]


def test_a_run_with_other_arguments_is_no_response(hub: HubTables, refresh_id: str) -> None:
    """A later run of all metrics has the values of the deployed arguments."""
    now = {"StartedAt": ago(seconds=0), "FinishedAt": ago(seconds=0)}
    hub.send(
        RUN, run_event(**now, RefreshId="schedule-1", Metrics=["Owner"], Emitted=0, NothingToReport={"Owner": "x"})
    )
    words = ("refresh", "--wait", "--projects", "P", "--timeout", "1s")
    assert hub.lines(*words)[0]["Missing"] == []
    hub.run(*words, "--argument", "Owner.n=/b", code=3)
    hub.send(
        RUN, run_event(**{**now, "FinishedAt": ago(seconds=0)}, RefreshId=refresh_id, Metrics=["Owner"], Emitted=1)
    )
    hub.send(RESULT, result(MetricName="Owner(n=/b)", RefreshId=refresh_id))
    (line,) = hub.lines(*words, "--argument", "Owner.n=/b")
    assert (line["Answered"], line["Incomplete"]) == (["P/dev"], [])
