"""`ds-dashboard latest`."""

from __future__ import annotations

from tests.support.events import FAILURE, RESULT, Exact, ago, failure, result
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
