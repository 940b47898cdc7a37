"""A spoke that adds rules of its own so that events loop, or reach other spokes through the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ds_dashboard import ulid
from ds_dashboard_dev.testing.events import result
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_local.client.accounts import allow, document

ROLE = "loop"


@pytest.fixture
def everything_is_forwarded(hub: Hub, spoke: Spoke) -> Iterator[None]:
    """A rule that forwards every event of the spoke's bus to the hub: results, the spoke's refreshes, and the hub's."""
    iam, events = spoke.client("iam"), spoke.client("events")
    trust = allow("sts:AssumeRole", Principal={"Service": "events.amazonaws.com"})
    del trust["Resource"]
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=document(allow("events:*")))
    bus = spoke.bus_name
    events.put_rule(Name=ROLE, EventBusName=bus, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
    events.put_targets(Rule=ROLE, EventBusName=bus, Targets=[{"Id": "hub", "Arn": hub.bus_arn, "RoleArn": role}])
    yield
    events.remove_targets(Rule=ROLE, EventBusName=bus, Ids=["hub"])
    events.delete_rule(Name=ROLE, EventBusName=bus)
    iam.delete_role_policy(RoleName=ROLE, PolicyName="all")
    iam.delete_role(RoleName=ROLE)


def test_a_refresh_does_not_return_to_the_hub(hub: Hub, spoke: Spoke, everything_is_forwarded: None) -> None:
    """EventBridge forwards an event to one other account, and no further."""
    refresh_id = hub.refreshed("Spoke/dev", Projects=["Spoke"])
    hub.settle()
    assert len(spoke.log(event="metric_extractor_run", RefreshId=refresh_id)) == 1
    returned = [json.loads(one.body)["account"] for one in hub.rejected(lambda one: refresh_id in one.body)]
    assert hub.account not in returned


def test_a_spokes_refresh_that_is_forwarded_runs_once(hub: Hub, spoke: Spoke, everything_is_forwarded: None) -> None:
    """The hub rejects it and forwards only its own refreshes, so the spoke alone runs, once."""
    refresh_id = ulid.new()
    event_id = spoke.put({"RefreshId": refresh_id, "Projects": ["Nobody"]})
    message = hub.wait_for_rejected(event_id)
    assert "only the hub itself" in message.attributes["Reason"]
    spoke.wait_for_log(RefreshId=refresh_id)
    hub.settle()
    assert len(spoke.log(RefreshId=refresh_id)) == 1


def test_a_value_that_arrives_by_two_rules_is_one_item(hub: Hub, spoke: Spoke, everything_is_forwarded: None) -> None:
    """The connection's rule and the team's own both forward it."""
    metric = ulid.new()
    event_id = spoke.put(result("Spoke/dev", metric, 1))
    hub.archived(event_id)
    hub.settle()
    assert len(hub.history(MetricName=metric)) == 1


def test_a_refresh_for_metrics_that_are_not_deployed_computes_nothing(hub: Hub, spoke: Spoke) -> None:
    """Names of classes, modules and files are not metrics; only what Terraform deployed is."""
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
