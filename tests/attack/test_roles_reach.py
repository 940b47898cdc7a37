"""Whoever gets hold of a role's credentials can do what its function does, and nothing that the others do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.journey.hub import Hub
from tests.journey.spoke import Spoke, result

from ds_dashboard import ulid

from .accounts import HUB, NAME, REGION, SPOKE
from .calls import CALLS, Caller
from .conftest import World
from .parts import having
from .policies import RolePolicy, Trust, of_account

Grant = tuple[str, str]


def _grants(world: World) -> dict[tuple[str, str], set[Grant]]:
    """What each role is allowed: account and role to pairs of action and resource."""
    found: dict[tuple[str, str], set[Grant]] = {}
    for account in (HUB, SPOKE):
        for policy in of_account(world, account):
            if isinstance(policy, RolePolicy):
                pairs = {
                    (action, _exact(resource))
                    for statement in policy.read()
                    for action in statement["Action"]
                    for resource in statement["Resource"]
                }
                found.setdefault((account, policy.role), set()).update(pairs)
    return found


def _exact(resource: str) -> str:
    """The bus that a forwarding role is for; it names no account, since each account says whom it lets in."""
    account = HUB if resource.endswith("-hub") else SPOKE
    return resource.replace(":*:event-bus", f":{account}:event-bus")


@contextmanager
def _stolen(world: World, account: str, role: str) -> Iterator[Caller]:
    """The keys of a role: for that, and only for now, its account's root may assume it."""
    trust = Trust(world.client("iam", account), role)
    root = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    with having(trust, [*trust.read(), root]):
        keys = world.client("sts", account).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="stolen"
        )["Credentials"]
        yield Caller(world.cloud, keys)


def test_each_role_can_do_its_own_and_nothing_that_another_can(world: World) -> None:
    """Every action on every resource of every other role, those of the other account included."""
    grants = _grants(world)
    every = set().union(*grants.values())
    assert {action for action, _ in every} == CALLS.keys()
    own_denied, others_done = [], []
    for (account, role), own in grants.items():
        with _stolen(world, account, role) as caller:
            for action, resource in sorted(every):
                may = caller.may(action, resource)
                # The local cloud asks a direct call about the group alone; test_least_privilege sees the grant.
                if (action, resource) in own and not may and not action.startswith("logs:"):
                    own_denied.append((role, action, resource))
                if (action, resource) not in own and may:
                    others_done.append((role, action, resource))
    assert own_denied == []
    assert others_done == []


@pytest.fixture
def rule(world: World) -> Iterator[str]:
    """A rule of the hub's account that is not the module's, with the archive's queue as its target."""
    events, queue = world.client("events", HUB), f"arn:aws:sqs:{REGION}:{HUB}:{NAME}-events"
    events.put_rule(Name="another", EventPattern=json.dumps({"source": ["metric_extractor"]}))
    events.put_targets(Rule="another", Targets=[{"Id": "queue", "Arn": queue}])
    # What came while the archive had a permission less comes again later: nothing that this test is about.
    world.client("sqs", HUB).purge_queue(QueueUrl=world.outputs["hub"]["queue_url"])
    yield "another"
    events.remove_targets(Rule="another", Ids=["queue"])
    events.delete_rule(Name="another")


def test_only_the_archives_rule_puts_on_its_queue(world: World, hub: Hub, spoke: Spoke, rule: str) -> None:
    """The queue's policy names the rule, not the service: an account has many rules, made by many."""
    forged, honest = ulid.new(), ulid.new()
    detail = json.dumps(result("Spoke", "dev", forged, 1))
    entry = {"Source": "metric_extractor", "DetailType": "metric_extractor", "Detail": detail}
    assert world.client("events", HUB).put_events(Entries=[entry])["FailedEntryCount"] == 0
    hub.archived(spoke.put(result("Spoke", "dev", honest, 1)))
    hub.settle()
    assert hub.rejected(lambda message: forged in message["Body"]) == []
    assert hub.history(MetricName=forged) == []
