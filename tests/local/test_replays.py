"""Replays of archived events reach the rules that they name, and no others."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, eventually

WHOLE = {
    "EventStartTime": datetime.now(UTC) - timedelta(days=1),
    "EventEndTime": datetime.now(UTC) + timedelta(days=1),
}


@pytest.fixture
def bus(account: Account) -> str:
    """A bus with an archive and the rules `one` and `two`, each with a queue of its own."""
    arn = account.bus("bus")
    account.events.create_archive(ArchiveName="archive", EventSourceArn=arn)
    for name in ("one", "two"):
        account.rule("bus", name, account.queue(name))
    return arn


def replay(account: Account, bus: str, *rules: str, **times: Any) -> dict[str, Any]:
    """Replay to `rules`, to all of the bus without any, and wait for the end."""
    filters = [account.arn("events", f"rule/{rule}") for rule in rules]
    account.events.start_replay(
        ReplayName=(name := f"replay-{time.time_ns()}"),
        EventSourceArn=account.arn("events", "archive/archive"),
        Destination={"Arn": bus, **({"FilterArns": filters} if filters else {})},
        **{**WHOLE, **times},
    )
    eventually(lambda: account.events.describe_replay(ReplayName=name)["State"] == "COMPLETED")
    described: dict[str, Any] = account.events.describe_replay(ReplayName=name)
    return described


def test_a_replay_reaches_the_rules_that_its_filter_names(account: Account, bus: str) -> None:
    """Or a replay for an archive would be a second message to everybody else."""
    account.emit("bus")
    assert [len(account.messages(queue)) for queue in ("one", "two")] == [1, 1]
    described = replay(account, bus, "bus/one")
    assert [len(account.messages(queue)) for queue in ("one", "two")] == [1, 0]
    assert "EventLastReplayedTime" in described


def test_a_replay_without_a_filter_reaches_every_rule(account: Account, bus: str) -> None:
    account.emit("bus")
    replay(account, bus)
    assert [len(account.messages(queue)) for queue in ("one", "two")] == [2, 2]


def test_what_is_replayed_is_not_archived_again(account: Account, bus: str) -> None:
    account.emit("bus")
    replay(account, bus)
    assert account.events.describe_archive(ArchiveName="archive")["EventCount"] == 1


@pytest.mark.parametrize(
    ("rules", "times", "told"),
    [
        (["other/one"], {}, "is not a rule of the event bus"),
        (["bus/one"], {"EventEndTime": WHOLE["EventStartTime"]}, "EventStartTime must be before EventEndTime"),
    ],
)
def test_a_replay_that_cannot_be_is_refused(
    account: Account, bus: str, rules: list[str], times: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        replay(account, bus, *rules, **times)
