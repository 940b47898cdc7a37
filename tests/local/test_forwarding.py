"""Rules that forward to buses of other accounts and regions: which permissions they need, and how far an event goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow

PUT = "events:PutEvents"


def root(account: Account) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account.id}:root"}


def forwarder(account: Account, *resources: str, condition: Any = None) -> str:
    """Create a role that EventBridge may assume and that may put events on these buses."""
    statements = [allow(PUT, list(resources))] if resources else []
    return account.role("forwarder", *statements, service="events.amazonaws.com", condition=condition)


class Pair:
    """A spoke whose rule forwards to a hub whose rule sends to a queue."""

    def __init__(self, spoke: Account, hub: Account) -> None:
        self.spoke, self.hub = spoke, hub
        self.hub_bus = hub.bus("hub")
        self.permit()
        self.arrived = hub.queue("arrived")
        hub.rule("hub", "archive", self.arrived)
        self.lost = spoke.queue("lost")
        self.role = forwarder(spoke, self.hub_bus)
        spoke.bus("spoke")
        self.rule = spoke.rule("spoke", "forward", self.target())

    def target(self, **more: Any) -> dict[str, Any]:
        return {"Arn": self.hub_bus, "RoleArn": self.role, "DeadLetterConfig": {"Arn": self.lost}, **more}

    def permit(self, **more: Any) -> None:
        self.hub.bus_policy("hub", allow(PUT, self.hub_bus, Principal=root(self.spoke), **more))

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(message["Body"]) for message in self.hub.messages(self.arrived)]

    def dead_letter_codes(self) -> list[str]:
        return [m["MessageAttributes"]["ERROR_CODE"]["StringValue"] for m in self.spoke.messages(self.lost)]


@pytest.fixture
def pair(account: Account, other: Account) -> Pair:
    return Pair(account, other)


def test_an_event_reaches_the_bus_of_another_account_unchanged(pair: Pair) -> None:
    """The receiver can rely on account and region, which are the sender's; the rest is unchanged."""
    sent = pair.spoke.emit("spoke", {"a": 1}, Resources=["arn:x"], Time=1_700_000_000)
    (event,) = pair.events()
    assert event == {
        "version": "0",
        "id": sent["EventId"],
        "source": "test",
        "detail-type": "test",
        "account": pair.spoke.id,
        "time": "2023-11-14T22:13:20Z",
        "region": pair.spoke.region,
        "resources": ["arn:x"],
        "detail": {"a": 1},
    }


def test_an_event_reaches_the_bus_of_another_region(local_cloud: Any, account: Account) -> None:
    """A parameter may hold a bus ARN of another region."""
    spoke, hub = account, Account(local_cloud, account.id, "us-east-1")
    pair = Pair(spoke, hub)
    spoke.emit("spoke")
    (event,) = pair.events()
    assert event["region"] == "eu-west-1"


def test_an_account_that_is_hub_and_spoke_forwards_to_itself(account: Account) -> None:
    """Within an account the role is enough: the other bus needs no policy."""
    pair = Pair(account, account)
    account.events.remove_permission(EventBusName="hub", RemoveAllPermissions=True)
    account.emit("spoke")
    assert len(pair.events()) == 1
    account.permit("forwarder", allow(PUT, "arn:aws:events:*:*:event-bus/another"))
    account.emit("spoke")
    assert (pair.events(), pair.dead_letter_codes()) == ([], ["NO_PERMISSIONS"])


def test_put_targets_is_rejected_until_the_other_bus_allows_it(account: Account, other: Account) -> None:
    """Therefore the stage `permissions` is applied before forwarding."""
    bus = other.bus("hub")
    account.bus("spoke")
    target = {"Arn": bus, "RoleArn": forwarder(account, bus)}
    with pytest.raises(account.events.exceptions.ClientError, match="AccessDeniedException"):
        account.rule("spoke", "forward", target)
    other.bus_policy("hub", allow(PUT, bus, Principal=root(account)))
    account.rule("spoke", "forward", target)


def test_put_targets_requires_a_role_for_another_accounts_bus(pair: Pair) -> None:
    with pytest.raises(ClientError, match="RoleArn is required"):
        pair.spoke.rule("spoke", "roleless", {"Arn": pair.hub_bus})


def test_put_targets_rejects_an_input_transformer_to_another_account(pair: Pair) -> None:
    with pytest.raises(ClientError, match="InputTransformer"):
        pair.spoke.rule("spoke", "transform", pair.target(InputTransformer={"InputTemplate": '"x"'}))


@pytest.mark.parametrize(
    ("condition", "arrives"),
    [
        ({"StringEquals": {"aws:SourceAccount": "own"}, "ArnLike": {"aws:SourceArn": "own rules"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/another-bus/*"}}, False),
    ],
)
def test_the_trust_policy_is_evaluated_with_its_conditions(pair: Pair, condition: Any, arrives: bool) -> None:
    """IAM accepts a trust policy with a mistake in a condition, and the first event fails."""
    text = json.dumps(condition).replace("own rules", f"arn:aws:events:*:{pair.spoke.id}:rule/spoke/*")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}
    trust["Condition"] = json.loads(text.replace('"own"', f'"{pair.spoke.id}"'))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    pair.spoke.iam.update_assume_role_policy(RoleName="forwarder", PolicyDocument=policy)
    pair.spoke.emit("spoke")
    assert len(pair.events()) == arrives
    assert pair.dead_letter_codes() == ([] if arrives else ["FAILED_TO_ASSUME_ROLE"])


def test_the_roles_policy_is_evaluated(pair: Pair) -> None:
    pair.spoke.permit("forwarder", allow(PUT, pair.hub_bus.replace("hub", "another")))
    pair.spoke.emit("spoke")
    assert (pair.events(), pair.dead_letter_codes()) == ([], ["NO_PERMISSIONS"])


@pytest.mark.parametrize(
    ("condition", "arrives"),
    [
        ({"StringEquals": {"events:source": "test", "events:detail-type": "test"}}, True),
        ({"StringEquals": {"events:source": "something else"}}, False),
        ({"StringEquals": {"events:detail-type": "something else"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/spoke/forward"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/spoke/another"}}, False),
    ],
)
def test_the_bus_policy_is_evaluated_with_its_conditions(pair: Pair, condition: Any, arrives: bool) -> None:
    pair.permit(Condition=condition)
    pair.spoke.emit("spoke")
    assert len(pair.events()) == arrives
    assert pair.dead_letter_codes() == ([] if arrives else ["NO_PERMISSIONS"])


def test_a_bus_can_trust_an_organization(pair: Pair, local_cloud: Any, new_account: Callable[[], Account]) -> None:
    """A bus policy has room for about 300 accounts; an organization needs one statement."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-dashboard1"}}
    pair.hub.bus_policy("hub", allow(PUT, pair.hub_bus, Principal="*", Condition=condition))
    pair.spoke.emit("spoke")
    assert (pair.events(), pair.dead_letter_codes()) == ([], ["NO_PERMISSIONS"])
    local_cloud.set_organization("o-dashboard1", [pair.spoke.id, new_account().id])
    pair.spoke.emit("spoke")
    assert len(pair.events()) == 1


def test_an_event_is_forwarded_once(pair: Pair, new_account: Callable[[], Account]) -> None:
    """No rule of the hub forwards an event that the hub received to a third account."""
    third = new_account()
    bus = third.bus("third")
    third.bus_policy("third", allow(PUT, bus, Principal=root(pair.hub)))
    arrived = third.queue("arrived")
    third.rule("third", "all", arrived)
    lost = pair.hub.queue("lost")
    target = {"Arn": bus, "RoleArn": forwarder(pair.hub, bus), "DeadLetterConfig": {"Arn": lost}}
    pair.hub.rule("hub", "onward", target)
    pair.spoke.emit("spoke")
    assert len(pair.events()) == 1
    assert third.messages(arrived) == []
    (message,) = pair.hub.messages(lost)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "THIRD_ACCOUNT_HOP_DETECTED"
    pair.hub.emit("hub")
    assert len(third.messages(arrived)) == 1, "an event of the hub itself is forwarded"


def test_a_target_of_another_partition_is_rejected(account: Account) -> None:
    account.bus("bus")
    account.events.put_rule(Name="rule", EventBusName="bus", EventPattern='{"source": ["test"]}')
    target = {
        "Id": "t",
        "Arn": "arn:aws-cn:events:cn-north-1:111111111111:event-bus/hub",
        "RoleArn": forwarder(account),
    }
    with pytest.raises(ClientError, match="Provided Arn is not in correct format"):
        account.events.put_targets(Rule="rule", EventBusName="bus", Targets=[target])
