"""Accounts without access: unregistered, deregistered, outside the organization, or not a monitor of the spoke."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.worlds.company.world import GUARD_SPOKE, OUTSIDER, STRANGER

from ds_dashboard import ulid
from ds_dashboard_dev.testing.events import FAILURE, RESULT, RUN, SOURCE, failure, result, run
from ds_dashboard_dev.testing.installation import Hub, Spoke

ONCE = "Once/dev"
# The kinds of events of a spoke, and a detail of each.
EVENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    RESULT: lambda project: result(project, "Forged", 1),
    FAILURE: lambda project: failure(project, "Forged"),
    RUN: lambda project: run(project, "forged", Emitted=1, Metrics=["Forged"]),
}


def _put(hub: Hub, account: str, bus_arn: str, detail: dict[str, Any], kind: str = RESULT) -> tuple[str, str]:
    """Put an event on a bus as the root user of `account`; returns the event's id and the error's code, one empty."""
    entry = {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": bus_arn}
    try:
        (answer,) = hub.cloud.client("events", account, hub.region).put_events(Entries=[entry])["Entries"]
    except ClientError as error:
        return "", error.response["Error"]["Code"]
    return answer.get("EventId", ""), answer.get("ErrorCode", "")


@pytest.mark.parametrize("kind", EVENTS)
def test_events_of_an_unregistered_account_of_the_organization_are_rejected(hub: Hub, kind: str) -> None:
    """The bus accepts the whole organization, because its policy cannot list 300 accounts. The archive does not."""
    before = hub.tables()
    event_id, error = _put(hub, STRANGER, hub.bus_arn, EVENTS[kind]("Spoke/dev"), kind)
    assert event_id, error
    message = hub.wait_for_rejected(event_id)
    assert message.attributes["Code"] == "Unregistered"
    assert (
        f"account {STRANGER} sent for Spoke/dev, but /monitored_projects/Spoke/dev registers {GUARD_SPOKE}"
        in message.attributes["Reason"]
    )
    assert hub.tables() == before


@pytest.fixture
def registered_once(hub: Hub) -> Iterator[None]:
    """A parameter whose first version, which can still be read, names the stranger, and whose second does not."""
    for account in (STRANGER, GUARD_SPOKE):
        hub.register(ONCE, account)
    (first,) = hub.client("ssm").get_parameters(Names=[f"{hub.registry_path}/{ONCE}:1"])["Parameters"]
    assert first["Value"] == STRANGER
    yield
    hub.unregister(ONCE)


@pytest.mark.parametrize("environment", ["dev:1", "dev:old", "dev"])
@pytest.mark.parametrize("kind", EVENTS)
def test_an_old_version_of_a_parameter_registers_no_account(
    hub: Hub, registered_once: None, kind: str, environment: str
) -> None:
    """Parameter Store reads `name:1` as version 1, so a name with a colon must never reach it."""
    before = hub.tables()
    event_id, error = _put(hub, STRANGER, hub.bus_arn, EVENTS[kind](f"Once/{environment}"), kind)
    assert event_id, error
    message = hub.wait_for_rejected(event_id)
    assert message.attributes["Code"] == ("Unregistered" if environment == "dev" else "Malformed")
    assert hub.tables() == before


def test_an_account_outside_the_organization_cannot_use_the_hubs_bus(hub: Hub) -> None:
    """Neither its refreshes nor its values are accepted, and none of them reaches the rejected queue."""
    marker = ulid.new()
    for detail in (result("Spoke/dev", marker, 1), {"RefreshId": marker}):
        assert _put(hub, OUTSIDER, hub.bus_arn, detail) == ("", "AccessDeniedException")
    hub.settle()
    assert hub.history(MetricName=marker) == []
    assert hub.rejected(lambda message: marker in message.body) == []


@pytest.mark.parametrize("account", [STRANGER, OUTSIDER], ids=["of the organization", "outside"])
def test_only_a_monitor_of_the_spoke_can_refresh_it(hub: Hub, spoke: Spoke, account: str) -> None:
    """Another account must not be able to run a team's functions at the team's expense."""
    forged, honest = ulid.new(), ulid.new()
    assert _put(hub, account, spoke.bus_arn, {"RefreshId": forged}) == ("", "AccessDeniedException")
    event_id, error = _put(hub, hub.account, spoke.bus_arn, {"RefreshId": honest, "Projects": ["Nobody"]})
    assert event_id, error
    spoke.wait_for_log(RefreshId=honest)
    assert spoke.log(RefreshId=forged) == []


@pytest.mark.parametrize("account", [GUARD_SPOKE, STRANGER, OUTSIDER], ids=["spoke", "of the organization", "outside"])
def test_no_other_account_can_reach_the_hubs_tables_queues_and_registry(hub: Hub, account: str) -> None:
    """Not even the root user, which has every permission that its account can grant."""
    sqs, dynamodb, ssm = (hub.cloud.client(name, account, hub.region) for name in ("sqs", "dynamodb", "ssm"))
    registered = f"arn:aws:ssm:{hub.region}:{hub.account}:parameter/monitored_projects/Spoke/dev"
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
