"""The silence of a spoke is noticed: what operators of such a system fear most."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ds_dashboard.hub import watch
from ds_dashboard.settings import WatchSettings

from .conftest import NOW, SPOKE, Hub, body, result


def run_event(project: str, finished: str) -> str:
    """The run event of a spoke's extraction."""
    detail = {
        "ProjectName": project,
        "Environment": "dev",
        "StartedAt": finished,
        "FinishedAt": finished,
        "Emitted": 1,
        "Failed": 0,
        "Metrics": [],
    }
    return body(detail, kind="metric_extractor_run")


def find_silent(hub: Hub) -> list[watch.Silent]:
    """The spokes that are silent for a day and two hours."""
    settings = hub.settings
    watched = WatchSettings(
        name=hub.name,
        monitored_projects_path=settings.monitored_projects_path,
        spokes_table=settings.spokes_table,
        latest_table=settings.latest_table,
        silent_after=timedelta(hours=26),
    )
    return watch.watch(watched, NOW)


def test_who_did_not_report_in_time_or_never_is_silent(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """More of them than a page of the registry, and who reported in time is not among them."""
    for number in range(12):
        hub.register(f"N{number:02}/dev", SPOKE)
    hub.archive(run_event("N00", "2026-11-24T11:30:00Z"), run_event("N01", "2026-11-23T09:59:59Z"))
    silent = find_silent(hub)
    never = ["N02", *(f"N{number:02}" for number in range(3, 12)), "P", "Q"]
    expected = {"N01/dev": "2026-11-23T09:59:59.000000Z", "P/prod": None} | {f"{name}/dev": None for name in never}
    assert {spoke.project: spoke.last_seen for spoke in silent} == expected
    assert '"SilentSpokes": 14' in capsys.readouterr().out.splitlines()[-1]


def test_who_only_puts_values_on_the_bus_is_heard_too(hub: Hub) -> None:
    """Producers of the base contract send no run events, and must not keep the alarm ringing for ever."""
    hub.archive(body(result()), body(result(Environment="prod", ExtractionDate="2026-11-20T00:00:00Z")))
    silent = {spoke.project: spoke.last_seen for spoke in find_silent(hub)}
    assert silent == {"P/prod": "2026-11-20T00:00:00.000000Z", "Q/dev": None}
