"""Accounts that want in: in the organization and registered nowhere, registered no more, outside, or no monitor."""

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
    """Put an event on a bus as the root of `account`; returns its id or the error's code."""
    entry = {"Source": "metric_extractor", "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": bus}
    try:
        (answer,) = world.client("events", account).put_events(Entries=[entry])["Entries"]
    except ClientError as error:
        return None, error.response["Error"]["Code"]
    return answer.get("EventId"), answer.get("ErrorCode")


def tables(hub: Hub) -> dict[str, list[dict[str, Any]]]:
    """Everything in the hub's tables, once the archive has nothing more to do."""
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
def test_an_account_of_the_organization_that_is_registered_nowhere_is_not_believed(
    world: World, hub: Hub, number: int
) -> None:
    """The bus lets the whole organization in, so that 300 accounts fit into its policy; the archive does not."""
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
def left(world: World) -> Iterator[None]:
    """A parameter that named the stranger once, and names another account now; its first version can be asked for."""
    ssm = world.client("ssm", HUB)
    for account in (STRANGER, SPOKE):
        ssm.put_parameter(Name=LEFT, Value=account, Type="String", Overwrite=True)
    (old,) = ssm.get_parameters(Names=[f"{LEFT}:1"])["Parameters"]
    assert old["Value"] == STRANGER
    yield
    ssm.delete_parameter(Name=LEFT)


@pytest.mark.parametrize("environment", ["dev:1", "dev:old", "dev"])
@pytest.mark.parametrize("number", range(3), ids=["result", "failure", "run"])
def test_an_account_that_was_registered_once_is_not_believed_by_the_old_version(
    world: World, hub: Hub, left: None, number: int, environment: str
) -> None:
    """Parameter Store reads `name:1` as the first version: a name with a colon must never get there."""
    before = tables(hub)
    kind, detail = _events("Left", environment)[number]
    event_id, error = put(world, STRANGER, hub.bus_arn, detail, kind)
    assert event_id, error
    message = hub.wait_for_rejected(event_id)
    assert message["Code"] == ("Unregistered" if environment == "dev" else "Malformed")
    assert tables(hub) == before


def test_an_account_outside_the_organization_does_not_get_on_the_hubs_bus(world: World, hub: Hub) -> None:
    """Nor its refreshes, nor its values; and nothing of it reaches the rejected queue."""
    marker = ulid.new()
    for detail in (result("Spoke", "dev", marker, 1), {"RefreshId": marker}):
        assert put(world, OUTSIDER, hub.bus_arn, detail) == (None, "AccessDeniedException")
    hub.settle()
    assert hub.history(MetricName=marker) == []
    assert hub.rejected(lambda message: marker in message["Body"]) == []


@pytest.mark.parametrize("account", [STRANGER, OUTSIDER], ids=["of the organization", "outside"])
def test_only_a_hub_that_the_spoke_names_may_ask_it(world: World, hub: Hub, spoke: Spoke, account: str) -> None:
    """A curious account could make every team's functions work, and learn from the bill that they exist."""
    forged, honest = ulid.new(), ulid.new()
    assert put(world, account, spoke.bus_arn, {"RefreshId": forged}) == (None, "AccessDeniedException")
    event_id, error = put(world, HUB, spoke.bus_arn, {"RefreshId": honest, "Projects": ["Nobody"]})
    assert event_id, error
    spoke.wait_for_log(RefreshId=honest)
    assert spoke.log(RefreshId=forged) == []


@pytest.mark.parametrize("account", [SPOKE, STRANGER, OUTSIDER], ids=["spoke", "of the organization", "outside"])
def test_no_other_account_reaches_the_hubs_tables_queues_and_registry(world: World, hub: Hub, account: str) -> None:
    """Not even with every right that an account can give itself."""
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
