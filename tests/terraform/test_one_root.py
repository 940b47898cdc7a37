"""Hub, spoke and connection in one root module, under a key of that root: each step in one go."""

from __future__ import annotations

import json
from concurrent.futures import Future

import pytest

from .one_root import Applied
from .workshop import REGION, Workshop


@pytest.fixture
def applied(one_root: Future[Applied]) -> Applied:
    """What was applied beside the other tests."""
    return one_root.result()


def test_a_key_of_the_same_root_is_taken(applied: Applied, workshop: Workshop) -> None:
    """Its ARN is unknown when all else is planned, and its policy is made of what the modules say of themselves."""
    kms = workshop.cloud.client("kms", applied.root.account, REGION)
    policy = json.loads(kms.get_key_policy(KeyId=applied.outputs["key"], PolicyName="default")["Policy"])
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(sids) == len(set(sids))
    assert {"DsDashboardHubAccount", "DsDashboardHubBus", "DsDashboardSpokeAccount", "DsDashboardSpokeBus"} <= set(sids)
    table = workshop.cloud.client("dynamodb", applied.root.account, REGION).describe_table(
        TableName="ds-dashboard-latest"
    )
    assert applied.outputs["key"] in table["Table"]["SSEDescription"]["KMSMasterKeyArn"]


def test_connection_follows_hub_and_spoke_in_one_apply(applied: Applied) -> None:
    """Buses first, rules on them after; which rules there will be is known before there is a bus."""
    assert set(applied.run.actions.values()) == {"create"}
    assert len(applied.outputs["rules"]) == 2
    rules = [address for address in applied.run.of("create") if ".forward[" in address and "_rule." in address]
    assert len(rules) == 2


def test_a_second_plan_is_empty(applied: Applied) -> None:
    """Whatever a service writes otherwise than it was given is planned again for ever."""
    assert applied.again.actions == {}


def test_destroy_needs_neither_package_nor_manifest(applied: Applied, workshop: Workshop) -> None:
    """Who cleans up has long deleted both; rules go before the buses that they stand on, and nothing is left."""
    for file in ("ds_dashboard.zip", "ds_dashboard.zip.json", "metrics.json"):
        (applied.root.folder / file).unlink()
    assert set(applied.root.destroy().actions.values()) == {"delete"}
    assert applied.root.state() == []
    events = workshop.cloud.client("events", applied.root.account, REGION)
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
