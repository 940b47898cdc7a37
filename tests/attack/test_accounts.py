"""Accounts without access: unregistered, deregistered, outside the organization, or not a monitor of the spoke."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke, now, result

from ds_dashboard import ulid

from .accounts import HUB, OUTSIDER, REGION, SPOKE, STRANGER
from .conftest import World

TABLES = ("table_name", "latest_table_name", "spokes_table_name")
LEFT = "/monitored_projects/Left/dev"


def put(
    world: World, account: str, bus: str, detail: dict[str, Any], kind: str = "metric_extractor"
) -> tuple[str | None, str | None]:
    """Put an event on a bus as the root user of `account`; returns the event's id, or None and the error's code."""
    entry = {"Source": "metric_extractor", "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": bus}
    try:
        (answer,) = world.client("events", account).put_events(Entries=[entry])["Entries"]
    except ClientError as error:
        return None, error.response["Error"]["Code"]
    return answer.get("EventId"), answer.get("ErrorCode")


def tables(hub: Hub) -> dict[str, list[dict[str, Any]]]:
    """Return all items of the hub's tables once the archive is idle."""
    hub.settle()
    return {table: hub.items(table) for table in TABLES}


def _events(project: str, environment: str) -> list[tuple[str, dict[str, Any]]]:
    """A result, a failure and a run of a spoke."""
    whose = {"ProjectName": project, "Environment": environment}
    failure = {"MetricName": "Forged", "ErrorType": "E", "ErrorMessage": "m", "ExtractionDate": now()}
    run = {"StartedAt": now(), "FinishedAt": now(), "Emitted": 1, "Failed": 0, "Metrics": ["Forged"]}
    return [
        ("metric_extractor", result(project, environment, "Forged", 1)),
        ("metric_extractor_failure", failure | whose),
        ("metric_extractor_run", run | whose),
    ]


@pytest.mark.parametrize("number", range(3), ids=["result", "failure", "run"])
def test_events_of_an_unregistered_account_of_the_organization_are_rejected(
    world: World, hub: Hub, number: int
) -> None:
    """The bus accepts the whole organization, because its policy cannot list 300 accounts. The archive does not."""
    before = tables(hub)
    kind, detail = _events("Spoke", "dev")[number]
    event_id, error = put(world, STRANGER, hub.bus_arn, detail, kind)
    assert event_id, error
    message = hub.wait_for_rejected(event_id)
    assert message["Code"] == "Unregistered"
    assert (
        f"account {STRANGER} sent for Spoke/dev, but /monitored_projects/Spoke/dev registers {SPOKE}"
        in message["Reason"]
    )
    assert tables(hub) == before


@pytest.fixture
def registered_once(world: World) -> Iterator[None]:
    """A parameter whose first version, which can still be read, names the stranger, and whose second does not."""
    ssm = world.client("ssm", HUB)
    for account in (STRANGER, SPOKE):
        ssm.put_parameter(Name=LEFT, Value=account, Type="String", Overwrite=True)
    (first,) = ssm.get_parameters(Names=[f"{LEFT}:1"])["Parameters"]
    assert first["Value"] == STRANGER
    yield
    ssm.delete_parameter(Name=LEFT)


@pytest.mark.parametrize("environment", ["dev:1", "dev:old", "dev"])
@pytest.mark.parametrize("number", range(3), ids=["result", "failure", "run"])
def test_an_old_version_of_a_parameter_registers_no_account(
    world: World, hub: Hub, registered_once: None, number: int, environment: str
) -> None:
    """Parameter Store reads `name:1` as version 1, so a name with a colon must never reach it."""
    before = tables(hub)
    kind, detail = _events("Left", environment)[number]
    event_id, error = put(world, STRANGER, hub.bus_arn, detail, kind)
    assert event_id, error
    message = hub.wait_for_rejected(event_id)
    assert message["Code"] == ("Unregistered" if environment == "dev" else "Malformed")
    assert tables(hub) == before


def test_an_account_outside_the_organization_cannot_use_the_hubs_bus(world: World, hub: Hub) -> None:
    """Neither its refreshes nor its values are accepted, and none of them reaches the rejected queue."""
    marker = ulid.new()
    for detail in (result("Spoke", "dev", marker, 1), {"RefreshId": marker}):
        assert put(world, OUTSIDER, hub.bus_arn, detail) == (None, "AccessDeniedException")
    hub.settle()
    assert hub.history(MetricName=marker) == []
    assert hub.rejected(lambda message: marker in message["Body"]) == []


@pytest.mark.parametrize("account", [STRANGER, OUTSIDER], ids=["of the organization", "outside"])
def test_only_a_monitor_of_the_spoke_can_refresh_it(world: World, hub: Hub, spoke: Spoke, account: str) -> None:
    """Another account must not be able to run a team's functions at the team's expense."""
    forged, honest = ulid.new(), ulid.new()
    assert put(world, account, spoke.bus_arn, {"RefreshId": forged}) == (None, "AccessDeniedException")
    event_id, error = put(world, HUB, spoke.bus_arn, {"RefreshId": honest, "Projects": ["Nobody"]})
    assert event_id, error
    spoke.wait_for_log(RefreshId=honest)
    assert spoke.log(RefreshId=forged) == []


@pytest.mark.parametrize("account", [SPOKE, STRANGER, OUTSIDER], ids=["spoke", "of the organization", "outside"])
def test_no_other_account_can_reach_the_hubs_tables_queues_and_registry(world: World, hub: Hub, account: str) -> None:
    """Not even the root user, which has every permission that its account can grant."""
    sqs, dynamodb, ssm = (world.client(name, account) for name in ("sqs", "dynamodb", "ssm"))
    registered = f"arn:aws:ssm:{REGION}:{HUB}:parameter/monitored_projects/Spoke/dev"
    attempts: list[Callable[[], Any]] = [
        lambda: sqs.receive_message(QueueUrl=hub.outputs["queue_url"]),
        lambda: sqs.send_message(QueueUrl=hub.outputs["queue_url"], MessageBody="{}"),
        lambda: sqs.receive_message(QueueUrl=hub.outputs["rejected_queue_url"]),
        lambda: sqs.receive_message(QueueUrl=hub.outputs["dead_letter_queue_url"]),
        lambda: dynamodb.scan(TableName=hub.outputs["table_arn"]),
        lambda: dynamodb.delete_table(TableName=hub.outputs["table_arn"]),
        lambda: ssm.get_parameter(Name=registered),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError, match=r"AccessDenied|NonExistentQueue|NotFound|ValidationException"):
            attempt()
