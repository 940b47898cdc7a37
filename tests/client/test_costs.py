"""What `make costs` counts of the report and the dashboard is what they read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import RESULT, RUN, result, run_event
from tests.support.tables import OTHER, SPOKE, HubTables

from ds_dashboard import dates
from ds_dashboard.client import Hub
from ds_dashboard.client.settings import HubSettings
from ds_dashboard.pages import site
from ds_dashboard.pages.cells import SPARK_POINTS, key
from ds_dashboard.publish import report
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import HubSource
from ds_dashboard_dev import costs

METRICS = ("CompletedTrainingJobs24h", "NumberEndPointsInService", "CostMonthToDate")
SPOKES = {"P/dev": SPOKE, "Q/prod": OTHER}


@pytest.fixture
def source(tables: HubTables, hub: Hub) -> HubSource:
    """A hub of two spokes with three metrics each, all of which have changed in seven days."""
    for spoke, account in SPOKES.items():
        project, environment = spoke.split("/")
        names = {"ProjectName": project, "Environment": environment, "RefreshId": "01JDQ2W3M4N5P6Q7R8S9T0V1W2"}
        for days, number in ((7.2, 10), (0, 12)):
            date = dates.format_instant(dates.now() - timedelta(days=days, minutes=1))
            values = (result(MetricName=one, MetricValue=number, ExtractionDate=date, **names) for one in METRICS)
            tables.send(RESULT, *values, account=account)
        tables.send(RUN, run_event(**names), account=account)
    # As a function has them, from its environment.
    hub.settings = HubSettings(tables.path)
    return HubSource(hub, {})


@pytest.fixture
def calls(hub: Hub, source: HubSource) -> Counter[str]:
    """The calls of DynamoDB and Parameter Store."""
    counted: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        counted[model.name] += 1

    for service in ("dynamodb", "ssm"):
        hub.installation.client(service).meta.events.register("before-call", count)
    return counted


class Bucket:
    """Takes objects."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def put_object(self, **arguments: Any) -> None:
        self.keys.append(arguments["Key"])


def test_a_report_makes_the_calls_that_are_counted(source: HubSource, calls: Counter[str]) -> None:
    """The tool would otherwise stay behind what the report reads."""
    bucket = Bucket()
    report.write(source, bucket, "bucket", "111111111111", dates.now())
    assert sum(calls.values()) == costs.read_report(len(SPOKES), len(METRICS)).calls
    assert calls["GetParametersByPath"] == costs.LISTS
    assert len(bucket.keys) == 2


def test_sparklines_of_very_many_series_make_the_calls_that_are_counted(
    source: HubSource, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each metric, as long as its values fit into a page."""
    monkeypatch.setattr("ds_dashboard.publish.source.MAX_QUERIES", 0)
    keys = [key(one) for one in source.snapshot().series]
    calls.clear()
    points = source.sparklines(keys)
    assert [len(one) for one in points.values()] == [2] * len(SPOKES) * len(METRICS)
    assert sum(calls.values()) == costs.read_newest_of(len(SPOKES), len(METRICS), SPARK_POINTS).calls


def test_a_view_of_the_dashboard_makes_the_calls_that_are_counted(source: HubSource, calls: Counter[str]) -> None:
    """What changed most is also in the matrix here, and is read once."""
    state = LastRead(source)
    site.page("/", state.held().content, state)
    assert sum(calls.values()) == costs.read_view(len(SPOKES), len(METRICS)).calls - costs.PAGE_CHANGED


def test_an_item_has_the_size_that_is_counted(tables: HubTables, source: HubSource) -> None:
    """DynamoDB counts names and values of attributes in UTF-8."""
    for table in ("metrics", "latest"):
        items = tables.account.dynamodb.scan(TableName=f"{tables.name}-{table}")["Items"]
        sizes = [sum(len(name) + _size(value) for name, value in item.items()) for item in items]
        assert 0.75 <= sum(sizes) / len(sizes) / 1024 / costs.READ_KB <= 1.25, (table, sizes)


def _size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "M":
        return 3 + sum(len(name) + _size(one) + 1 for name, one in value.items())
    return len(value.encode()) if kind == "S" else 1 + (len(value) + 1) // 2
