"""Connecting accounts in two stages. How connections change is in tests/terraform/test_connecting.py."""

from __future__ import annotations

from typing import Any

from tests.worlds.company.world import ALPHA, BRAVO, CHARLIE, FAR_REGION, HUB, SILENT, Company, bus_arn


def _connection(side: str, bus: str) -> list[str]:
    """The addresses of the rule and the target that forward to `bus`."""
    forward = f'module.{side}.module.forward["{bus}"].aws_cloudwatch_event'
    return [f"{forward}_rule.this", f"{forward}_target.this"]


def test_applying_again_changes_nothing(company: Company) -> None:
    """A plan for one change must show that change and no drift."""
    assert company.accounts.plan().actions == {}


def test_each_step_of_connecting_only_adds_resources(company: Company) -> None:
    """Permissions first, forwarding second: it changes nothing of the first stage, so that there was no drift."""
    for step, changes in company.steps.items():
        assert set(changes.actions.values()) == {"create"}, step
    assert [address for address in company.steps["permissions"].actions if "module.forward[" in address] == []


def test_all_sides_start_to_forward_in_one_step(company: Company) -> None:
    """Once both sides have the permissions, neither has to wait for the other."""
    forwarding = {
        "bravo.module.spoke_forwarding[0]": bus_arn(HUB, "lookout-hub"),
        "central.module.hub_forwarding[0]": bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION),
        "charlie.module.hub_forwarding[0]": bus_arn(HUB, "outpost-spoke"),
        "outpost.module.spoke_forwarding[0]": bus_arn(CHARLIE, "lookout-hub"),
    }
    added = {address for side, bus in forwarding.items() for address in _connection(side, bus)}
    assert added < set(company.steps["forwarding"].of("create"))


def test_projects_in_one_account_share_one_rule(company: Company) -> None:
    """Alpha's account has eleven projects. With a rule for each, every refresh would arrive there eleven times."""
    central = company.connection_outputs["central"]
    registered = {
        f"{project}/{name}": bus for project, of in central["monitored_projects"].items() for name, bus in of.items()
    }
    assert registered == {
        **dict.fromkeys(["Alpha/dev", "Alpha/prod", "Beta/dev", *SILENT], bus_arn(ALPHA, "lookout-spoke")),
        "Bravo/prod": bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION),
        "Charlie/dev": bus_arn(CHARLIE, "lookout-spoke"),
    }
    assert len(central["forward_rule_names"]) == 3


def test_one_apply_connects_an_account_that_is_hub_and_spoke(company: Company) -> None:
    """Charlie's account monitors two projects and reports to two hubs."""
    charlie: dict[str, Any] = company.connection_outputs["charlie"]
    assert charlie["monitors"] == {"central": bus_arn(HUB, "lookout-hub"), "own": bus_arn(CHARLIE, "lookout-hub")}
    assert charlie["monitored_projects"] == {
        "Charlie": {"dev": bus_arn(CHARLIE, "lookout-spoke")},
        "Outpost": {"dev": bus_arn(HUB, "outpost-spoke")},
    }
    assert len(charlie["forward_rule_names"]) == 4
