"""The pair under customer managed keys: applying it again changes nothing, and a missing grant loses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError
from tests.support.commands import Person, administrator

from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.events import result, unused
from ds_dashboard_dev.testing.installation import FunctionFailed, Installation
from ds_dashboard_dev.testing.pair import NAME
from ds_dashboard_dev.testing.waiting import eventually

from .conftest import GAMMA, World


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant of a key.

    Attributes:
        kind: of the installation, hub or spoke.
        words: with which the doctor names the missing grant.
        remedy: that the doctor gives.
        remove: removes the grant for a while.
    """

    kind: str
    words: tuple[str, ...]
    remedy: str
    remove: Callable[[Installation], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent while a grant was missing, and what the doctor printed.

    Attributes:
        metric: of the value that was sent for Gamma.
        rejected: metric of the value that was sent for an unregistered project.
        refresh_id: of the refresh; `None` if the request failed.
        findings: of the doctor, as JSON objects.
    """

    metric: str
    rejected: str
    refresh_id: str | None
    findings: list[dict[str, str]]


def of_key(kind: str, sid: str) -> Grant:
    """A statement of the key's policy."""
    return Grant(
        kind,
        ("policy of key ", f"the grant {NAME.title()}{sid} "),
        "aws kms put-key-policy",
        lambda one: misconfigure.key_without_statement(one, sid),
    )


def of_role(kind: str, function: str, action: str) -> Grant:
    """What the role of a function may do with the key."""
    policy = "runtime" if kind == "spoke" else function
    return Grant(
        kind,
        (f"role {NAME}-eu-west-1-{function} ", f"does not allow {action} on "),
        f"modules/{kind}",
        lambda one: misconfigure.role_without_action(one, function, policy, action),
    )


GRANTS = [
    *(of_key("hub", sid) for sid in ("HubAccount", "HubEventBridge", "HubBus", "HubQueue", "HubLogs")),
    *(of_key("spoke", sid) for sid in ("SpokeAccount", "SpokeEventBridge", "SpokeBus", "SpokeLogs")),
    of_role("hub", "archive", "kms:Decrypt"),
    of_role("hub", "archive", "kms:GenerateDataKey"),
    of_role("hub", "refresh", "kms:Decrypt"),
    of_role("hub", "watch", "kms:Decrypt"),
    of_role("spoke", "extract", "kms:Decrypt"),
]


def work_without(world: World, grant: Grant) -> Outcome:
    """Send values and request a refresh while the grant is missing."""
    metric, rejected, refresh_id = unused("Gamma"), unused("Stranger"), None
    installation = world.installation(grant.kind)
    with grant.remove(installation):
        world.spoke.put(result(GAMMA, metric, 1))
        world.spoke.put(result("Unknown/dev", rejected, 1))
        with suppress(FunctionFailed, ClientError):
            refresh_id = world.hub.refresh(Projects=["South"])
        output = administrator(installation).run("doctor", "--side", grant.kind, "--json")
    return Outcome(metric, rejected, refresh_id, [json.loads(line) for line in output.stdout.splitlines()])


@pytest.fixture(scope="module")
def outcomes(world: World, operators: dict[str, Person]) -> dict[tuple[str, ...], Outcome]:
    """The outcome without each grant; afterwards the operators redrive the dead letters."""
    world.hub.settle()
    found = {grant.words: work_without(world, grant) for grant in GRANTS}
    for kind, operator in operators.items():
        output = operator.run("dead-letters", "redrive", "--all", "--side", kind)
        assert output.code == 0, output
    return found


by_grant = pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: " ".join(grant.words))


@by_grant
def test_nothing_is_lost(world: World, outcomes: dict[tuple[str, ...], Outcome], grant: Grant) -> None:
    """A value is there once, a rejected one is kept, and a refresh is answered unless its request failed."""
    outcome = outcomes[grant.words]
    eventually(lambda: len(world.hub.history(MetricName=outcome.metric)) == 1, f"the value {outcome.metric}")
    # Perhaps twice: SQS delivers at least once.
    eventually(lambda: world.hub.rejected(lambda one: outcome.rejected in one.body), f"the rejected {outcome.rejected}")
    if outcome.refresh_id is not None:
        answer = {"RefreshId": outcome.refresh_id, "MetricName": "ModelVersion"}
        eventually(lambda: len(world.hub.history(**answer)) == 1, f"an answer to refresh {outcome.refresh_id}")


@by_grant
def test_the_doctor_names_the_missing_grant_and_its_remedy(
    outcomes: dict[tuple[str, ...], Outcome], grant: Grant
) -> None:
    findings = outcomes[grant.words].findings
    matching = [one for one in findings if all(words in f"{one['Thing']} {one['Cause']}" for words in grant.words)]
    assert matching, findings
    assert {one["Status"] for one in matching} == {"BROKEN"}
    assert grant.remedy in matching[0]["Cure"], matching


def test_every_statement_of_the_key_policies_is_tested(world: World) -> None:
    """A statement that the modules output and that is not in `GRANTS` may be one that nothing needs."""
    tested = {grant.words[-1] for grant in GRANTS}
    for installation in (world.hub, world.spoke):
        policy = installation.client("kms").get_key_policy(KeyId=installation.key_arn, PolicyName="default")["Policy"]
        for statement in json.loads(policy)["Statement"]:
            assert f"the grant {statement['Sid']} " in tested


def test_connecting_creates_the_forwarding_and_changes_nothing_else(world: World) -> None:
    """With keys, an event archive and every alarm: a value that a service changes would be planned again forever."""
    connected = world.pair.connected.actions
    assert set(connected.values()) == {"create"}
    assert len(connected) == 8  # a rule and its target, in both directions, for two spokes
    assert all(".module.forward[" in address for address in connected)
