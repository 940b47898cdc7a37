"""The end of the world, which conftest.py puts last: connections first, then hubs and spokes."""

from collections.abc import Callable
from typing import Any

from ds_dashboard_local.cloud import LocalCloud

from .company import ALPHA, BRAVO, CHARLIE, FAR_REGION, HUB, MEASURED, REGION, REGISTRY
from .conftest import World

PLACES = [(HUB, REGION), (ALPHA, REGION), (BRAVO, FAR_REGION), (CHARLIE, REGION)]


def _named(found: list[Any], except_for: str) -> list[Any]:
    return [one for one in found if one["Name"] != except_for]


def _rules(client: Any) -> list[Any]:
    buses = client.list_event_buses()["EventBuses"]
    return [rule for bus in buses for rule in client.list_rules(EventBusName=bus["Name"])["Rules"]]


def _parameters(client: Any) -> list[str]:
    pages = client.get_paginator("describe_parameters").paginate()
    return [parameter["Name"] for page in pages for parameter in page["Parameters"]]


# What each kind of thing is listed by; a single page holds all that could be left.
LISTS: dict[str, tuple[str, Callable[[Any], list[Any]]]] = {
    "buses": ("events", lambda client: _named(client.list_event_buses()["EventBuses"], "default")),
    "rules": ("events", _rules),
    "queues": ("sqs", lambda client: client.list_queues().get("QueueUrls", [])),
    "tables": ("dynamodb", lambda client: client.list_tables()["TableNames"]),
    "functions": ("lambda", lambda client: client.list_functions()["Functions"]),
    "mappings": ("lambda", lambda client: client.list_event_source_mappings()["EventSourceMappings"]),
    "roles": ("iam", lambda client: client.list_roles()["Roles"]),
    "log groups": ("logs", lambda client: client.describe_log_groups()["logGroups"]),
    "alarms": ("cloudwatch", lambda client: client.describe_alarms()["MetricAlarms"]),
    "schedules": ("scheduler", lambda client: client.list_schedules()["Schedules"]),
    "schedule groups": (
        "scheduler",
        lambda client: _named(client.list_schedule_groups()["ScheduleGroups"], "default"),
    ),
    "parameters": ("ssm", _parameters),
}
BY_HAND = {(parameter.account, parameter.name) for parameter in (*REGISTRY, *MEASURED)}


def _left(cloud: LocalCloud, account: str, region: str) -> dict[str, list[Any]]:
    found = {kind: look(cloud.client(service, account, region)) for kind, (service, look) in LISTS.items()}
    found["parameters"] = [name for name in found["parameters"] if (account, name) not in BY_HAND]
    return found


def test_destroying_leaves_only_what_was_put_by_hand(world: World) -> None:
    """Buses, rules, queues, tables, functions, roles, logs, alarms, schedules and the modules' own parameters."""
    before = {place: _left(world.cloud, *place) for place in PLACES}
    # What is looked for can be found.
    assert [kind for kind in LISTS if not before[HUB, REGION][kind]] == []
    connected = world.connections.state()
    assert len(world.connections.destroy().of("delete")) == len([one for one in connected if ".data." not in one])
    for account, region in PLACES:
        for bus in world.cloud.client("events", account, region).list_event_buses()["EventBuses"]:
            assert "Policy" not in bus or not bus["Policy"], "the connection's policy outlives it"
    world.accounts.destroy()
    assert world.accounts.state() == world.connections.state() == []
    left = {place: _left(world.cloud, *place) for place in PLACES}
    assert {place: {kind: found for kind, found in kinds.items() if found} for place, kinds in left.items()} == {
        place: {} for place in PLACES
    }
