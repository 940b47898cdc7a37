"""`ds-dashboard backfill`: the history gets the values of past instants that it lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.events import FAILURE, RESULT, RUN, ago, failure, result, run_event
from tests.support.tables import OTHER, SPOKE, HubTables

from ds_dashboard import dates
from ds_dashboard.client import Refresh
from ds_dashboard.client.request import Request, send

SOURCE = """
import json
def handler(event, context):
    return {"RefreshId": "asof-" + event["AsOf"], "EventId": json.dumps(event)}
"""
MANIFEST: dict[str, dict[str, Any]] = {
    "Cost": {"historical": True, "cost": {"calls": "1 per page", "usd": 0.01}},
    "Jobs": {"historical": True, "cost": {"calls": "1 per 100 jobs", "usd": 0}},
    "Now": {"historical": False},
}
WORDS = ("backfill", "--since", "2026-11-01", "--until", "2026-11-04", "--timeout", "1s")
DAYS = ["2026-11-03", "2026-11-02", "2026-11-01"]
# What a spoke responds for a metric and a day: a value, an error with its message, "nothing", or no response at all.
Behaviour = Callable[[str, str, str], int | tuple[str, str] | str | None]


class Spokes:
    """Two spokes that respond to each request as soon as it was sent. `asked` has what they were asked for."""

    def __init__(self, hub: HubTables) -> None:
        self.hub = hub
        self.asked: list[tuple[str, str, list[str]]] = []
        self.behave: Behaviour = lambda spoke, metric, day: 1
        self._finished = datetime(2026, 11, 26, tzinfo=UTC)

    def respond(self, request: Request) -> None:
        assert request.as_of is not None
        instant = dates.format_instant(request.as_of)
        for spoke, account in (("P/dev", SPOKE), ("Q/prod", OTHER)):
            if request.spoke_filter.matches(spoke):
                self.asked.append((instant[:10], spoke, list(request.metrics)))
                self._respond(spoke, account, request.metrics, instant)

    def _respond(self, spoke: str, account: str, metrics: tuple[str, ...], instant: str) -> None:
        project, environment = spoke.split("/")
        common = {"ProjectName": project, "Environment": environment, "RefreshId": f"asof-{instant}"}
        dated = {**common, "ExtractionDate": instant}
        outcomes = {metric: self.behave(spoke, metric, instant[:10]) for metric in metrics}
        if None in outcomes.values():
            return
        values = {metric: one for metric, one in outcomes.items() if isinstance(one, int)}
        failures = {metric: one for metric, one in outcomes.items() if isinstance(one, tuple)}
        for metric, value in values.items():
            self.hub.send(RESULT, result(MetricName=metric, MetricValue=value, **dated), account=account)
        for metric, (kind, message) in failures.items():
            event = failure(MetricName=metric, ErrorType=kind, ErrorMessage=message, **dated)
            self.hub.send(FAILURE, event, account=account)
        self._finished += timedelta(seconds=1)
        counts = {"Emitted": len(values), "Failed": len(failures)}
        reasons = {metric: "no job" for metric, one in outcomes.items() if one == "nothing"}
        times = dict.fromkeys(("StartedAt", "FinishedAt"), dates.format_instant(self._finished))
        run = run_event(**common, **counts, **times, AsOf=instant, NothingToReport=reasons, Metrics=["Cost", "Jobs"])
        self.hub.send(RUN, run, account=account)


@pytest.fixture
def spokes(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> Spokes:
    """Two spokes with the metrics Cost and Jobs."""
    hub.function("refresh", SOURCE)
    hub.send(RUN, run_event(Metrics=["Cost", "Jobs", "Now"]))
    hub.send(RUN, run_event(ProjectName="Q", Environment="prod", Metrics=["Cost", "Jobs"]), account=OTHER)
    spokes = Spokes(hub)

    def send_and_respond(installation: Any, registered: Any, request: Request) -> Refresh:
        refresh = send(installation, registered, request)
        spokes.respond(request)
        return refresh

    monkeypatch.setattr("ds_dashboard.client.backfill.send", send_and_respond)
    return spokes


@pytest.fixture(autouse=True)
def manifest(tmp_path: Path) -> Path:
    """A manifest with metrics that are historical, and one that is not."""
    file = tmp_path / "metrics.json"
    form: dict[str, Any] = {"unit": "Count", "description": "", "arguments": {}, "permissions": []}
    file.write_text(json.dumps({"metrics": {name: form | entry for name, entry in MANIFEST.items()}}))
    return file


def history(hub: HubTables) -> list[tuple[str, str, str]]:
    """Return day, spoke and metric of each value in the history."""
    found = hub.lines("export", "--format", "json")
    return sorted((one["ExtractionDate"][:10], one["ProjectName"], one["MetricName"]) for one in found)


def test_a_backfill_requests_each_instant_once_the_newest_first(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """A second one requests nothing, so an interrupted one continues."""
    hub.send(RESULT, result(MetricName="Jobs", ExtractionDate="2026-11-02T00:00:00Z"))
    words = (*WORDS, "--metrics", "Jobs", "--manifest", manifest)
    outcome = hub.run(*words)
    assert spokes.asked == [
        ("2026-11-03", "P/dev", ["Jobs"]),
        ("2026-11-03", "Q/prod", ["Jobs"]),
        ("2026-11-02", "Q/prod", ["Jobs"]),
        ("2026-11-01", "P/dev", ["Jobs"]),
        ("2026-11-01", "Q/prod", ["Jobs"]),
    ]
    assert history(hub) == [(day, project, "Jobs") for day in reversed(DAYS) for project in "PQ"]
    assert "5 values missing for 3 of 3 instants, 2026-11-01 00:00:00 to 2026-11-03 00:00:00 UTC" in outcome.stderr
    assert "1 value already there" in outcome.stderr
    assert "Jobs: 5 values, free of charge; API calls of a value: 1 per 100 jobs" in outcome.stderr
    assert "3 of 3 instants done: 5 values, 0 with nothing to report, 0 failed." in outcome.stderr
    spokes.asked.clear()
    assert hub.run(*words).stderr == "Nothing is missing. 6 values already there.\n"
    assert spokes.asked == []


def test_a_dry_run_prints_the_estimate_and_requests_nothing(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """Some calls cost money, and a year of days is many of them."""
    (line,) = hub.lines(*WORDS, "--metrics", "Cost,Jobs", "--manifest", manifest, "--dry-run")
    assert (line["Instants"], line["Missing"], line["Refreshes"], line["Usd"]) == (3, 12, 6, "0.06")
    assert line["Costs"][0] == {"MetricName": "Cost", "Values": 6, "Calls": "1 per page", "Usd": "0.06"}
    shown = hub.run(*WORDS, "--metrics", "Cost", "--manifest", manifest, "--dry-run", "--projects", "P").stderr
    assert "Cost: 3 values, 0.03 USD; API calls of a value: 1 per page" in shown
    assert spokes.asked == []


def test_money_is_spent_only_with_consent(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """Without a terminal, nobody can be asked."""
    words = (*WORDS, "--metrics", "Cost", "--manifest", manifest, "--projects", "P")
    assert "Add --yes to spend money without asking" in hub.run(*words, code=2).stderr
    assert spokes.asked == []
    hub.run(*words, "--yes")
    assert len(spokes.asked) == 3


def test_a_metric_that_is_not_historical_is_refused_with_those_that_are(
    hub: HubTables, spokes: Spokes, manifest: Path
) -> None:
    """Each instant would fail."""
    refused = hub.run(*WORDS, "--metrics", "Now", "--manifest", manifest, code=1).stderr
    assert "metric Now: cannot be computed for past instants" in refused
    assert "Historical metrics are: Cost, Jobs." in refused
    assert "metric Job: is not a metric of any spoke" in hub.run(*WORDS, "--metrics", "Job", code=1).stderr
    assert "project R" in hub.run(*WORDS, "--metrics", "Jobs", "--projects", "R", code=1).stderr
    assert "Name the metrics" in hub.run(*WORDS, code=2).stderr


def test_only_what_a_spoke_misses_is_requested_from_it(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """Another value of the same instant would be a second one in the history."""
    for day in DAYS[1:]:
        hub.send(RESULT, result(MetricName="Jobs", ExtractionDate=f"{day}T00:00:00Z"))
    hub.send(
        RESULT,
        result(MetricName="Jobs", ProjectName="Q", Environment="prod", ExtractionDate=ago(hours=1)),
        account=OTHER,
    )
    hub.run(*WORDS, "--metrics", "Jobs,Cost", "--manifest", manifest, "--yes")
    assert spokes.asked[2:] == [
        (day, spoke, metrics)
        for day in DAYS[1:]
        for spoke, metrics in (("P/dev", ["Cost"]), ("Q/prod", ["Jobs", "Cost"]))
    ]
    assert len(history(hub)) == 13


def test_nothing_to_report_is_an_outcome(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """There is no value for these instants."""
    spokes.behave = lambda spoke, metric, day: "nothing" if spoke == "P/dev" else 1
    (line,) = hub.lines(*WORDS, "--metrics", "Jobs", "--manifest", manifest)
    assert (line["Arrived"], line["NothingToReport"], line["Unanswered"]) == (3, 3, {})


def test_instants_that_are_too_old_are_reported_once_and_not_requested(
    hub: HubTables, spokes: Spokes, manifest: Path
) -> None:
    """The fix is the same for all of them."""

    def behave(spoke: str, metric: str, day: str) -> int | tuple[str, str]:
        message = f"Jobs cannot be computed as of {day}T00:00:00.000000Z: raise historical_days and apply."
        return ("AsOfNotSupported", message) if spoke == "P/dev" and day < "2026-11-03" else 1

    spokes.behave = behave
    outcome = hub.run(*WORDS, "--metrics", "Jobs", "--manifest", manifest, code=1)
    assert [spoke for _, spoke, _ in spokes.asked] == ["P/dev", "Q/prod", "P/dev", "Q/prod", "Q/prod"]
    assert outcome.stderr.count("raise historical_days") == 1
    assert "P/dev: Jobs, 1 value: AsOfNotSupported: Jobs cannot be computed as of 2026-11-02" in outcome.stderr
    assert "P/dev: 1 older value of Jobs not requested." in outcome.stderr
    assert hub.lines("latest", "--project", "P")[0]["Failure"] is None, "the present does not fail"


def test_a_metric_that_keeps_failing_is_left_out(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """Ninety denied calls say the same as three. One that fails now and then is requested to the end."""

    def behave(spoke: str, metric: str, day: str) -> int | tuple[str, str]:
        return ("MetricThrottled", f"slow at {day}") if spoke == "P/dev" or int(day[-2:]) % 2 == 0 else 1

    spokes.behave = behave
    words = ("backfill", "--since", "2026-11-01", "--until", "2026-11-09", "--metrics", "Jobs", "--manifest", manifest)
    outcome = hub.run(*words, code=1)
    assert [spoke for _, spoke, _ in spokes.asked].count("P/dev") == 3
    assert [spoke for _, spoke, _ in spokes.asked].count("Q/prod") == 8
    assert "P/dev, Q/prod: Jobs, 7 values: MetricThrottled: slow at 2026-11-08" in outcome.stderr


def test_a_spoke_that_does_not_respond_is_left_out(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """It would take the timeout for each instant, and the others wait for it."""
    spokes.behave = lambda spoke, metric, day: None if spoke == "P/dev" else 1
    outcome = hub.run(*WORDS, "--metrics", "Jobs", "--manifest", manifest, code=3)
    assert [spoke for _, spoke, _ in spokes.asked] == ["P/dev", "Q/prod", "P/dev", "Q/prod", "Q/prod"]
    assert "P/dev has not responded to 2 instants" in outcome.stderr
    assert len(history(hub)) == 3


def test_a_spoke_that_is_late_now_and_then_is_asked_to_the_end(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """Two late responses in a year of days are no reason to give up."""
    spokes.behave = lambda spoke, metric, day: None if day in (DAYS[0], DAYS[2]) else 1
    outcome = hub.run(*WORDS, "--metrics", "Jobs", "--manifest", manifest, "--projects", "P", code=3)
    assert [day for day, _, _ in spokes.asked] == DAYS
    assert "P/dev has not responded to 2 instants" in outcome.stderr
    assert "not requested" not in outcome.stderr


def test_an_interrupted_backfill_says_how_to_continue(hub: HubTables, spokes: Spokes, manifest: Path) -> None:
    """Nothing is lost: what has arrived is not requested again."""

    def behave(spoke: str, metric: str, day: str) -> int:
        if day == "2026-11-02":
            raise KeyboardInterrupt
        return 1

    spokes.behave = behave
    words = (*WORDS, "--metrics", "Jobs", "--manifest", manifest, "--projects", "P")
    outcome = hub.run(*words, code=1)
    assert "1 of 3 instants done" in outcome.stderr
    assert "Run the same command again to continue" in outcome.stderr
    spokes.behave = lambda spoke, metric, day: 1
    hub.run(*words)
    assert [day for day, _, _ in spokes.asked] == ["2026-11-03", "2026-11-02", "2026-11-02", "2026-11-01"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--since", "2026-11-01T01:00", "--until", "2026-11-01T23:00"), "the period has no instant"),
        (("--since", "90d", "--every", "30s"), "at least a minute"),
        (("--since", "20y"), "is neither a duration"),
        (("--since", "365d", "--every", "1m"), "at most 10,000 are possible at once"),
        (("--since", "2026-11-02", "--until", "2026-11-01"), "ends before it starts"),
        (("--since", "2099-01-01"), "no instant"),
    ],
)
def test_a_period_without_instants_is_explained(hub: HubTables, words: tuple[str, ...], message: str) -> None:
    """Nothing is read then."""
    outcome = hub.run("backfill", "--metrics", "Jobs", *words, code=2)
    assert message in " ".join(outcome.stderr.split())
