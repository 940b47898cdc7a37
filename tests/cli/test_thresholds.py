"""Thresholds in `ds-dashboard latest` and `doctor`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.support.events import RESULT, ago, result
from tests.support.tables import OTHER, HubTables

from ds_dashboard import thresholds
from ds_dashboard.client import Hub
from ds_dashboard.thresholds import Threshold

HANDLER = "def handler(event, context):\n    return {}\n"


def test_a_value_beyond_its_threshold_is_marked(hub: HubTables) -> None:
    """The command shows what the topics were notified of, and programs can select it."""
    hub.thresholds = {"Jobs": Threshold(above=Decimal("2.5")), "Cost": Threshold(below=Decimal(1))}
    hub.send(RESULT, result(MetricValue=3, ExtractionDate=ago(minutes=9)), result(MetricName="Cost", MetricValue=0))
    hub.send(RESULT, result(MetricValue=4), result(MetricName="Free", MetricValue=9, ExtractionDate=ago(hours=2)))
    states = {line.split()[1]: line.split()[-1] for line in hub.run("latest").stdout.splitlines()[1:]}
    assert states == {"Cost": "BELOW", "Free": "2h", "Jobs": "ABOVE"}
    cost, free, jobs = hub.lines("latest")
    assert {name: one for name, one in jobs.items() if name.startswith("Threshold")} == {
        "Threshold": "above",
        "ThresholdSince": hub.lines("history", "Jobs")[0]["ExtractionDate"],
        "ThresholdAbove": "2.5",
        "ThresholdBelow": None,
    }
    assert (cost["Threshold"], cost["ThresholdBelow"]) == ("below", 1)
    assert (free["Threshold"], free["ThresholdSince"], free["ThresholdAbove"]) == (None, None, None)


def test_a_row_has_the_limits_also_while_its_value_is_normal(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page draws them next to the values."""
    hub.thresholds = {"Jobs": Threshold(above=Decimal(5))}
    hub.send(RESULT, result(MetricValue=1))
    for name, value in hub.env.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    (row,) = Hub(hub.name).latest()
    assert (row.threshold, row.threshold_since, row.threshold_above, row.threshold_below) == (
        None,
        None,
        Decimal(5),
        None,
    )


def test_a_plot_has_the_threshold_of_its_series(hub: HubTables) -> None:
    """It is read with one call, which a reader may lack the permission for."""
    hub.send(RESULT, *(result(MetricValue=number, ExtractionDate=ago(hours=number)) for number in (1, 5)))
    hub.thresholds = {"Jobs": Threshold(above=Decimal("4.5"), environments=["prod"])}
    hub.send(
        RESULT, result(ProjectName="Q", Environment="prod", MetricValue=3, ExtractionDate=ago(hours=2)), account=OTHER
    )
    hub.send(RESULT, result(MetricName="Other", MetricValue=3))
    shown = hub.run("history", "Jobs", "--plot")
    assert shown.stdout.splitlines()[-3:] == ["  ● P/dev", "  x Q/prod", "  - threshold above 4.5 (Q/prod)"]
    assert any("---" in line for line in shown.stdout.splitlines())
    assert "threshold" not in hub.run("history", "Other", "--plot").stdout
    history = {"Effect": "Allow", "Action": ["dynamodb:Query"], "Resource": ["*"]}
    unread = hub.run("history", "Jobs", "--plot", **hub.as_role(history))
    assert unread.stdout.splitlines()[-2:] == ["  ● P/dev", "  x Q/prod"]
    assert f"Cannot read the thresholds of Jobs (dynamodb:BatchGetItem on {hub.name}-latest)" in unread.stderr


@pytest.mark.parametrize("state", [{"S": "sideways"}, {"N": "1"}, {"M": {}}])
def test_a_judgement_that_no_archive_wrote_is_left_out(hub: HubTables, state: dict[str, Any]) -> None:
    """Other programs can write to the table."""
    hub.send(RESULT, result())
    hub.account.dynamodb.update_item(
        TableName=f"{hub.name}-latest",
        Key={"Project": {"S": "P#dev"}, "MetricName": {"S": "Jobs"}},
        UpdateExpression="SET ThresholdState = :state, ThresholdAbove = :text, ThresholdSince = :state",
        ExpressionAttributeValues={":state": state, ":text": {"S": "x"}},
    )
    (line,) = hub.lines("latest")
    assert [line[name] for name in ("Threshold", "ThresholdSince", "ThresholdAbove")] == [None, None, None]


def findings(hub: HubTables, **variables: Any) -> list[tuple[str, str]]:
    """Return what the doctor says about thresholds, with these variables of the archive."""
    hub.function("archive", HANDLER, **{name: json.dumps(value) for name, value in variables.items()})
    found = hub.lines("doctor", "--side", "hub", "--all", code=1)
    return [(one["Thing"], one["Cause"]) for one in found if one["Thing"].startswith("threshold")]


def test_the_doctor_reports_a_threshold_that_no_series_matches(hub: HubTables) -> None:
    """A misspelled name would never notify anybody, and nobody would miss it."""
    hub.send(RESULT, result(MetricName="TrainingCost24h"), result())
    hub.send(RESULT, result(ProjectName="Q", Environment="prod"), account=OTHER)
    found = findings(
        hub,
        **{
            thresholds.THRESHOLDS: {
                "Jobs": {"above": 1, "environments": ["pro*"]},
                "TrainingCosts24h": {"above": 1},
                "TrainingCost24h": {"below": 1, "projects": ["Q", "R"]},
                "Zzz": {"above": 1},
            }
        },
    )
    nothing = "applies to nothing: no metric of this name ever had a value."
    assert found == [
        ("threshold Jobs", ""),
        ("threshold TrainingCosts24h", f"{nothing} There are values of TrainingCost24h."),
        (
            "threshold TrainingCost24h",
            "applies to no spoke: its projects are Q, R and its environments *. The metric has values of P/dev.",
        ),
        ("threshold Zzz", nothing),
    ]


def test_the_doctor_reports_a_topic_that_the_archive_may_not_publish_to(hub: HubTables) -> None:
    """Each message that crosses a threshold would become a dead letter."""
    topic = "arn:aws:sns:eu-west-1:111111111111:finance"
    hub.function("archive", HANDLER, **{thresholds.ACTIONS: json.dumps([topic])})
    found = hub.lines("doctor", "--side", "hub", "--all", code=1)
    assert [one for one in found if "sns:Publish" in one["Cause"] and topic in one["Cause"]]


def test_the_doctor_reports_a_topic_that_does_not_exist(hub: HubTables) -> None:
    """It was deleted, and nothing says so before a value crosses a threshold. Others' accounts are not looked at."""
    arn = "arn:aws:sns:eu-west-1:{}:{}"
    hub.account.sns.create_topic(Name="there")
    topics = [arn.format("111111111111", "there"), arn.format("111111111111", "deleted"), arn.format(OTHER, "theirs")]
    hub.function("archive", HANDLER, **{thresholds.ACTIONS: json.dumps(topics)})
    found = hub.lines("doctor", "--side", "hub", "--all", code=1)
    assert {one["Thing"]: one["Status"] for one in found if one["Thing"].startswith("topic")} == {
        "topic there": "ok",
        "topic deleted": "BROKEN",
    }


def test_the_doctor_reports_a_metric_that_is_never_published(hub: HubTables) -> None:
    """A misspelled name would be a graph without data, which a metric without values is too."""
    hub.send(RESULT, result(MetricName="TrainingCost24h"))
    hub.account.lambda_.update_function_configuration(
        FunctionName=f"{hub.name}-watch",
        Environment={
            "Variables": {"DS_DASHBOARD_CLOUDWATCH_METRICS": '{"TrainingCosts24h": [], "TrainingCost24h": []}'}
        },
    )
    found = hub.lines("doctor", "--side", "hub", "--all", code=1)
    assert [(one["Thing"], one["Cause"]) for one in found if one["Thing"].startswith("CloudWatch")] == [
        (
            "CloudWatch metric TrainingCosts24h",
            "is never published: no metric of this name ever had a value. There are values of TrainingCost24h.",
        ),
        ("CloudWatch metric TrainingCost24h", ""),
    ]


def test_each_function_needs_the_table_for_sums_only_if_it_publishes_any(hub: HubTables) -> None:
    """The archive of an earlier version publishes none, and the watch does."""
    hub.function("archive", HANDLER)
    for role, publishing in (("watch", ["watch"]), ("archive", ["archive", "watch"])):
        hub.account.lambda_.update_function_configuration(
            FunctionName=f"{hub.name}-{role}",
            Environment={"Variables": {"DS_DASHBOARD_CLOUDWATCH_METRICS": '{"Jobs": []}'}},
        )
        found = hub.lines("doctor", "--side", "hub", "--all", code=1)
        scans = [one["Thing"] for one in found if "dynamodb:Scan" in one["Cause"] and "-latest" in one["Cause"]]
        assert sorted(scans) == [f"role {hub.name}-{one}-role" for one in publishing]
