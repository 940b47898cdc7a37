"""The widget's function: under the role of the module, from the tables that the archive writes."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support import planned
from tests.support.events import FAILURE, RESULT, RUN, failure, result, run_event
from tests.support.tables import REGION, HubTables

from ds_dashboard.handlers import widget as handlers
from ds_dashboard.publish.settings import WidgetSettings
from ds_dashboard.publish.source import HubSource
from ds_dashboard.variables import from_environment
from ds_dashboard_dev.checkout import CHECKOUT

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:team-a-widget"
MARKUP = '"><img onerror>'
SERIES = "/series/P/dev?metric=Jobs"


@pytest.fixture
def call(tables: HubTables, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Calls the function under a role with these statements, as Lambda does, in a new process."""

    def called(statements: list[dict[str, Any]], **event: Any) -> str:
        for name, value in {**tables.env, **tables.as_role(*statements), "AWS_DEFAULT_REGION": REGION}.items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        monkeypatch.setattr("ds_dashboard.publish.own_hub.MANIFEST", CHECKOUT / "modules" / "spoke" / "metrics.json")
        monkeypatch.setenv("DS_DASHBOARD_MONITORED_PROJECTS_PATH", tables.path)
        monkeypatch.setenv("DS_DASHBOARD_SILENT_AFTER_HOURS", "26")
        handlers._last_read.cache_clear()
        return handlers.handler(event, SimpleNamespace(invoked_function_arn=ARN))

    return called


@pytest.fixture
def values(tables: HubTables) -> None:
    """A number, a failure whose message is markup, and spokes that are registered and have never reported."""
    tables.send(RESULT, result(MetricName="Jobs", MetricValue=3))
    tables.send(FAILURE, failure(MetricName="Broken", ErrorMessage=MARKUP))
    tables.send(RUN, run_event())


@pytest.mark.usefixtures("values")
def test_the_planned_role_shows_every_page(tables: HubTables, call: Callable[..., str]) -> None:
    """What the console shows is read by the function: its viewers need no permission for the tables."""
    statements = planned.statements_of("widget", tables)
    pages = {
        address: call(statements, address=address)
        for address in ("/", "/spokes", "/failures", "/thresholds", "/project/P", "/metric?name=Jobs", SERIES)
    }
    for address, html in pages.items():
        assert "may not call" not in html, address
        assert "Not found" not in html, address
        assert MARKUP not in html, address
        assert ARN in html, address
        assert f" --name {tables.name} --region {REGION}</code>" in html, "for the terminal of the viewer"
    assert "Broken" in pages["/"].replace("<wbr>", "")
    assert 'title="Q">Q</a>' in pages["/spokes"]
    assert "&#34;&gt;&lt;img onerror&gt;" in pages["/failures"]
    assert 'class="point"' in pages[SERIES]


@pytest.mark.usefixtures("values")
def test_each_permission_is_needed(tables: HubTables, call: Callable[..., str]) -> None:
    """What nothing needs, the role must not have. The widget says what it could not read."""
    fewer = planned.each_without_one(planned.statements_of("widget", tables), unneeded="ssm:GetParametersByPath")
    assert len(fewer) == 5
    for statements in fewer:
        said = [call(statements, address=address) for address in ("/", SERIES)]
        assert any("The role of the widget may not call" in html for html in said), statements


@pytest.mark.usefixtures("values")
def test_a_process_keeps_what_it_has_read(tables: HubTables, call: Callable[..., str]) -> None:
    """A viewer who goes from page to page does not scan the tables each time."""
    assert "Later" not in call(planned.statements_of("widget", tables))
    tables.send(RESULT, result(MetricName="Later", MetricValue=1))
    event, context = {"address": "/?view=list"}, SimpleNamespace(invoked_function_arn=ARN)
    assert "Later" not in handlers.handler(event, context)
    assert "Later" in handlers.handler({"address": "/?view=list&read=1"}, context)


def test_a_table_that_does_not_exist_is_named(tables: HubTables, call: Callable[..., str]) -> None:
    """The message of AWS names no table, and a viewer cannot look for it."""
    statements = planned.statements_of("widget", tables)
    tables.account.dynamodb.delete_table(TableName=f"{tables.name}-spokes")
    assert f"The table {tables.name}-spokes does not exist. Apply the hub again." in call(statements)


@pytest.mark.usefixtures("values")
def test_a_service_that_does_not_answer_is_named_in_time(tables: HubTables, call: Callable[..., str]) -> None:
    """Otherwise Lambda ends the function, and the console shows its error."""
    call(planned.statements_of("widget", tables))
    state = handlers._last_read(from_environment(WidgetSettings.read))
    config = cast(HubSource, state.source)._hub.installation.client("dynamodb").meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] < 60 - 10
