"""`ds-dashboard doctor` on a deployed installation in which one link after the other is broken."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.commands import run

from ds_dashboard_dev.testing.pair import HUB, NAME, SOUTH
from ds_dashboard_local.client.accounts import allow

from .applied import Applied
from .doctor_cases import CASES, Case

ACCOUNTS = {"hub": HUB, "spoke": SOUTH}


def _broken(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line["Status"] == "BROKEN"]


@pytest.fixture(scope="session")
def answered(applied: Applied) -> Applied:
    """An installation whose spokes have responded to a refresh, so that they are not silent."""
    applied.refresh("--wait", "--timeout", "60")
    applied.hub.refreshed("North/dev", Projects=["North"], Metrics=["Tenth"])
    return applied


@pytest.mark.parametrize(("side", "account"), [*ACCOUNTS.items()])
def test_an_installation_without_changes_has_no_broken_link(side: str, account: str, answered: Applied) -> None:
    """A metric that fails is a warning with the reason, not a broken link."""
    result = answered.run("doctor", "--side", side, account=account)
    assert "BROKEN" not in result.stdout
    assert "NOT CHECKED" not in result.stdout
    assert "0 broken" in result.stderr
    assert "WARNING" in result.stdout
    every = answered.lines("doctor", "--side", side, "--all", account=account)
    assert {line["Status"] for line in every} == {"ok", "WARNING"}


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.side} {case.finding}") for case in CASES])
def test_each_breakage_is_found_with_its_remedy(case: Case, answered: Applied) -> None:
    """The finding names the link and the cause, and a command that fixes it."""
    thing, cause, remedy = case.finding.split(" | ")
    with case.breaks(answered.hub if case.side == "hub" else answered.spoke):
        broken = _broken(answered.lines("doctor", "--side", case.side, account=ACCOUNTS[case.side], code=1))
    matching = [line for line in broken if thing in line["Thing"] and cause in line["Cause"]]
    assert matching, broken
    assert remedy in matching[0]["Cure"], matching
    assert all(line["Cure"].startswith(("aws ", "terraform apply", "ds-dashboard ", "Allow ")) for line in broken)


def test_every_breakage_was_restored(answered: Applied) -> None:
    """Otherwise a test above may have found the breakage of another test."""
    for side, account in ACCOUNTS.items():
        assert _broken(answered.lines("doctor", "--side", side, account=account)) == []


def test_checks_without_permission_are_reported_and_skipped(answered: Applied) -> None:
    """An operator with some of the permissions sees which checks were skipped."""
    readers = [allow(["dynamodb:*", "sqs:*", "events:*", "logs:*", "ssm:*", "lambda:*", "scheduler:*", "kms:*"])]
    env = answered.credentials(answered.hub, "half-a-doctor", *readers)
    found = answered.lines("doctor", "--side", "hub", **env)
    unchecked = [line for line in found if line["Status"] == "NOT CHECKED"]
    assert unchecked
    assert all("iam:GetRole" in line["Cause"] for line in unchecked)
    assert _broken(found) == []


def test_an_account_without_the_side_is_one_error(answered: Applied) -> None:
    """The doctor does not list every resource as missing."""
    result = answered.run("doctor", "--side", "spoke", code=1)
    assert f"spoke {NAME}: does not exist in account {HUB}" in result.stderr
    assert result.stdout == ""
    run("doctor", code=2)
