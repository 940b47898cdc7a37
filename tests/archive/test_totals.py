"""Chosen metrics as CloudWatch metrics: sums of what the latest table has, after a batch and every hour."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard import aws, dates
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import calls, totals
from ds_dashboard.hub.settings import Sums

from .conftest import FAILURE, NOW, OTHER, Hub, body, result

Published = dict[tuple[str, ...], dict[str, float]]


def publish(
    hub: Hub, capsys: pytest.CaptureFixture[str], seconds: float = 20.0, **metrics: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Publish sums, and return the lines in the embedded metric format."""
    capsys.readouterr()
    totals.publish(chosen(hub, **metrics), NOW, Deadline.after(seconds))
    return printed(capsys)


def chosen(hub: Hub, **metrics: tuple[str, ...]) -> Sums:
    return Sums(hub.name, hub.settings.latest_table, timedelta(hours=26), metrics)


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines in the embedded metric format that have sums."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [one for one in lines if one["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "DSDashboard/Values"]


def sums(lines: list[dict[str, Any]]) -> Published:
    """Return the values by the dimensions after the name, as CloudWatch reads them from the lines."""
    found: Published = {}
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        (dimensions,) = directive["Dimensions"]
        assert (directive["Namespace"], dimensions[0]) == ("DSDashboard/Values", "Name")
        key = tuple(line[name] for name in dimensions[1:])
        found[key] = {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}
    return found


def ago(hours: float) -> str:
    """Return an instant before NOW."""
    return dates.format_instant(NOW - timedelta(hours=hours))


def value(number: Any, project: str = "P", environment: str = "dev", hours: float = 1.0, **changes: Any) -> str:
    """Return the message with a value of Jobs."""
    detail = result(
        MetricValue=number, ProjectName=project, Environment=environment, ExtractionDate=ago(hours), **changes
    )
    return body(detail, **({"account": OTHER} if project == "Q" else {}))


def test_a_sum_has_the_newest_value_of_each_spoke_once(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether a spoke reported never, once, or three times since the last sum, and in whatever order."""
    hub.archive(value(1, hours=3), value(20, "P", "prod", hours=25), value(300, "Q", hours=0.5))
    hub.archive(value(7, hours=1), value(2, hours=2), value(9, MetricName="Other"))
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 327}}
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 327}}, "it is not added to what was published"


def test_by_divides_a_sum(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Each combination is a series that AWS charges for, so there are no others."""
    hub.archive(value(1), value(20, "P", "prod"), value(300, "Q"), value(5, MetricName="Cost"))
    assert sums(publish(hub, capsys, Jobs=("Environment",), Cost=())) == {
        (): {"Cost": 5},
        ("dev",): {"Jobs": 301},
        ("prod",): {"Jobs": 20},
    }
    assert sums(publish(hub, capsys, Jobs=("Project",))) == {("P",): {"Jobs": 21}, ("Q",): {"Jobs": 300}}
    lines = publish(hub, capsys, Jobs=("Project", "Environment"))
    assert {(line["Project"], line["Environment"]): line["Jobs"] for line in lines} == {
        ("P", "dev"): 1,
        ("P", "prod"): 20,
        ("Q", "dev"): 300,
    }


def test_a_spoke_that_is_silent_is_not_in_the_sum(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Its last value would stay in it for ever."""
    hub.archive(value(1), value(20, "P", "prod", hours=27), value("text", "Q"))
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 1}}


def test_a_sum_of_nothing_is_not_published(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a gap in the graph, and not zero."""
    hub.archive(value(1, hours=27), value("text", "Q"))
    assert publish(hub, capsys, Jobs=(), Never=()) == []
    hub.archive(value(0))
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 0}}


def test_decimals_are_added_exactly(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Binary floats would add up to 0.30000000000000004."""
    hub.archive(value(0.1), value(0.2, "Q"))
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 0.3}}


@pytest.mark.parametrize(
    ("units", "expected"), [(["Count", "Count"], "Count"), (["USD", "USD"], "None"), (["Count", "Seconds"], "None")]
)
def test_a_sum_has_a_unit_that_cloudwatch_knows(
    hub: Hub, capsys: pytest.CaptureFixture[str], units: list[str], expected: str
) -> None:
    """CloudWatch drops a line with another one."""
    hub.archive(value(1, Unit=units[0]), value(2, "Q", Unit=units[1]))
    (line,) = publish(hub, capsys, Jobs=())
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "Jobs", "Unit": expected}]


def test_what_cloudwatch_cannot_hold_is_left_out(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """It would drop the other metrics of the line with it."""
    hub.archive(body(result(ExtractionDate=ago(1))).replace('"MetricValue": 1,', '"MetricValue": 1e120,'))
    hub.archive(value(2, MetricName="Cost"))
    assert sums(publish(hub, capsys, Jobs=(), Cost=())) == {(): {"Cost": 2}}


def test_an_item_that_no_archive_wrote_is_left_out(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Another program can write to the table."""
    hub.archive(value(1))
    odd = {"MetricName": {"S": "Jobs"}, "ExtractionDate": {"S": ago(1)}}
    for project, number in (("none", {"N": "5"}), ("X#dev", {"BOOL": True})):
        hub.dynamodb.put_item(
            TableName=hub.settings.latest_table, Item={**odd, "Project": {"S": project}, "MetricValue": number}
        )
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 1}}


class Paged:
    """A table whose pages have one item each, and fail after so many."""

    def __init__(self, client: Any, pages: int) -> None:
        self._client, self._pages = client, pages

    def scan(self, **arguments: Any) -> Any:
        if self._pages == 0:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Scan")
        self._pages -= 1
        return self._client.scan(**arguments, Limit=1)


def test_a_sum_has_all_pages_of_the_table_or_is_not_published(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """A part of the sum would look like a fall."""
    hub.archive(value(1), value(20, "P", "prod"), value(300, "Q"))
    aws.use("dynamodb", Paged(hub.dynamodb, 10))
    assert sums(publish(hub, capsys, Jobs=())) == {(): {"Jobs": 321}}
    aws.use("dynamodb", Paged(hub.dynamodb, 2))
    with pytest.raises(ClientError):
        publish(hub, capsys, Jobs=())
    assert capsys.readouterr().out == ""
    with pytest.raises(calls.OutOfTime):
        publish(hub, capsys, seconds=0.0, Jobs=())


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publishing(hub: Hub, clock: Clock) -> Hub:
    """A hub whose archive publishes the sum of Jobs."""
    hub.settings = hub.settings._replace(sums=chosen(hub, Jobs=()))
    hub.publisher = totals.Publisher(clock)
    return hub


def test_the_archive_publishes_a_sum_that_a_batch_has_changed(
    publishing: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a refresh, nobody waits for an hour."""
    publishing.archive(value(1), value(300, "Q"), value(5, MetricName="Cost"))
    assert sums(printed(capsys)) == {(): {"Jobs": 301}}
    publishing.archive(value(2, hours=0.5))
    assert sums(printed(capsys)) == {(): {"Jobs": 302}}


def test_the_archive_does_not_read_the_table_if_no_sum_has_changed(
    publishing: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    """Redelivered and late values, failures and other metrics change none."""
    publishing.archive(value(1))
    assert sums(printed(capsys)) == {(): {"Jobs": 1}}
    aws.use("dynamodb", NoScan(publishing.dynamodb))
    assert publishing.archive(value(1), value(9, hours=2), value(5, MetricName="Cost"), body(FAILURE)) == []
    assert printed(capsys) == []


class NoScan:
    """A table that cannot be scanned until a test permits it."""

    permits = False

    def __init__(self, client: Any) -> None:
        self._client = client
        self.scans = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def scan(self, **arguments: Any) -> Any:
        self.scans += 1
        if not self.permits:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Scan")
        return self._client.scan(**arguments)


def test_a_sum_that_cannot_be_read_keeps_no_value_from_the_table(
    publishing: Hub, clock: Clock, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It is published with a later batch, whatever that has; a table that refuses is not asked for a minute."""
    table = NoScan(publishing.dynamodb)
    aws.use("dynamodb", table)
    assert publishing.archive(value(1)) == []
    assert [one["MetricValue"] for one in publishing.items("latest")] == [1]
    assert "sums not published: An error occurred (AccessDeniedException)" in caplog.text
    publishing.archive(value(2, "Q"))
    assert table.scans == 1
    table.permits, clock.now = True, clock.now + 61
    publishing.archive(value(5, MetricName="Cost"))
    assert sums(printed(capsys)) == {(): {"Jobs": 3}}


def test_a_fault_of_the_sums_delivers_no_message_again(
    publishing: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without an answer, Lambda would deliver the whole batch again and again."""
    monkeypatch.setattr(totals, "publish", lambda *_, **__: 1 / 0)
    assert publishing.archive(value(1)) == []
    assert "sums not published" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_large_table_is_read_less_often(
    publishing: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To read 20,000 values after each batch would cost more than everything else."""
    monkeypatch.setattr(totals, "_SMALL_TABLE", 1)
    monkeypatch.setattr(totals, "_PAUSE", 5)
    publishing.archive(value(1), value(2, "Q"))
    assert sums(printed(capsys)) == {(): {"Jobs": 3}}
    clock.now += 9
    publishing.archive(value(7, hours=0.5))
    assert printed(capsys) == []
    clock.now += 2
    publishing.archive(value(5, MetricName="Cost"))
    assert sums(printed(capsys)) == {(): {"Jobs": 9}}
