"""`ds-dashboard doctor` against an installation that is broken in one way after the other."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard_local.client.accounts import allow

from .applied import HUB, NAME, SPOKE, Applied
from .ways import WAYS, Way
from .world import run

ACCOUNTS = {"hub": HUB, "spoke": SPOKE}


def _broken(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line["Status"] == "BROKEN"]


@pytest.fixture(scope="session")
def answered(applied: Applied) -> Applied:
    """A spoke that has answered is not silent."""
    applied.refresh()
    return applied


@pytest.mark.parametrize(("side", "account"), [*ACCOUNTS.items()])
def test_an_installation_as_the_modules_make_it_is_sound(side: str, account: str, answered: Applied) -> None:
    """No false alarm, though a metric fails: that is a warning, and says why."""
    told = answered.run("doctor", "--side", side, account=account)
    assert "BROKEN" not in told.stdout
    assert "NOT CHECKED" not in told.stdout
    assert "0 broken" in told.stderr
    assert "WARNING" in told.stdout
    every = answered.lines("doctor", "--side", side, "--all", account=account)
    assert {line["Status"] for line in every} == {"ok", "WARNING"}


@pytest.mark.parametrize("way", [pytest.param(way, id=f"{way.side} {way.says}") for way in WAYS])
def test_each_way_of_breaking_it_is_found_with_what_mends_it(way: Way, answered: Applied) -> None:
    """The link, what is wrong with it, and a command."""
    thing, cause, cure = way.says.split(" | ")
    with way.breaks(answered.hub if way.side == "hub" else answered.spoke):
        broken = _broken(answered.lines("doctor", "--side", way.side, account=ACCOUNTS[way.side], code=1))
    fitting = [line for line in broken if thing in line["Thing"] and cause in line["Cause"]]
    assert fitting, broken
    assert cure in fitting[0]["Cure"], fitting
    assert all(line["Cure"].startswith(("aws ", "terraform apply", "ds-dashboard ", "Allow ")) for line in broken)


def test_all_is_mended_again(answered: Applied) -> None:
    """Else one of the tests above has found what another left behind."""
    for side, account in ACCOUNTS.items():
        assert _broken(answered.lines("doctor", "--side", side, account=account)) == []


def test_what_may_not_be_read_is_said_and_passed_over(answered: Applied) -> None:
    """A doctor who may see half of it says which half."""
    readers = [allow(["dynamodb:*", "sqs:*", "events:*", "logs:*", "ssm:*", "lambda:*", "scheduler:*", "kms:*"])]
    role = answered.hub.role("half-a-doctor", *readers)
    keys = answered.hub.sts.assume_role(RoleArn=role, RoleSessionName="doctor")["Credentials"]
    env = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    found = answered.lines("doctor", "--side", "hub", **env)
    unchecked = [line for line in found if line["Status"] == "NOT CHECKED"]
    assert unchecked
    assert all("iam:GetRole" in line["Cause"] for line in unchecked)
    assert _broken(found) == []


def test_an_account_without_that_side_is_told(answered: Applied) -> None:
    """Not a list of everything that is missing."""
    told = answered.run("doctor", "--side", "spoke", code=1)
    assert f"spoke {NAME}: there is none in account {HUB}" in told.stderr
    assert told.stdout == ""
    run("doctor", code=2)
