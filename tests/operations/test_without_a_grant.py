"""One grant of a key is missing: nothing is lost, and the doctor says which it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.journey.company import REGION
from tests.journey.hub import RefreshFailed
from tests.journey.polling import eventually
from tests.journey.spoke import result, unused

from . import broken
from .causes import NAME
from .conftest import SIDES, World
from .people import Person, root

Take = Callable[[World], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant: what the doctor of a side calls it, and how it is taken away."""

    side: str
    words: tuple[str, ...]
    take: Take


@dataclass(frozen=True, slots=True)
class Went:
    """What was sent while a grant was missing, and what the doctor said."""

    value: str  # of Gamma, by its metric's name
    refused: str  # of a stranger
    refresh_id: str | None  # None where whoever asked was told that it failed
    doctor: str


def of_key(side: str, sid: str) -> Grant:
    """A statement of the key's policy."""

    def take(world: World) -> AbstractContextManager[None]:
        return broken.key(world.cloud.client("kms", SIDES[side]), world.outputs[f"{side}_key"], sid)

    return Grant(side, (f"Watchtower{sid} ",), take)


def of_role(side: str, function: str, action: str) -> Grant:
    """What a function's role may do with the key."""
    policy = "runtime" if side == "spoke" else function

    def without(statement: dict[str, Any]) -> dict[str, Any]:
        return {**statement, "Action": [one for one in statement["Action"] if one != action]}

    def take(world: World) -> AbstractContextManager[None]:
        iam = world.cloud.client("iam", SIDES[side])
        return broken.role(iam, f"{NAME}-{REGION}-{function}", policy, lambda statement: keep(without(statement)))

    return Grant(side, (f"{NAME}-{REGION}-{function}", f"may not {action}"), take)


def keep(statement: dict[str, Any]) -> dict[str, Any] | None:
    return statement if statement["Action"] else None


GRANTS = [
    *(of_key("hub", sid) for sid in ("HubAccount", "HubEventBridge", "HubBus", "HubQueue", "HubLogs")),
    *(of_key("spoke", sid) for sid in ("SpokeAccount", "SpokeEventBridge", "SpokeBus", "SpokeLogs")),
    of_role("hub", "archive", "kms:Decrypt"),
    of_role("hub", "archive", "kms:GenerateDataKey"),
    of_role("hub", "refresh", "kms:Decrypt"),
    of_role("hub", "watch", "kms:Decrypt"),
    of_role("spoke", "extract", "kms:Decrypt"),
]


def go_on_without(world: World, grant: Grant) -> Went:
    """Send values, and ask for some, while the grant is missing."""
    value, refused, refresh_id = unused("Gamma"), unused("Stranger"), None
    with grant.take(world):
        world.spoke.put(result("Gamma", "dev", value, 1))
        world.spoke.put(result("Unknown", "dev", refused, 1))
        with suppress(RefreshFailed, ClientError):
            refresh_id = world.hub.refresh(Projects=["Alpha"])
        said = root(world.cloud, SIDES[grant.side]).run("doctor", "--side", grant.side)
    return Went(value, refused, refresh_id, said.output)


@pytest.fixture(scope="module")
def went(world: World, operators: dict[str, Person]) -> dict[tuple[str, ...], Went]:
    """Each grant is taken away for a while; at last an operator sends again what lies among the dead letters."""
    world.hub.settle()
    outcomes = {grant.words: go_on_without(world, grant) for grant in GRANTS}
    for side, operator in operators.items():
        said = operator.run("dead-letters", "redrive", "--all", "--side", side)
        assert said.code == 0, said
    return outcomes


by_grant = pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: " ".join(grant.words))


@by_grant
def test_nothing_is_lost(world: World, went: dict[tuple[str, ...], Went], grant: Grant) -> None:
    """What was sent is there exactly once; what was refused is kept; who asked has an answer, or was told."""
    sent = went[grant.words]
    eventually(lambda: len(world.hub.history(MetricName=sent.value)) == 1, f"the value {sent.value}")
    # Perhaps twice: the queue of what is refused promises no more than queues do.
    eventually(lambda: world.hub.rejected(lambda one: sent.refused in one["Body"]), f"the refused {sent.refused}")
    if sent.refresh_id is not None:
        answered = {"RefreshId": sent.refresh_id, "MetricName": "ModelVersion"}
        eventually(lambda: len(world.hub.history(**answered)) == 1, f"an answer to refresh {sent.refresh_id}")


@by_grant
def test_the_doctor_names_it(went: dict[tuple[str, ...], Went], grant: Grant) -> None:
    lines = [line for line in went[grant.words].doctor.splitlines() if all(words in line for words in grant.words)]
    assert lines, went[grant.words].doctor


def test_each_grant_is_taken_away_once(world: World) -> None:
    """A statement that the modules output and that is not here may be one that nobody needs."""
    told = {words[0] for words in (grant.words for grant in GRANTS)}
    for side in ("hub", "spoke"):
        kms = world.cloud.client("kms", SIDES[side])
        for sid in broken.sids(kms, world.outputs[f"{side}_key"]):
            assert f"{sid} " in told
