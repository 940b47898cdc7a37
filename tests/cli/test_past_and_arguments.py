"""Past instants, arguments at run time and nothing to report, through a deployed spoke and back to the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .applied import Applied

NORTH = ("--projects", "North")


def _midnights(days: int) -> list[datetime]:
    """Return the last midnights in UTC, the oldest first."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=days - 1 - number) for number in range(days)]


def test_a_backfill_fills_the_history_once(applied: Applied) -> None:
    """A dashboard has a past on its first day. What is there is not requested again."""
    first, *_ = expected = _midnights(4)
    words = ("backfill", "--metrics", "Dated", *NORTH, "--since", f"{first:%Y-%m-%d}", "--timeout", "60s")
    (done,) = applied.lines(*words)
    counts = {name: done[name] for name in ("Instants", "Missing", "Arrived", "Failed", "Unanswered")}
    assert counts == {"Instants": 4, "Missing": 4, "Arrived": 4, "Failed": 0, "Unanswered": {}}
    values = applied.lines("history", "Dated", "--since", f"{first:%Y-%m-%d}", "--project", "North")
    past = [value["MetricValue"] for value in values if value["Metadata"].get("AsOf")]
    assert past == [int(instant.timestamp()) // 86400 for instant in expected]
    assert applied.run(*words).stderr == "Nothing is missing. 4 values already there.\n"


def test_what_cannot_be_computed_for_the_past_is_said_once(applied: Applied) -> None:
    """With the fix, and without a failure of now."""
    words = ("backfill", *NORTH, "--timeout", "60s")
    (old,) = applied.lines(*words, "--metrics", "Dated", "--since", "2020-01-01", "--until", "2020-01-04", code=1)
    (failure,) = old["Failures"]
    assert failure["ErrorType"] == "AsOfNotSupported"
    assert "Raise historical_days of modules/spoke and apply." in failure["ErrorMessage"]
    assert old["Skipped"] == [{"Project": "North/dev", "MetricName": "Dated", "Values": 2}]
    present = applied.run(*words, "--metrics", "Tenth", "--since", "3d", code=1).stderr
    assert present.count("Tenth cannot be computed as of a past instant") == 1
    failing = {(line["Project"], one["MetricName"]) for line in applied.lines("spokes") for one in line["Failures"]}
    assert not failing & {("North/dev", "Dated"), ("North/dev", "Tenth")}


def test_a_refresh_as_of_an_instant_is_waited_for_again(applied: Applied) -> None:
    """The second request has the same ID, and the spoke responds to it too."""
    instant = _midnights(10)[0]
    words = ("refresh", "--metrics", "Dated", *NORTH, "--as-of", f"{instant:%Y-%m-%d}", "--wait", "--timeout", "60s")
    for _ in range(2):
        (line,) = applied.lines(*words)
        assert line["RefreshId"] == f"asof-{instant:%Y-%m-%dT%H:%M:%S.%f}Z"
        assert (line["Answered"], line["Missing"], line["Incomplete"]) == (["North/dev"], [], [])
    assert len([one for one in applied.history() if one.get("RefreshId") == line["RefreshId"]]) == 1


def test_an_argument_that_the_spoke_allows_is_a_series_of_its_own(applied: Applied) -> None:
    """Another one is a failure that says how to allow it, until somebody forgets it."""
    words = ("refresh", *NORTH, "--wait", "--timeout", "60s", "--argument")
    applied.run(*words, "Number.number=7")
    (seven,) = applied.lines("latest", "--metric", "Number(number=7)")
    assert (seven["MetricValue"], seven["Gone"], seven["Metadata"]) == (7, False, {"Arguments": {"number": "7"}})
    refused = applied.run(*words, "Number.number=8").stderr
    assert 'at_runtime = { number = ["7", "8"] }' in refused
    (eight,) = applied.lines("latest", "--metric", "Number(number=8)")
    assert (eight["Failure"]["ErrorType"], eight["Gone"]) == ("ArgumentNotAllowed", False)
    applied.run("spokes", "forget", "North/dev", "--metric", "Number(number=8)", "--yes")
    assert applied.lines("latest", "--metric", "Number(number=8)") == []


def test_nothing_to_report_is_a_response_with_its_reason(applied: Applied) -> None:
    """The metric never had a value, and does not fail."""
    outcome = applied.run("refresh", *NORTH, "--metrics", "Quiet", "--wait", "--timeout", "60s")
    assert "North/dev: Quiet has nothing to report: no job ended in the window" in outcome.stderr
    assert "NOTHING TO REPORT: no job ended in the window" in applied.run("latest", "--metric", "Quiet").stdout
