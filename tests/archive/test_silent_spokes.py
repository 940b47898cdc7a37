"""The silence of a spoke is noticed: what operators of such a system fear most."""

from datetime import timedelta

import pytest

from ds_dashboard.hub import silence

from .conftest import NOW, SPOKE, Hub, body


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


def test_who_did_not_report_in_time_or_never_is_silent(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """More of them than a page of the registry, and who reported in time is not among them."""
    for number in range(12):
        hub.register(f"N{number:02}/dev", SPOKE)
    hub.archive(run_event("N00", "2026-11-24T11:30:00Z"), run_event("N01", "2026-11-23T09:59:59Z"))
    silent = silence.watch(
        hub.name, hub.settings.monitored_projects_path, hub.settings.spokes_table, timedelta(hours=26), NOW
    )
    never = ["N02", *(f"N{number:02}" for number in range(3, 12)), "P", "Q"]
    expected = {"N01/dev": "2026-11-23T09:59:59.000000Z", "P/prod": None} | {f"{name}/dev": None for name in never}
    assert {spoke.project: spoke.last_seen for spoke in silent} == expected
    assert '"SilentSpokes": 14' in capsys.readouterr().out.splitlines()[-1]
