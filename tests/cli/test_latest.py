"""`ds-dashboard latest`."""

from __future__ import annotations

from tests.support.events import FAILURE, RESULT, RUN, Exact, ago, failure, result, run_event
from tests.support.tables import OTHER, HubTables


def test_each_series_shows_its_newest_value_with_age_and_staleness(hub: HubTables) -> None:
    """The value alone does not tell whether it is still true."""
    hub.send(RESULT, result(MetricValue=3, ExtractionDate=ago(hours=3)), result(MetricValue=4))
    hub.send(
        RESULT,
        result(ProjectName="Q", Environment="prod", MetricName="Old", ExtractionDate=ago(hours=27)),
        account=OTHER,
    )
    jobs, old = hub.lines("latest")
    assert (jobs["ProjectName"], jobs["Environment"], jobs["MetricName"], jobs["MetricValue"]) == (
        "P",
        "dev",
        "Jobs",
        4,
    )
    assert (jobs["Stale"], old["Stale"]) == (False, True)
    assert 300 <= jobs["AgeSeconds"] < 360
    table = hub.run("latest").stdout.splitlines()
    assert table[0].split() == ["SPOKE", "METRIC", "VALUE", "UNIT", "AGE", "STATE"]
    assert table[1].split()[:5] == ["P/dev", "Jobs", "4", "Count", "5m"]
    assert table[2].split()[-1] == "STALE"
    assert "STALE" not in hub.run("latest", "--stale-after", "2d").stdout
    assert hub.run("latest", "--stale-after", "0s").stdout.count("STALE") == 2


def test_values_are_stale_after_the_hubs_silent_after_by_default(hub: HubTables) -> None:
    """The alarm for silent spokes and the command use one limit."""
    hub.send(RESULT, result(ExtractionDate=ago(hours=3)))
    assert not hub.lines("latest")[0]["Stale"]
    hub.account.lambda_.update_function_configuration(
        FunctionName=f"{hub.name}-watch",
        Environment={
            "Variables": {
                "DS_DASHBOARD_MONITORED_PROJECTS_PATH": hub.path,
                "DS_DASHBOARD_SILENT_AFTER_HOURS": "2",
            }
        },
    )
    assert hub.lines("latest")[0]["Stale"]


def test_filters_select_by_project_environment_and_metric(hub: HubTables) -> None:
    """A scan, and a query by key if project and environment are given, find the same values."""
    hub.send(RESULT, result(), result(MetricName="Cost"))
    hub.send(RESULT, result(ProjectName="Q", Environment="prod"), account=OTHER)

    def found(*words: str) -> list[tuple[str, str]]:
        return [(line["Project"], line["MetricName"]) for line in hub.lines("latest", *words)]

    assert found("--project", "Q") == [("Q/prod", "Jobs")]
    assert found("--environment", "dev", "--metric", "Jobs") == [("P/dev", "Jobs")]
    assert found("--project", "P,Q", "--environment", "dev", "--environment", "prod", "--metric", "Jobs") == [
        ("P/dev", "Jobs"),
        ("Q/prod", "Jobs"),
    ]
    assert found("--project", "Nobody") == []
    assert "No value" in hub.run("latest", "--project", "Nobody").stderr


def test_numbers_keep_their_digits(hub: HubTables) -> None:
    """A binary float would show other digits than the spoke computed."""
    digits = "0.1000000000000000055511151231257827021"
    hub.send(RESULT, result(MetricValue=Exact(digits)), result(MetricName="Big", MetricValue=Exact("1" * 38)))
    table = hub.run("latest").stdout
    assert digits in table
    assert "1" * 38 in table
    assert f'"MetricValue": {digits}' in hub.run("latest", "--json", "--metric", "Jobs").stdout


def test_a_failing_metric_keeps_its_old_value_and_is_marked(hub: HubTables) -> None:
    """Without the mark, the old value would look current."""
    hub.send(RESULT, result(ExtractionDate=ago(hours=2)), result(MetricName="Mended"))
    hub.send(
        FAILURE,
        failure(MetricName="Jobs"),
        failure(MetricName="Never"),
        failure(MetricName="Mended", ExtractionDate=ago(hours=1)),
    )
    by_name = {line["MetricName"]: line for line in hub.lines("latest")}
    assert by_name["Jobs"]["Failure"]["ErrorType"] == "MetricDenied"
    assert by_name["Jobs"]["MetricValue"] == 1
    assert by_name["Mended"]["Failure"] is None
    assert "MetricValue" not in by_name["Never"]
    shown = hub.run("latest")
    assert [line.split()[1] for line in shown.stdout.splitlines() if "FAILS" in line] == ["Jobs", "Never"]
    assert "ds-dashboard spokes --failures" in shown.stderr


def test_breakdown_shows_the_parts_of_a_value(hub: HubTables) -> None:
    """The parts follow their value. Without the option they are hidden."""
    parts = [{"Dimensions": {"InstanceType": "ml.m5.large", "Zone": "a"}, "Value": 2}]
    hub.send(RESULT, result(MetricValue=2, Breakdown=parts))
    assert "ml.m5.large" not in hub.run("latest").stdout
    assert hub.run("latest", "--breakdown").stdout.splitlines()[2].split() == [
        "InstanceType=ml.m5.large,",
        "Zone=a",
        "2",
    ]
    assert hub.lines("latest")[0]["Breakdown"] == parts


def test_a_metric_with_nothing_to_report_keeps_its_value_and_shows_the_reason(hub: HubTables) -> None:
    """Its last value is still the last one there is, so it is not stale; nor does the metric fail."""
    old = ago(days=3)
    hub.send(RESULT, result(MetricName="Mean", ExtractionDate=old), result(MetricName="Jobs", ExtractionDate=old))
    hub.send(FAILURE, failure(MetricName="Never", ExtractionDate=ago(hours=1)))
    reasons = {"Mean": "no job ended in the window", "Never": "no endpoint"}
    hub.send(RUN, run_event(Emitted=0, Metrics=["Mean", "Never", "Jobs"], NothingToReport=reasons))
    by_name = {line["MetricName"]: line for line in hub.lines("latest")}
    assert {name: line["NothingToReport"] for name, line in by_name.items()} == {**reasons, "Jobs": None}
    assert {name: line["Stale"] for name, line in by_name.items()} == {"Mean": False, "Never": False, "Jobs": True}
    assert (by_name["Mean"]["MetricValue"], "MetricValue" in by_name["Never"]) == (1, False)
    assert by_name["Never"]["Failure"] is None, "it has failed before, and then had nothing to report"
    table = hub.run("latest", "--metric", "Mean").stdout
    assert table.splitlines()[1].endswith("NOTHING TO REPORT: no job ended in the window")
    assert hub.lines("spokes")[0]["NothingToReport"] == reasons
    assert "STALE" in hub.run("latest", "--metric", "Mean", "--stale-after", "1m").stdout, "the spoke has gone silent"


def test_a_newer_value_or_failure_ends_having_nothing_to_report(hub: HubTables) -> None:
    """The run that said so describes the past then."""
    reasons = {"Mean": "no job", "Ratio": "no job"}
    hub.send(RUN, run_event(Metrics=[*reasons], Emitted=0, NothingToReport=reasons))
    hub.send(RESULT, result(MetricName="Mean", ExtractionDate=ago(minutes=1)))
    hub.send(FAILURE, failure(MetricName="Ratio", ExtractionDate=ago(minutes=1)))
    mean, ratio = hub.lines("latest")
    assert (mean["NothingToReport"], ratio["NothingToReport"]) == (None, None)
    assert ratio["Failure"]["MetricName"] == "Ratio"


def test_a_metric_with_run_time_arguments_is_a_series_of_its_metric(hub: HubTables) -> None:
    """The run lists `Owner` only, and `Owner(n=/b)` is neither gone nor without its failure while that is deployed."""
    hub.send(RESULT, result(MetricName="Owner(n=/b)", ExtractionDate=ago(minutes=30)), result(MetricName="Old(n=1)"))
    hub.send(FAILURE, failure(MetricName="Owner(n=/c)", ErrorMessage="allow /c in at_runtime"))
    hub.send(RUN, run_event(Metrics=["Owner"], Emitted=1, FinishedAt=ago(minutes=1), StartedAt=ago(minutes=2)))
    lines = {line["MetricName"]: line for line in hub.lines("latest")}
    assert {name: line["Gone"] for name, line in lines.items()} == {
        "Owner(n=/b)": False,
        "Owner(n=/c)": False,
        "Old(n=1)": True,
    }
    assert lines["Owner(n=/c)"]["Failure"]["ErrorMessage"] == "allow /c in at_runtime"
    assert hub.lines("latest", "--metric", "Jobs,Owner(n=/c,/d),Old(n=1)") == [lines["Old(n=1)"]]
    hub.run("spokes", "forget", "P/dev", "--metric", "Owner(n=/c)", "--yes")
    hub.run("spokes", "forget", "P/dev", "--metric", "Owner(n=/b)", "--yes")
    assert [line["MetricName"] for line in hub.lines("latest")] == ["Old(n=1)"]
