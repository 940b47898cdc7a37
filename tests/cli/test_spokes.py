"""`ds-dashboard spokes`."""

from __future__ import annotations

from datetime import timedelta

from ds_dashboard import aws, dates
from ds_dashboard.hub import watch
from ds_dashboard.settings import WatchSettings

from .events import FAILURE, RESULT, RUN, ago, failure, result, run_event
from .world import OTHER, Hub


def test_every_registered_spoke_is_listed_with_what_it_last_did(hub: Hub) -> None:
    """Who reports, from which account, when, how much of it failed, and what runs there."""
    hub.send(RUN, run_event(Emitted=2, Failed=1, PackageVersion="0.0.9"))
    p, q = hub.lines("spokes")
    assert (p["Project"], p["AccountId"], p["State"], p["Emitted"], p["Failed"]) == (
        "P/dev",
        "222222222222",
        "ok",
        2,
        1,
    )
    assert p["PackageVersion"] == "0.0.9"
    assert len(p["Metrics"]) == 2
    assert (q["Project"], q["AccountId"], q["Silent"], q["LastSeen"]) == ("Q/prod", OTHER, True, None)
    table = hub.run("spokes").stdout.splitlines()
    assert table[1].split()[:2] == ["P/dev", "222222222222"]
    assert table[1].split()[-4:] == ["2", "2", "1", "0.0.9"]
    assert table[2].split() == ["Q/prod", OTHER, "never", "SILENT"]


def test_silence_is_what_the_hub_s_watcher_calls_silence(hub: Hub) -> None:
    """One that only puts values on its bus is heard; one that was heard of too long ago is not."""
    hub.register("R/dev")
    hub.register("S/dev")
    hub.send(RUN, run_event(FinishedAt=ago(hours=27)))
    hub.send(RUN, run_event(ProjectName="R", FinishedAt=ago(hours=25)))
    hub.send(RESULT, result(ProjectName="S", ExtractionDate=ago(hours=1)))
    silent = [line["Project"] for line in hub.lines("spokes") if line["Silent"]]
    assert silent == ["P/dev", "Q/prod"]
    for service in ("dynamodb", "ssm"):
        aws.use(service, getattr(hub.account, service))
    watched = WatchSettings(hub.name, hub.path, f"{hub.name}-spokes", f"{hub.name}-latest", timedelta(hours=26))
    assert [one.project for one in watch.watch(watched, dates.now())] == silent
    aws.forget()
    assert [line["Project"] for line in hub.lines("spokes", "--silent-after", "2d") if line["Silent"]] == ["Q/prod"]


def test_failures_are_listed_with_their_reasons(hub: Hub) -> None:
    """Only those that no newer value has overtaken, and of metrics that the spoke still has."""
    hub.send(FAILURE, failure(), failure(MetricName="Gone"), failure(MetricName="Jobs", ExtractionDate=ago(hours=1)))
    hub.send(RUN, run_event())
    hub.send(RESULT, result())
    shown = hub.run("spokes", "--failures").stdout.splitlines()
    assert len(shown) == 2
    assert "Broken" in shown[1]
    assert shown[1].endswith("Broken needs sagemaker:ListApps")
    (line,) = hub.lines("spokes", "--project", "P")
    assert [one["MetricName"] for one in line["Failures"]] == ["Broken"]
    assert "1 failing metric:" in hub.run("spokes").stderr
    assert hub.run("spokes", "--failures", "--project", "Q").stdout == ""


def test_one_that_is_no_longer_registered_is_marked(hub: Hub) -> None:
    """It is in the table still; nobody is waiting for it."""
    hub.send(RUN, run_event())
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    line = hub.lines("spokes", "--environment", "dev")[0]
    assert (line["State"], line["Silent"], line["Registered"]) == ("not registered", False, None)


def test_many_registered_spokes_are_all_found(hub: Hub) -> None:
    """Parameter Store gives ten a page."""
    for number in range(23):
        hub.register(f"Many/e{number:02}")
    assert len(hub.lines("spokes", "--project", "Many")) == 23
