"""`ds-dashboard spokes`."""

from __future__ import annotations

from datetime import timedelta

from tests.support.events import FAILURE, RESULT, RUN, ago, failure, result, run_event
from tests.support.tables import OTHER, HubTables

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import watch
from ds_dashboard.hub.settings import WatchSettings


def test_every_registered_spoke_is_listed_with_its_last_run(hub: HubTables) -> None:
    """Each row has the account, the time, the counts and the version."""
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
    assert table[1].split()[:3] == ["P/dev", "222222222222", "eu-west-1"]
    assert table[1].split()[-4:] == ["2", "2", "1", "0.0.9"]
    assert table[2].split() == ["Q/prod", OTHER, "eu-west-1", "never", "SILENT"]


def test_a_spoke_is_silent_if_the_watch_function_says_so(hub: HubTables) -> None:
    """A producer without run events is not silent as long as its values arrive."""
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
    assert [one.project for one in watch.watch(watched, dates.now(), Deadline.after(20.0))] == silent
    aws.forget()
    assert [line["Project"] for line in hub.lines("spokes", "--silent-after", "2d") if line["Silent"]] == ["Q/prod"]


def test_failures_shows_the_reasons(hub: HubTables) -> None:
    """A failure is current until a newer value arrives or the spoke no longer has the metric."""
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


def test_a_spoke_that_is_no_longer_registered_is_marked(hub: HubTables) -> None:
    """It is still in the table, and does not count as silent."""
    hub.send(RUN, run_event())
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    line = hub.lines("spokes", "--environment", "dev")[0]
    assert (line["State"], line["Silent"], line["Registered"]) == ("not registered", False, None)


def test_a_spoke_is_an_account_and_a_region(hub: HubTables) -> None:
    """One that reported before its other region was registered is named, because its events are rejected now."""
    bus = f"arn:aws:events:us-east-1:{OTHER}:event-bus/ds-dashboard-spoke"
    hub.register("Q/prod", bus)
    hub.send(RUN, run_event())
    p, q = hub.lines("spokes")
    assert (p["Region"], p["Moved"]) == ("eu-west-1", False)
    assert (q["AccountId"], q["Region"], q["Registered"], q["Moved"]) == (OTHER, "us-east-1", bus, False)
    hub.register("P/dev", "arn:aws:events:us-east-1:222222222222:event-bus/ds-dashboard-spoke")
    p, _ = hub.lines("spokes")
    assert (p["Region"], p["Moved"]) == ("eu-west-1", True)
    note = "P/dev last reported from account 222222222222 in eu-west-1, whose events are rejected"
    assert note in hub.run("spokes").stderr


def test_registrations_are_read_from_all_pages(hub: HubTables) -> None:
    """A page of Parameter Store has at most ten parameters."""
    for number in range(23):
        hub.register(f"Many/e{number:02}")
    assert len(hub.lines("spokes", "--project", "Many")) == 23


def test_forget_says_what_goes_and_asks_first(hub: HubTables) -> None:
    """Without a terminal, nothing is deleted unless --yes is passed."""
    hub.send(RESULT, result())
    hub.send(RUN, run_event())
    assert "is registered at" in hub.run("spokes", "forget", "P/dev", code=1).stderr
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    assert "forget" in hub.run("latest").stderr
    refused = hub.run("spokes", "forget", "P/dev", code=2).stderr
    assert "the last run and the failures of spoke P/dev" in refused
    assert "the newest value or failure of 1 metric: Jobs" in refused
    assert "--yes" in refused
    assert [line["Gone"] for line in hub.lines("latest", "--project", "P")] == [True]
    done = hub.run("spokes", "forget", "P/dev", "--history", "--yes").stderr
    assert "1 value of the history" in done
    assert [line["Project"] for line in hub.lines("spokes")] == ["Q/prod"]
    assert hub.lines("latest", "--project", "P") == hub.lines("export", "--project", "P") == []
    hub.run("spokes", "forget", "P", code=2)


def test_a_removed_metric_is_marked_and_forgotten(hub: HubTables) -> None:
    """The mark replaces STALE."""
    hub.send(RESULT, result(), result(MetricName="Old", ExtractionDate=ago(hours=30)))
    hub.send(RUN, run_event())
    lines = hub.run("latest").stdout.splitlines()
    assert lines[2].split()[-1] == "GONE"
    hub.run("spokes", "forget", "P/dev", "--metric", "Old", "--yes")
    assert [line["MetricName"] for line in hub.lines("latest")] == ["Jobs"]
    assert [line["MetricName"] for line in hub.lines("history", "Old")] == ["Old"]
