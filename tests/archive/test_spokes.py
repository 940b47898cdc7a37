"""The spokes table: the newest run and failures of each spoke, and which spokes are silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ds_dashboard.hub import watch
from ds_dashboard.settings import WatchSettings

from .conftest import FAILURE, NOW, RUN, SPOKE, Hub, body, result


def test_a_spoke_is_one_item_from_its_newest_run(hub: Hub) -> None:
    """Run events may arrive out of order."""
    newer = {**RUN, "FinishedAt": "2026-11-24T11:30:00.000000Z", "Emitted": 5, "RefreshId": "r-2"}
    hub.archive(body(newer, kind="metric_extractor_run"))
    hub.archive(body(RUN, kind="metric_extractor_run"))
    (spoke,) = hub.items("spokes")
    assert spoke["Project"] == "P#dev"
    assert (spoke["AccountId"], spoke["Emitted"], spoke["LastRefreshId"]) == (SPOKE, 5, "r-2")
    assert spoke["LastSeen"] == "2026-11-24T11:30:00.000000Z"


def test_a_spoke_has_the_newest_failure_of_each_metric(hub: Hub) -> None:
    """Failures arrive before or after the run event, and several metrics may fail."""
    later = {**FAILURE, "ExtractionDate": "2026-11-24T11:30:00.000000Z", "ErrorType": "MetricThrottled"}
    other = {**FAILURE, "MetricName": "a.b-c", "ErrorType": "ValueError"}
    hub.archive(body(later, kind="metric_extractor_failure"))
    hub.archive(body(RUN, kind="metric_extractor_run"))
    hub.archive(body(FAILURE, kind="metric_extractor_failure"), body(other, kind="metric_extractor_failure"))
    (spoke,) = hub.items("spokes")
    assert {name: failure["ErrorType"] for name, failure in spoke["Failures"].items()} == {
        "Jobs": "MetricThrottled",
        "a.b-c": "ValueError",
    }
    assert spoke["Emitted"] == 1
    assert hub.history() == []


def run_event(project: str, finished: str) -> str:
    """Return the run event of an extraction."""
    return body({**RUN, "ProjectName": project, "FinishedAt": finished}, kind="metric_extractor_run")


def find_silent(hub: Hub) -> list[watch.Silent]:
    """Return the spokes that sent nothing for 26 hours."""
    settings = hub.settings
    watched = WatchSettings(
        name=hub.name,
        monitored_projects_path=settings.monitored_projects_path,
        spokes_table=settings.spokes_table,
        latest_table=settings.latest_table,
        silent_after=timedelta(hours=26),
    )
    return watch.watch(watched, NOW)


def test_a_spoke_that_did_not_report_in_time_is_silent(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """There are more of them than fit on a page of Parameter Store."""
    for number in range(12):
        hub.register(f"N{number:02}/dev", SPOKE)
    hub.archive(run_event("N00", "2026-11-24T11:30:00Z"), run_event("N01", "2026-11-23T09:59:59Z"))
    silent = find_silent(hub)
    never = ["N02", *(f"N{number:02}" for number in range(3, 12)), "P", "Q"]
    expected = {"N01/dev": "2026-11-23T09:59:59.000000Z", "P/prod": None} | {f"{name}/dev": None for name in never}
    assert {spoke.project: spoke.last_seen for spoke in silent} == expected
    assert '"SilentSpokes": 14' in capsys.readouterr().out.splitlines()[-1]


def test_a_producer_that_sends_no_run_events_is_not_silent(hub: Hub) -> None:
    """Producers of the base contract send only results, and must not keep the alarm active."""
    hub.archive(body(result()), body(result(Environment="prod", ExtractionDate="2026-11-20T00:00:00Z")))
    silent = {spoke.project: spoke.last_seen for spoke in find_silent(hub)}
    assert silent == {"P/prod": "2026-11-20T00:00:00.000000Z", "Q/dev": None}
