"""Last values of very many series: the same values as one query for each series reads, and few others on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.tables import HubTables

from ds_dashboard import dates
from ds_dashboard.client import Hub
from ds_dashboard.pages.cells import SPARK_POINTS, Key
from ds_dashboard.pages.model import Series, Snapshot
from ds_dashboard.publish.source import HubSource
from ds_dashboard.states import State

NOW = dates.now().replace(minute=0, second=0, microsecond=0)
SPOKES = 12
HOUR, DAY, WEEK = 1, 24, 7 * 24


@dataclass
class Read:
    """What queries have read."""

    calls: int = 0
    values: int = 0


@pytest.fixture
def read(hub: Hub) -> Read:
    """Count the queries, and the values that they read, with those that a filter leaves out."""
    counted = Read()

    def count(parsed: Mapping[str, Any], **_: Any) -> None:
        counted.calls += 1
        counted.values += parsed["ScannedCount"]

    hub.installation.client("dynamodb").meta.events.register("after-call.dynamodb.Query", count)
    return counted


@pytest.fixture(autouse=True)
def _always_by_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ds_dashboard.publish.source.MAX_QUERIES", 0)


def every(hours: float, days: float, number: int, until_days: float = 0) -> list[datetime]:
    """Return the instants of a series that is computed every so many hours, for so many days, oldest first."""
    instants = [NOW - timedelta(days=until_days, hours=hours * one) for one in range(int(days * 24 / hours))]
    return [one - timedelta(seconds=number + 1) for one in reversed(instants)]


def write(tables: HubTables, series: Sequence[Sequence[datetime]], size: int = 0) -> list[Key]:
    """Write a series of a metric for each spoke, with values of so many bytes, and return the keys."""
    metric = "M"
    keys = [(f"P{number:02}", "dev", metric) for number in range(len(series))]
    items = [
        {
            "MetricName": metric,
            "ExtractionDate": dates.format_instant(instant),
            "MetricValue": Decimal(index) if number % 2 else f"v{index}",
            "ProjectName": f"P{number:02}",
            "Environment": "dev",
            "Series": f"P{number:02}#dev#{metric}",
        }
        for number, instants in enumerate(series)
        for index, instant in enumerate(instants)
    ]
    tables.put_many(len(items), lambda number: items[number], size)
    return keys


def schedules(*hours: float, days: float = 40) -> list[list[datetime]]:
    """Return a series for each spoke; these schedules take turns."""
    return [every(hours[number % len(hours)], days, number) for number in range(SPOKES)]


@pytest.mark.parametrize(
    ("series", "calls", "factor"),
    [
        pytest.param(schedules(HOUR, days=5), 1, 1.1, id="every hour"),
        pytest.param(schedules(DAY), 1, 1.1, id="every day"),
        pytest.param(schedules(WEEK, days=7 * 40), 1, 1.1, id="every week"),
        pytest.param(schedules(DAY, days=10), 1, 1.0, id="a young hub"),
        pytest.param(schedules(HOUR, DAY, days=12), 2 + SPOKES / 2, 1.5, id="every hour, or every day"),
        pytest.param([*schedules(HOUR, days=5)[1:], every(WEEK, 70, 0)], 3, 1.3, id="one every week among hours"),
        pytest.param([*schedules(DAY)[1:], every(DAY, 30, 0, 50)], 3, 1.3, id="one is silent"),
        pytest.param([*schedules(DAY)[1:], []], 3, 1.3, id="one never had a value"),
        pytest.param([*schedules(DAY)[1:], every(HOUR, 5, 0)], 2, 1.5, id="one every hour among days"),
    ],
)
def test_what_is_read_for_a_sparkline_does_not_depend_on_the_schedule(
    tables: HubTables, hub: Hub, read: Read, series: Sequence[Sequence[datetime]], calls: float, factor: float
) -> None:
    """A month of hourly values is 720 a series, of which 32 are shown."""
    keys, source = write(tables, series), HubSource(hub, {})
    one_by_one = source.recent(keys)
    assert [len(one_by_one[key]) for key in keys] == [min(SPARK_POINTS, len(instants)) for instants in series]
    read.calls = read.values = 0
    assert source.sparklines(keys) == one_by_one
    assert read.calls <= calls
    assert read.values <= factor * SPOKES * SPARK_POINTS


def test_the_last_of_many_pages_is_as_long_as_needed(tables: HubTables, hub: Hub, read: Read) -> None:
    """DynamoDB ends a page after 1 MB, and bills what it reads, whatever is returned of it."""
    keys = write(tables, schedules(HOUR, days=3), size=4500)
    assert [len(points) for points in HubSource(hub, {}).sparklines(keys).values()] == [SPARK_POINTS] * SPOKES
    assert read.calls == 2
    assert read.values <= 1.15 * SPOKES * SPARK_POINTS


def test_few_of_the_series_of_a_metric_are_read_alone(tables: HubTables, hub: Hub, read: Read) -> None:
    """A report that has one file for each project reads the series of a project only, and not the metric for each."""
    keys = write(tables, schedules(DAY))[:1]
    assert [len(points) for points in HubSource(hub, {}).sparklines(keys).values()] == [SPARK_POINTS]
    assert read.calls == 2
    assert read.values <= 3 * SPARK_POINTS


@pytest.mark.parametrize(
    ("hours", "calls", "values"),
    [((HOUR,), 1, 3 * SPOKES), ((DAY,), 1, 1.5 * SPOKES), ((0.5,), 1, 3 * SPOKES), ((0.5, DAY), 8, 6 * SPOKES)],
)
def test_one_value_of_seven_days_ago_is_read_for_a_series(
    tables: HubTables, hub: Hub, read: Read, hours: Sequence[float], calls: int, values: float
) -> None:
    """They are looked for in 26 hours, in which an hourly series has 26 values."""
    write(tables, [[one - timedelta(days=6.5) for one in instants] for instants in schedules(*hours, days=2)])
    until = NOW - timedelta(days=7)
    before = HubSource(hub, {}).values_before(snapshot([f"P{number:02}" for number in range(SPOKES)]))
    assert read.calls <= calls
    assert read.values <= values
    newest = {
        (one.project, one.environment, one.metric): one.value
        for one in hub.history("M", since=until - timedelta(hours=26), until=until)
        if isinstance(one.value, Decimal)
    }
    assert before == newest
    assert len(before) == SPOKES / 2, "the others are texts"


def snapshot(projects: Sequence[str]) -> Snapshot:
    """Return a snapshot with a number of each project."""
    series = [
        Series(project=project, environment="dev", metric="M", value=Decimal(1), unit="", time=NOW, state=State.FRESH)
        for project in projects
    ]
    return Snapshot(hub="h", account="", region="", read_at=NOW, series=series, spokes=[], descriptions={}, unread=[])


def test_a_value_at_the_end_of_a_period_does_not_hide_the_one_before(tables: HubTables, hub: Hub) -> None:
    """The end does not belong to the period, and values of past instants are of midnight exactly."""
    ((project, environment, metric),) = write(tables, [[NOW - timedelta(days=days) for days in (3, 2, 1)]])
    until = NOW - timedelta(days=1)
    (found,) = hub.newest(project, environment, metric, count=1, until=until)
    assert found.time == NOW - timedelta(days=2)
    assert hub.newest_of(metric, ["P00/dev"], count=1, until=until) == {"P00/dev": [(found.time, found.value)]}
    assert hub.newest(project, environment, metric, since=until, until=NOW)[0].time == until
