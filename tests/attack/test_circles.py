"""A spoke that adds rules of its own, so that events go round and round, or to other spokes by way of the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke, result

from ds_dashboard import ulid
from ds_dashboard_local.client.accounts import allow, document

from .accounts import HUB, SPOKE
from .conftest import World

ROLE = "circles"


@pytest.fixture
def everything_is_sent_back(world: World, hub: Hub, spoke: Spoke) -> Iterator[None]:
    """A rule that forwards all that comes on the spoke's bus to the hub's: its answers, its refreshes, the hub's."""
    iam, events = world.client("iam", SPOKE), world.client("events", SPOKE)
    trust = allow("sts:AssumeRole", Principal={"Service": "events.amazonaws.com"})
    del trust["Resource"]
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=document(allow("events:*")))
    bus = spoke.outputs["event_bus_name"]
    events.put_rule(Name=ROLE, EventBusName=bus, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
    events.put_targets(Rule=ROLE, EventBusName=bus, Targets=[{"Id": "hub", "Arn": hub.bus_arn, "RoleArn": role}])
    yield
    events.remove_targets(Rule=ROLE, EventBusName=bus, Ids=["hub"])
    events.delete_rule(Name=ROLE, EventBusName=bus)
    iam.delete_role_policy(RoleName=ROLE, PolicyName="all")
    iam.delete_role(RoleName=ROLE)


def test_a_hubs_refresh_is_not_sent_back_to_it(hub: Hub, spoke: Spoke, everything_is_sent_back: None) -> None:
    """EventBridge forwards an event to one other account, and no further."""
    refresh_id = hub.refreshed("Spoke/dev", Projects=["Spoke"])
    hub.settle()
    assert len(spoke.log(event="metric_extractor_run", RefreshId=refresh_id)) == 1
    sent_back = [json.loads(one["Body"])["account"] for one in hub.rejected(lambda one: refresh_id in one["Body"])]
    assert HUB not in sent_back


def test_a_spokes_refresh_that_is_forwarded_asks_nobody(hub: Hub, spoke: Spoke, everything_is_sent_back: None) -> None:
    """The hub refuses it, and forwards refreshes of its own only: the spoke asks itself, once."""
    refresh_id = ulid.new()
    event_id = spoke.put({"RefreshId": refresh_id, "Projects": ["Nobody"]})
    message = hub.wait_for_rejected(event_id)
    assert "only the hub itself" in message["Reason"]
    spoke.wait_for_log(RefreshId=refresh_id)
    hub.settle()
    assert len(spoke.log(RefreshId=refresh_id)) == 1


def test_a_value_that_comes_by_two_ways_is_one_item(hub: Hub, spoke: Spoke, everything_is_sent_back: None) -> None:
    """By the connection's rule and by the team's own, at once or one after the other."""
    metric = ulid.new()
    event_id = spoke.put(result("Spoke", "dev", metric, 1))
    hub.archived(event_id)
    hub.settle()
    assert len(hub.history(MetricName=metric)) == 1


def test_a_refresh_for_metrics_that_are_not_deployed_computes_nothing(hub: Hub, spoke: Spoke) -> None:
    """Names of classes in the package, of modules and of files are no metrics: only what Terraform deployed is."""
    names = [
        "SSMParameterValue",
        "TotalCompletedTrainingJobs",
        "ds_dashboard.metrics.training",
        "../secret",
        "__class__",
    ]
    nothing = hub.refreshed("Spoke/dev", Metrics=names)
    (run,) = spoke.log(event="metric_extractor_run", RefreshId=nothing)
    assert (run["Emitted"], run["Failed"]) == (0, 0)
    one = hub.refreshed("Spoke/dev", Metrics=[*names, "Release"])
    assert hub.values(one) == {"Spoke/dev": {"Release": "v1"}}
    assert hub.values(nothing) == {}
