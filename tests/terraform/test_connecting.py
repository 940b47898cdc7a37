"""Each change of a connection changes that connection and nothing else."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from ds_dashboard_dev.terraform import Changes

from .connections import HUB, MANY, PEERS, REMOVED, REMOVED_LATER, TWELVE, Applied, arn
from .planner import case

POLICY = "module.hub_forwarding[0].aws_cloudwatch_event_bus_policy.this"


@pytest.fixture(scope="module")
def applied(connecting: Future[Applied]) -> Applied:
    """All installations, applied step by step in parallel with the other tests."""
    return connecting.result()


def connection(account: str, bus_arn: str | None = None, module: str = "hub_forwarding") -> list[str]:
    """Return the addresses of the resources of one connection."""
    prefix = f'module.{module}[0].module.forward["{bus_arn or arn(account)}"]'
    return [f"{prefix}.aws_cloudwatch_event_rule.this", f"{prefix}.aws_cloudwatch_event_target.this"]


def _forwards(changes: Changes) -> list[str]:
    return [address for address in changes.of("create") if ".module.forward[" in address]


def test_all_parameters_are_read(applied: Applied) -> None:
    """Parameter Store returns ten per page. Parameters on later pages would be disconnected without a warning."""
    many, both = case(applied.steps[0], "many"), case(applied.steps[0], "both")
    assert _forwards(many) == sorted(address for number in MANY for address in connection(number))
    assert _forwards(both) == sorted(
        address for number in TWELVE for address in connection(number, arn(number, HUB), "spoke_forwarding")
    )


def test_removing_one_of_many_touches_no_other(applied: Applied) -> None:
    """Only its rule, its target and the bus policy, which names its account."""
    changes = case(applied.steps[1], "many").actions
    assert changes == {**dict.fromkeys(connection(REMOVED), "delete"), POLICY: "update"}


def test_adding_one_and_removing_another_touches_no_other(applied: Applied) -> None:
    """Wherever their names are in the sort order: the plan of a hub with hundreds of spokes must stay readable."""
    changes = case(applied.steps[2], "many").actions
    assert changes == {
        **dict.fromkeys(connection(REMOVED), "create"),
        **dict.fromkeys(connection(REMOVED_LATER), "delete"),
        POLICY: "update",
    }


def test_a_change_touches_no_other_installation(applied: Applied) -> None:
    """Hubs and spokes of one account do not depend on each other, and what was applied is not planned again."""
    changed = [{address.split(".")[1] for address in step.actions} for step in applied.steps[1:]]
    assert changed == [{"many", "stages", "held"}, {"many", "held", "both", "last"}]


def test_permissions_then_forwarding_only_adds(applied: Applied) -> None:
    """The first stage lets peers send and forwards nothing. The second, which is the default, adds the rules.

    The peers forward nothing: once both sides have the permissions, neither has to wait for the other.
    """
    first, second, third = (case(step, "stages").actions for step in applied.steps)
    assert POLICY in first
    assert set(first.values()) == {"create"}
    assert not any(".module.forward[" in address for address in first)
    assert second == dict.fromkeys(connection(PEERS[0]), "create")
    assert third == {}


def test_a_connection_on_hold_changes_no_other(applied: Applied) -> None:
    """On hold, the account may send; off hold, events are also forwarded to it. Nothing is deleted."""
    _, held, released = (case(step, "held").actions for step in applied.steps)
    assert held == {POLICY: "update"}
    assert PEERS[2] in applied.held_policy
    assert released == dict.fromkeys(connection(PEERS[2]), "create")


def test_a_plan_counts_parameters_without_forwarding(applied: Applied) -> None:
    """Every plan reminds of a parameter that was left on hold."""
    reminder = "1 of 3 parameters are not forwarded to yet: /monitored_projects/P2/dev"
    assert len([text for text in applied.steps[1].warnings if reminder in text]) == 1


def test_names_that_are_equal_after_truncation_stay_two_rules(applied: Applied) -> None:
    """With one name for both, the second connection would overwrite the rule of the first."""
    one, two = applied.rules["alike"]
    assert one != two
    assert one[:-8] == two[:-8]
    assert len(one) == 64


def test_projects_on_one_bus_share_a_rule(applied: Applied) -> None:
    """Otherwise, a refresh would arrive once per project. Adding or removing such a project changes nothing."""
    first, more, less = (case(step, "shared") for step in applied.steps)
    assert _forwards(first) == connection(PEERS[0])
    assert more.actions == less.actions == {}


def test_a_spoke_becomes_a_hub_too(applied: Applied) -> None:
    """The hub and the spoke of an account are independent of each other."""
    changes = case(applied.steps[2], "both").actions
    assert set(changes.values()) == {"create"}
    assert all(address.startswith("module.hub_forwarding[0].") for address in changes)


def test_removing_the_last_connection_removes_everything(applied: Applied) -> None:
    """With `allow_none`, no policy remains that lets another account send."""
    changes = case(applied.steps[2], "last").actions
    assert set(changes.values()) == {"delete"}
    assert {POLICY, *connection(PEERS[0])} < set(changes)


def test_destroy_leaves_nothing(applied: Applied) -> None:
    """A rule that remained would prevent the deletion of its bus."""
    assert set(applied.destroyed.actions.values()) == {"delete"}
    assert applied.left == []


def test_an_apply_without_the_bus_creates_nothing(applied: Applied) -> None:
    """Such as one with a name that no hub has. A first plan accepts it, because the same apply may create the bus."""
    (error,) = applied.early.errors
    assert "There is no event bus gone-hub in account 5" in error
    assert "module.gone.terraform_data.checks" in applied.early_state
    assert [one for one in applied.early_state if ".data." not in one and ".terraform_data." not in one] == []


def test_a_plan_reports_a_bus_that_does_not_exist(applied: Applied) -> None:
    """After a change of `name`, an apply would first destroy all rules, then fail to create the new ones."""
    (error,) = applied.renamed.errors
    assert "There is no event bus renamed-spoke in account 5" in error


def test_a_connection_is_destroyed_after_its_bus(applied: Applied) -> None:
    """Whoever has destroyed them in the wrong order must not be stuck."""
    assert applied.destroyed.errors == []
    assert "module.gone.module.hub_forwarding[0].aws_sqs_queue.dead_letters" in applied.destroyed.of("delete")
    assert applied.left == []
