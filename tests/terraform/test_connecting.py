"""What connecting, holding back and disconnecting change when applied: that connection and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .connections import FIFTY, HUB, MIDDLE, OTHERS, TWELVE, arn, calls, prepare
from .planner import Run
from .workshop import REGION, Workshop

POLICY = "module.hub_forwarding[0].aws_cloudwatch_event_bus_policy.this"


@dataclass(frozen=True, slots=True)
class Applied:
    """What three applies changed, the rules of the first, what was planned after it and the last, and the end."""

    steps: list[Run]
    rules: dict[str, list[str]]
    again: Run
    at_last: Run
    destroyed: Run
    left: list[str]


@pytest.fixture(scope="module")
def applied(workshop: Workshop) -> Applied:
    """All installations, applied side by side."""
    account = workshop.new_account()
    prepare(workshop.cloud, account)
    workshop.put_parameters(account, {f"/fifty/projects/P/e{number}": number for number in FIFTY})
    workshop.put_parameters(account, {f"/both/monitors/H{number}": number for number in TWELVE})
    root = workshop.root("connections", calls(0), account)
    steps = [root.apply()]
    rules = {name: outputs["forward_rule_names"] for name, outputs in root.outputs().items()}
    again = root.plan()

    ssm = workshop.cloud.client("ssm", account, REGION)
    ssm.delete_parameter(Name=f"/fifty/projects/P/e{MIDDLE}")
    root.write(calls(1))
    steps.append(root.apply())

    workshop.put_parameters(account, {f"/fifty/projects/P/e{MIDDLE}": MIDDLE})
    root.write(calls(2))
    steps.append(root.apply())
    root.write(calls(3))
    at_last = root.plan()
    return Applied(steps, rules, again, at_last, root.destroy(), root.state())


def connection(account: str, bus_arn: str | None = None, side: str = "hub_forwarding") -> list[str]:
    """The addresses of what one connection is made of."""
    module = f'module.{side}[0].module.forward["{bus_arn or arn(account)}"]'
    return [f"{module}.aws_cloudwatch_event_rule.this", f"{module}.aws_cloudwatch_event_target.this"]


def _forwards(run: Run) -> list[str]:
    return [address for address in run.of("create") if ".module.forward[" in address]


def test_all_parameters_are_read(applied: Applied) -> None:
    """Parameter Store gives ten a page; whoever is on a later one would be disconnected without a word."""
    fifty, both = applied.steps[0].case("fifty"), applied.steps[0].case("both")
    assert _forwards(fifty) == sorted(address for number in FIFTY for address in connection(number))
    assert _forwards(both) == sorted(
        address for number in TWELVE for address in connection(number, arn(number, HUB), "spoke_forwarding")
    )


def test_removing_one_of_fifty_touches_no_other(applied: Applied) -> None:
    """The one's rule and target, and its account in the bus's policy."""
    changes = applied.steps[1].case("fifty").actions
    assert changes == {**dict.fromkeys(connection(MIDDLE), "delete"), POLICY: "update"}


def test_adding_one_to_forty_nine_touches_no_other(applied: Applied) -> None:
    """Wherever in the order of names it comes."""
    changes = applied.steps[2].case("fifty").actions
    assert changes == {**dict.fromkeys(connection(MIDDLE), "create"), POLICY: "update"}


def test_permissions_then_forwarding_only_adds(applied: Applied) -> None:
    """The first stage lets the others in and sends nothing; the second adds the rules; the default is the second."""
    first, second, third = (step.case("stages").actions for step in applied.steps)
    assert POLICY in first
    assert set(first.values()) == {"create"}
    assert not any(".module.forward[" in address for address in first)
    assert second == dict.fromkeys(connection(OTHERS[0]), "create")
    assert third == {}


def test_a_connection_on_hold_disturbs_no_other(applied: Applied) -> None:
    """A later connection waits alone: on hold its account is let in, off hold it is sent to; nothing goes."""
    _, held, released = (step.case("held").actions for step in applied.steps)
    assert held == {POLICY: "update"}
    assert released == dict.fromkeys(connection(OTHERS[2]), "create")


def test_what_waits_is_counted(applied: Applied) -> None:
    """Whoever forgets a parameter on hold is told by every plan."""
    told = [text for text in applied.steps[1].warnings if "are not forwarded to yet" in text]
    assert len(told) == 1
    assert "1 of 3 parameters are not forwarded to yet: /monitored_projects/P2/dev" in told[0]


def test_names_that_are_cut_alike_stay_two_rules(applied: Applied) -> None:
    """With one name for both, the second would take over the first one's rule."""
    one, two = applied.rules["alike"]
    assert one != two
    assert one[:-8] == two[:-8]
    assert len(one) == 64


def test_projects_on_one_bus_share_a_rule(applied: Applied) -> None:
    """Or every refresh would arrive there once for each project; a project more or less then changes nothing."""
    first, more, less = (step.case("shared") for step in applied.steps)
    assert _forwards(first) == connection(OTHERS[0])
    assert more.actions == less.actions == {}


def test_a_spoke_becomes_a_hub_too(applied: Applied) -> None:
    """The two sides of an account do not know of each other."""
    changes = applied.at_last.case("both").actions
    assert set(changes.values()) == {"create"}
    assert all(address.startswith("module.hub_forwarding[0].") for address in changes)


def test_the_last_one_takes_the_side_with_it(applied: Applied) -> None:
    """Where `allow_none` says that it is meant, nothing stays that lets anybody in."""
    changes = applied.at_last.case("last").actions
    assert set(changes.values()) == {"delete"}
    assert {POLICY, *connection(OTHERS[0])} < set(changes)


def test_a_second_plan_is_empty(applied: Applied) -> None:
    """After the first apply and, but for the two that change then, after the last."""
    assert applied.again.actions == {}
    assert {address.split(".")[1] for address in applied.at_last.actions} == {"both", "last"}


def test_destroy_leaves_nothing(applied: Applied) -> None:
    """In the state, and so no rule on a bus, which could not be deleted then."""
    assert set(applied.destroyed.actions.values()) == {"delete"}
    assert applied.left == []
