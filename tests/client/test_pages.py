"""Pages of a hub: read through the client from the tables that the archive writes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from starlette.testclient import TestClient
from tests.support.tables import HUB, HubTables

from ds_dashboard import dates
from ds_dashboard.client import Hub
from ds_dashboard.pages.cells import key
from ds_dashboard.pages.index import Index
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import HubSource
from ds_dashboard.states import State
from ds_dashboard_web.app import application

NOW = dates.now().replace(minute=0, second=0, microsecond=0)
COST = ("P", "dev", "A/Cost")


def value(metric: str, number: Any, *, days: float = 0, project: str = "P/dev", **more: Any) -> dict[str, Any]:
    name, environment = project.split("/")
    return {
        "MetricName": metric,
        "MetricValue": number,
        "ExtractionDate": dates.format_instant(NOW - timedelta(days=days)),
        "Metadata": {},
        "ProjectName": name,
        "Environment": environment,
        **more,
    }


@pytest.fixture
def source(tables: HubTables, hub: Hub) -> HubSource:
    """A hub with a history, a breakdown, a failure, a silent spoke and a stale value."""
    rows = [{"Dimensions": {"Service": "x"}, "Value": 2}]
    costs = [value("A/Cost", day + 0.25, days=9 - day, Unit="USD", Breakdown=rows) for day in range(10)]
    tables.send("metric_extractor", *costs, value("Version", "v1"), value("Old", 1, days=3))
    tables.send("metric_extractor", value("Cost", 7, days=5, project="Q/prod"), account="333333333333")
    failure = {**value("Broken", 0), "ErrorType": "MetricDenied", "ErrorMessage": "needs x:Y"}
    tables.send("metric_extractor_failure", {name: failure[name] for name in failure if name not in _NOT_OF_FAILURES})
    return HubSource(hub, {})


_NOT_OF_FAILURES = ("MetricValue", "Metadata")


def test_a_snapshot_has_every_series_with_its_state(source: HubSource) -> None:
    """Failing, silent, stale and fresh are told apart."""
    snapshot = source.snapshot()
    assert {key(one): (one.value, one.state) for one in snapshot.series} == {
        COST: (Decimal("9.25"), State.FRESH),
        ("P", "dev", "Broken"): (None, State.FAILING),
        ("P", "dev", "Old"): (Decimal(1), State.STALE),
        ("P", "dev", "Version"): ("v1", State.FRESH),
        ("Q", "prod", "Cost"): (Decimal(7), State.SILENT),
    }
    assert {(one.project, one.state) for one in snapshot.spokes} == {("P", "ok"), ("Q", "silent")}
    assert {(one.project, one.failed) for one in snapshot.spokes} == {("P", 1), ("Q", None)}, "Q has said nothing"


def test_values_of_seven_days_ago_and_of_the_history_are_exact(source: HubSource) -> None:
    """The change and the plot are of the numbers in the table."""
    snapshot = source.snapshot()
    assert source.values_before(snapshot)[COST] == Decimal("2.25")
    points = source.history(COST, NOW - timedelta(days=4), NOW + timedelta(seconds=1))
    assert [one.value for one in points] == [Decimal(f"{day}.25") for day in range(5, 10)]
    assert points[-1].breakdown[0]["Dimensions"] == {"Service": "x"}


def test_sparklines_are_alike_by_series_and_by_metric(source: HubSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of thousands of series makes few queries for each metric."""
    keys = [COST, ("P", "dev", "Version"), ("P", "dev", "Broken")]
    one_by_one = source.sparklines(keys)
    assert {point.breakdown for points in one_by_one.values() for point in points} == {()}, "they take much memory"
    monkeypatch.setattr("ds_dashboard.publish.source.MAX_QUERIES", 1)
    assert source.sparklines(keys) == one_by_one


def test_the_pages_of_a_hub_are_served(source: HubSource) -> None:
    """From the tables to the browser, also for a metric with a slash in its name."""
    client = TestClient(application(LastRead(source)))
    overview = client.get("/").text
    assert "$9.25" in overview
    assert "Broken" in overview
    page = client.get("/series/P/dev?metric=A/Cost").text
    assert "By Service" in page
    assert "<polyline" in page
    assert client.get("/spokes").status_code == 200
    assert "needs x:Y" in client.get("/failures").text


def test_who_may_read_less_sees_what_is_missing(
    tables: HubTables, source: HubSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A panel without data must not look as if there were none."""
    allowed = {
        "Effect": "Allow",
        "Action": ["dynamodb:Scan", "dynamodb:Query", "ssm:GetParametersByPath", "lambda:GetFunctionConfiguration"],
        "Resource": ["*"],
    }
    denied = {
        "Effect": "Deny",
        "Action": ["dynamodb:Query"],
        "Resource": [f"arn:aws:dynamodb:*:*:table/{tables.name}-metrics*"],
    }
    for name, text in tables.as_role(allowed, denied).items():
        monkeypatch.setenv(name, text)
    client = TestClient(application(LastRead(HubSource(Hub(tables.name), {}))))
    page = client.get("/").text
    assert "$9.25" in page
    assert "Changes of seven days are not shown. Your credentials may not call Query." in page
    assert "Sparklines are not shown." in client.get("/").text


def test_an_index_of_a_hub_finds_by_error(source: HubSource) -> None:
    """The search covers what the failures say."""
    index = Index(source.snapshot())
    from ds_dashboard.pages.index import Filter

    assert [row.series.metric for row in index.rows(Filter(words="X:y"))] == ["Broken"]


def test_new_credentials_are_used_by_the_next_read(
    tables: HubTables, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody logs in again next to the server, in a file that boto3 has read already."""
    file = tmp_path / "credentials"
    keys = tables.cloud.environment(HUB)

    def log_in(key: str) -> None:
        file.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = x\n")

    log_in(keys["AWS_ACCESS_KEY_ID"])
    for name, text in {**keys, "AWS_SHARED_CREDENTIALS_FILE": str(file)}.items():
        monkeypatch.setenv(name, text)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    tables.send("metric_extractor", value("Jobs", 1))
    hub = Hub(tables.name)
    state = LastRead(HubSource(hub, {}))
    state.read()
    client = hub.installation.client("dynamodb")

    def expired(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "expired"}}, "Scan")

    client.meta.events.register("before-call", expired)
    tables.send("metric_extractor", value("Jobs", 2, days=-0.01))
    state.read()
    held = state.held()
    assert held.banners == []
    assert [one.value for one in held.content.snapshot.series] == [Decimal(2)]
    assert hub.installation.client("dynamodb") is not client


def test_registrations_that_cannot_be_read_are_named_on_the_page(
    tables: HubTables, source: HubSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them, every spoke that has reported counts as registered."""
    reads = ["dynamodb:Scan", "dynamodb:Query", "lambda:GetFunctionConfiguration"]
    for name, text in tables.as_role({"Effect": "Allow", "Action": reads, "Resource": ["*"]}).items():
        monkeypatch.setenv(name, text)
    page = TestClient(application(LastRead(HubSource(Hub(tables.name), {})))).get("/").text
    assert page.count("Cannot read who is registered (ssm:GetParametersByPath") == 1
    assert "$9.25" in page


def test_a_fresh_value_is_requested_from_the_refresh_function(tables: HubTables, source: HubSource) -> None:
    """With the names on the page, as the command does."""
    tables.function("refresh", 'def handler(event, _):\n    return {"RefreshId": str(event), "EventId": "e"}\n')
    form = {"wanted": "metric=A%2FCost&project=P&environment=dev"}
    page = unescape(TestClient(application(LastRead(source))).post("/refresh", data=form).text)
    assert "{'Metrics': ['A/Cost'], 'Projects': ['P'], 'Environments': ['dev']}" in page


def test_a_reader_who_may_not_invoke_is_told_who_grants_it(
    tables: HubTables, source: HubSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader's policy lets nobody request values."""
    tables.function("refresh", "def handler(event, _):\n    raise AssertionError\n")
    reads = ["dynamodb:Scan", "dynamodb:Query", "ssm:GetParametersByPath", "lambda:GetFunctionConfiguration"]
    for name, text in tables.as_role({"Effect": "Allow", "Action": reads, "Resource": ["*"]}).items():
        monkeypatch.setenv(name, text)
    client = TestClient(application(LastRead(HubSource(Hub(tables.name), {}))))
    page = unescape(client.post("/refresh", data={"wanted": "project=P"}).text)
    assert "No fresh value of P was requested. Your credentials may not call Invoke." in page
    assert "The hub's operator_policy_json grants it." in page
