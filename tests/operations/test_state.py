"""A second Terraform state of one installation: in a new workspace, or after the state was lost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ds_dashboard_dev.terraform import Changes
from ds_dashboard_dev.testing.pair import Pair

# Has other settings while tests of this folder run (conftest.py).
CHANGED_BY_TESTS = {"module.hub.aws_sqs_queue.events": "update"}
# What fails first in each module, and the error of AWS.
FIRST = {
    "module.hub.aws_scheduler_schedule_group.this": "ConflictException",
    **{
        f"module.{role}": "EntityAlreadyExists"
        for role in (
            "north.aws_iam_role.extractor",
            "south.aws_iam_role.extractor",
            "hub_connection.module.hub_forwarding[0].aws_iam_role.forward",
            "north_connection.module.spoke_forwarding[0].aws_iam_role.forward",
            "south_connection.module.spoke_forwarding[0].aws_iam_role.forward",
        )
    },
}


@dataclass(frozen=True, slots=True)
class SecondState:
    """An apply with a second state, and what became of both.

    Attributes:
        applied: The apply.
        state: The addresses in the second state after it.
        planned: The plan of the first installation after the second state was destroyed.
    """

    applied: Changes
    state: list[str]
    planned: Changes


@pytest.fixture(scope="module")
def second(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> SecondState:
    """An apply with a second state, and a destroy of what it created."""
    root = pair.with_another_state(tmp_path_factory.mktemp("second") / "root")
    applied = root.attempt("apply", "-auto-approve")
    state = root.state()
    root.destroy()
    return SecondState(applied, state, pair.plan())


def test_an_apply_fails_at_the_first_resource_of_each_module(second: SecondState) -> None:
    """Before hub, spokes or connections can be given resources that exist: one error for each module call."""
    errors = {one.place: one.text for one in second.applied.diagnostics if one.severity == "error"}
    assert errors.keys() == FIRST.keys()
    assert {address for address, error in FIRST.items() if error not in errors[address]} == set()


def test_nothing_that_exists_is_in_the_second_state(second: SecondState) -> None:
    """Only what has no name in AWS: the keys of the root module, and checks."""
    created = {address for address in second.state if "data." not in address and "terraform_data." not in address}
    assert created == {"aws_kms_key.hub", "aws_kms_key.south"}


def test_destroying_the_second_state_leaves_the_installation(second: SecondState) -> None:
    assert second.planned.errors == []
    assert dict(second.planned.actions) in ({}, CHANGED_BY_TESTS)
