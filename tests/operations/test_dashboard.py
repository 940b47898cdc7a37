"""The hub's dashboard: its widget as a reader has it, and graphs of metrics that there are."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.support.commands import Person, person_with_policy

from ds_dashboard_dev.testing.installation import Hub
from ds_dashboard_dev.testing.pair import NAME
from ds_dashboard_local.client.accounts import allow, document

DASHBOARD = f"{NAME}-hub-eu-west-1"


@pytest.fixture(scope="module")
def reader(hub: Hub) -> Person:
    """A person with the policy for readers, once there is something to read."""
    hub.refreshed("South/dev", Projects=["South"])
    return person_with_policy(hub, "viewer", hub.outputs["reader_policy_json"])


def _client(hub: Hub, person: Person, service: str) -> Any:
    session: Any = boto3.Session(
        aws_access_key_id=person.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=person.environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=person.environment["AWS_SESSION_TOKEN"],
        region_name=hub.region,
    )
    return session.client(service, endpoint_url=person.environment["AWS_ENDPOINT_URL"])


@pytest.fixture(scope="module")
def widgets(hub: Hub, reader: Person) -> list[dict[str, Any]]:
    """The widgets of the dashboard, as its reader gets them."""
    body = _client(hub, reader, "cloudwatch").get_dashboard(DashboardName=DASHBOARD)["DashboardBody"]
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def _call(hub: Hub, person: Person, widget: dict[str, Any], **event: Any) -> str:
    """Call the widget's function as the console does, and return its HTML."""
    answer = _client(hub, person, "lambda").invoke(
        FunctionName=widget["properties"]["endpoint"],
        Payload=json.dumps({**widget["properties"]["params"], **event, "widgetContext": {"theme": "dark"}}),
    )
    assert "FunctionError" not in answer
    html: str = json.load(answer["Payload"])
    return html


def test_a_reader_opens_the_dashboard_and_goes_from_page_to_page(
    hub: Hub, reader: Person, widgets: list[dict[str, Any]]
) -> None:
    """With the reader policy alone, from the deployed package under the function's own role, under a key."""
    assert hub.outputs["dashboard_url"].endswith(f"region=eu-west-1#dashboards/dashboard/{DASHBOARD}")
    overview = _call(hub, reader, widgets[0])
    assert "South" in overview
    assert "may not call" not in overview
    spokes = _call(hub, reader, widgets[0], address="/spokes")
    assert 'title="South">South</a>' in spokes
    series = _call(hub, reader, widgets[0], address="/series/South/dev?metric=ModelVersion")
    assert 'class="band"' in series


def test_nobody_else_may_call_the_widget(hub: Hub, widgets: list[dict[str, Any]]) -> None:
    """The values of all accounts are behind it."""
    nobody = person_with_policy(hub, "nobody", document(allow("dynamodb:Scan")))
    with pytest.raises(ClientError, match="AccessDenied"):
        _call(hub, nobody, widgets[0])


def test_the_dashboard_shows_every_alarm(hub: Hub, widgets: list[dict[str, Any]]) -> None:
    found = hub.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAME}-hub-")["MetricAlarms"]
    assert sorted(widgets[1]["properties"]["alarms"]) == sorted(alarm["AlarmArn"] for alarm in found)


def test_every_metric_of_a_graph_exists(hub: Hub, widgets: list[dict[str, Any]]) -> None:
    """A graph of a misspelt metric is empty, and looks as if nothing had happened.

    Each is watched by an alarm, which another test makes ring, or has data here.
    """
    hub.invoke("watch")
    cloudwatch = hub.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-hub-")["MetricAlarms"]
    counted = cloudwatch.get_paginator("list_metrics").paginate().build_full_result()["Metrics"]
    exists = {
        (one["Namespace"], one["MetricName"], *(part for each in one["Dimensions"] for part in each.values()))
        for one in [*alarms, *counted]
    }
    graphs = {tuple(metric) for widget in widgets[2:] for metric in widget["properties"]["metrics"]}
    assert len(graphs) > 15
    # Functions that have never failed.
    never = {one for one in graphs if one[:2] == ("AWS/Lambda", "Errors")}
    assert graphs - never - exists == set()
    functions = {one["FunctionName"] for one in hub.client("lambda").list_functions()["Functions"]}
    assert {one[3] for one in never} == {name for name in functions if name.startswith(f"{NAME}-")}


def test_the_widgets_do_not_overlap(widgets: list[dict[str, Any]]) -> None:
    """The console moves what overlaps, and a dashboard that it has saved then differs from the plan."""
    places = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) == 23
