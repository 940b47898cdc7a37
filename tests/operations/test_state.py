"""A second Terraform state of one installation: in a new workspace, or after the state was lost (docs/state.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from ds_dashboard.identity import Names
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_dev.terraform import Changes
from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_dev.testing.pair import HUB, NAME, SOUTH, Pair

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


# What AWS gives a state that creates it again (tests/local/test_created_twice.py), and what has no name in AWS.
CREATED_OVER = {
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_bus_policy",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_metric_alarm",
    "aws_iam_role_policy",
    "aws_lambda_function_event_invoke_config",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "terraform_data",
}


@dataclass(frozen=True, slots=True)
class SecondState:
    """An apply with a second state, and what became of both.

    Attributes:
        applied: The apply.
        state: The addresses in the second state after it.
        planned: The plan of the first installation after the second state was destroyed.
        imported: The plan of hub, South and their connections with the second state and the imports of the page.
    """

    applied: Changes
    state: list[str]
    planned: Changes
    imported: Changes


@pytest.fixture(scope="module")
def second(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> SecondState:
    """An apply with a second state, and a destroy of what it created."""
    root = pair.with_another_state(tmp_path_factory.mktemp("second") / "root")
    applied = root.attempt("apply", "-auto-approve")
    state = root.state()
    root.destroy()
    (root.folder / "imports.tf").write_text(_imports(pair))
    modules = [f"-target=module.{name}" for name in ("hub", "hub_connection", "south", "south_connection")]
    with ThreadPoolExecutor(1) as pool:
        planned = pool.submit(pair.plan)
        imported = root.attempt("plan", "-lock=false", *modules)
        return SecondState(applied, state, planned.result(), imported)


def _imports(pair: Pair) -> str:
    """Return the blocks of the page for this installation, and blocks for the keys of the root module."""
    (mapping,) = pair.hub.client("lambda").list_event_source_mappings(FunctionName=f"{NAME}-archive")[
        "EventSourceMappings"
    ]
    bucket = Names(NAME).report_bucket(HUB, pair.hub.region)
    hub = {
        "UUID": mapping["UUID"],
        "HASH": bucket.rpartition("-")[2],
        'toset(["Project1/dev"])': 'toset(["North/dev", "South/dev"])',
    }
    return "".join(
        [
            _blocks("Hub", HUB, hub),
            _blocks("Connection of a hub", HUB, {"module.connection": "module.hub_connection"}),
            _blocks("Spoke", SOUTH, {"module.spoke": "module.south"}),
            _blocks("Connection of a spoke", SOUTH, {"module.connection": "module.south_connection"}),
            _key_block("hub", pair.hub),
            _key_block("south", pair.south),
        ]
    )


def _blocks(section: str, account: str, replacements: Mapping[str, str]) -> str:
    """Return the import blocks of a section of the page, for a module call of this root module."""
    page = (CHECKOUT / "docs" / "state.md").read_text()
    (text,) = re.findall(rf"^### {section}$.*?^```hcl$(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for old, new in {"ds-dashboard": NAME, "111111111111": account, **replacements}.items():
        assert old in text or old == "111111111111"
        text = text.replace(old, new)
    return str(text)


def _key_block(name: str, installation: Installation) -> str:
    key = installation.key_arn.rpartition("/")[2]
    return f'import {{\n  to = aws_kms_key.{name}\n  id = "{key}"\n}}\n'


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


def test_a_lost_state_is_imported_as_the_page_says(second: SecondState) -> None:
    """Nothing is replaced, and nothing is created that AWS rejects because it exists."""
    changes = second.imported
    assert changes.errors == []
    assert changes.of("delete") == changes.of("replace") == []
    created = {kind for one in changes.of("create") for kind in re.findall(r"\b(aws_\w+|terraform_data)\.", one)}
    assert created == CREATED_OVER
