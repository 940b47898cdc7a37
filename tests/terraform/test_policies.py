"""Every policy of the modules and the documents, against AWS's service authorization reference."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard_cli.authoring import check, iam_reference
from ds_dashboard_cli.authoring.statements import broad_actions, problems
from ds_dashboard_cli.packaging import manifest
from ds_dashboard_cli.packaging.metric_folders import resolve_folders
from ds_dashboard_dev.checkout import CHECKOUT

from .planner import Plan

Statements = Sequence[Mapping[str, Any]]

APPLIERS = sorted(CHECKOUT.glob("modules/*/applier-policy.json")) + sorted(
    CHECKOUT.glob("examples/*/applier-policy.json")
)
# The page about the local cloud names API operations in the same form.
DOCUMENTS = [
    file
    for file in sorted(CHECKOUT.rglob("*.md"))
    if not {".venv", ".tools", ".terraform"} & set(file.parts) and file.name != "local-cloud.md"
]
# Parts of the addresses of resources whose `policy` belongs to a role. All others belong to the resource itself.
OF_ROLES = ("aws_iam_role_policy.", "aws_iam_policy.")
# AWS's own example of a key for log groups has it under the encryption context, which the reference does not list.
ACCEPTED = {"kms:DescribeKey has no condition key kms:EncryptionContext:aws:logs:arn"}
# Actions that policies allow on `*`, although a request for them names a resource, and why.
# The metrics of these cases exist in tests only.
INVENTED = ("sixty: ", "module.sixty.")
BROAD = {
    "cloudwatch:DescribeAlarms": "CloudWatch returns composite alarms only to a permission on `*`",
    "ec2:AssignPrivateIpAddresses": "Lambda creates the network interfaces, which do not exist yet",
    "ec2:CreateNetworkInterface": "as above",
    "ec2:DeleteNetworkInterface": "as above",
    "ec2:UnassignPrivateIpAddresses": "as above",
    "kms:DescribeKey": "the key of the table belongs to AWS, and its ID differs between accounts",
    "lambda:DeleteEventSourceMapping": "a mapping has an ID that AWS chooses; a condition names the function",
    "lambda:UpdateEventSourceMapping": "as above",
}


def _planned_policies(plan: Plan) -> Iterator[tuple[str, Statements, bool]]:
    """Yield each policy's place and statements, and whether it belongs to a resource."""
    for address, values in plan.values.items():
        for attribute in ("policy", "assume_role_policy"):
            if isinstance(values.get(attribute), dict):
                of_resource = attribute != "policy" or not any(part in address for part in OF_ROLES)
                yield f"{address}.{attribute}", values[attribute]["Statement"], of_resource
        if ".aws_lambda_permission." in f".{address}":
            yield address, [{"Action": values["action"]}], True
    for case, outputs in plan.outputs.items():
        for name, value in outputs.items():
            if isinstance(value, dict) and "Statement" in value:
                yield f"{case}: output {name}", value["Statement"], name == "kms_key_policy_json"


def test_every_planned_policy_is_known_at_plan_time(planned: Plan) -> None:
    """A reviewer of a plan sees all of them, and so do these tests."""
    kinds = ("aws_iam_role_policy.", "aws_iam_policy.", "aws_cloudwatch_event_bus_policy.", "aws_sqs_queue_policy.")
    unknown = [
        address
        for address, values in planned.values.items()
        if any(kind in address for kind in kinds) and not isinstance(values.get("policy"), dict)
    ]
    assert unknown == []


def test_the_statements_of_a_policy_have_different_names(planned: Plan) -> None:
    """IAM rejects a policy in which a Sid occurs twice."""
    policies = [(place, statements) for place, statements, _ in _planned_policies(planned)]
    policies += [(str(file), json.loads(file.read_text())["Statement"]) for file in APPLIERS]
    twice = {}
    for place, statements in policies:
        names = [one["Sid"] for one in statements if "Sid" in one]
        if len(set(names)) < len(names):
            twice[place] = names
    assert twice == {}


def test_every_planned_policy_follows_the_reference(planned: Plan) -> None:
    """Roles, trust, people, keys, buses, queues and functions. AWS accepts most mistakes, and then allows nothing."""
    policies = list(_planned_policies(planned))
    kinds = {kind for place, _, _ in policies for kind in re.findall(r"(?:aws_|output )\w+", place)}
    assert kinds == {
        "aws_cloudwatch_event_bus_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_lambda_permission",
        "aws_s3_bucket_policy",
        "aws_sqs_queue",
        "output iam_policy_json",
        "output kms_key_policy_json",
        "output operator_policy_json",
        "output reader_policy_json",
    }
    found = {
        f"{place} {statement.get('Sid', '')}: {problem}"
        for place, statements, of_resource in policies
        for statement in statements
        for problem in problems(statement, of_resource=of_resource)
        if problem not in ACCEPTED
    }
    assert found == set()


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
@pytest.mark.parametrize("file", APPLIERS, ids=lambda file: file.parent.name)
def test_an_appliers_policy_follows_the_reference_in_every_partition(file: Path, partition: str) -> None:
    """As published, and as the documented `sed` renders it for another name and another partition."""
    text, name = file.read_text(), "ds-dashboard"
    if partition != "aws":
        text, name = _rendered(file, partition), "team-b"
        assert "arn:aws:" not in text
        assert "ds-dashboard" not in text
    document = json.loads(text)
    assert f"arn:{partition}:" in text
    assert name in text or file.parent.name == "encrypted"
    found = [problem for statement in document["Statement"] for problem in problems(statement)]
    assert found == []


def _rendered(file: Path, partition: str) -> str:
    """Run the command of the README next to the policy, with another name and partition."""
    commands = re.findall(r"^(sed .*) \S*applier-policy\.json > (\S+)$", file.with_name("README.md").read_text(), re.M)
    assert len(commands) == 1
    command = commands[0][0].replace("NAME", "team-b").replace("aws-cn", partition)
    done = subprocess.run(f"{command} {file}", shell=True, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_permissions_of_the_examples_metrics_follow_the_reference() -> None:
    """Readers copy them. The catalogue checks the metrics of the package."""
    built = manifest.build(resolve_folders(sorted(CHECKOUT.glob("examples/*/metrics"))))
    entries = {name: one for name, one in built["metrics"].items() if not one["module"].startswith("ds_dashboard.")}
    assert entries
    assert [problem for name, entry in entries.items() for problem in check.permissions(name, entry)] == []
    assert [problem for statement in built["base_permissions"] for problem in problems(statement)] == []


def test_statements_in_documents_follow_the_reference() -> None:
    """Readers copy them, too."""
    found = {
        (file.name, text): ast.literal_eval(text)
        for file in DOCUMENTS
        for text in re.findall(r'\{"Action": [^{}]*\}', file.read_text())
    }
    assert {name for name, _ in found} >= {"README.md", "getting-started.md"}
    wrong = {place: [*problems(one), *broad_actions(one)] for place, one in found.items()}
    assert {place: what for place, what in wrong.items() if what} == {}


def _is_known(word: str) -> bool:
    """Whether a word such as `sqs:SendMessage` or `iam:PassedToService` is an action or a condition key."""
    return bool(iam_reference.expanded(word)) or iam_reference.is_condition_key(word)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_every_action_in_a_document_exists(file: Path) -> None:
    """A mistyped action costs its reader an apply."""
    named = re.findall(r"`(?!aws:)([a-z][a-z0-9-]+:[A-Z]\w+\*?)`", file.read_text())
    assert [action for action in named if not _is_known(action)] == []


def test_a_wildcard_is_only_for_actions_that_need_no_resource(planned: Plan) -> None:
    """In the policies of roles, of people, and of whoever applies a module."""
    policies = [(place, statements) for place, statements, of_resource in _planned_policies(planned) if not of_resource]
    policies += [(str(file), json.loads(file.read_text())["Statement"]) for file in APPLIERS]
    found = {
        f"{place} {statement.get('Sid', '')}: {action}"
        for place, statements in policies
        for statement in statements
        for action in broad_actions(statement)
        if action not in BROAD and not place.startswith(INVENTED)
    }
    assert found == set()
