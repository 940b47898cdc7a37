"""AWS's service authorization reference, and statements that contradict it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ds_dashboard_cli.authoring import iam_reference
from ds_dashboard_cli.authoring.statements import broad_actions, problems

ENDPOINT = "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:endpoint/"
SSM = "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:"


@pytest.mark.parametrize(
    ("action", "resource", "fits"),
    [
        ("sagemaker:DescribeEndpoint", f"{ENDPOINT}*", True),
        ("sagemaker:DescribeEndpoint", f"{ENDPOINT}**ARG:endpoint_name**", True),
        ("sagemaker:DescribeEndpoint", "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:endpoints/*", False),
        ("sagemaker:DescribeEndpoint", "arn:**PARTITION**:sagemaker:**REGION**::endpoint/*", False),
        (
            "ssm:GetParameter",
            "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:parameter/**ARG:p|no-leading-slash**",
            True,
        ),
        ("ssm:GetParameter", f"{SSM}**ARG:p**", True),
        ("ssm:GetParameter", "**ARG:any_arn**", True),
        ("ecr:DescribeImages", "arn:**PARTITION**:ecr:**REGION**:**ACCOUNT_ID**:repository/team/images", True),
        ("budgets:ViewBudget", "arn:**PARTITION**:budgets::**ACCOUNT_ID**:budget/*", True),
        ("budgets:ViewBudget", "arn:**PARTITION**:budgets:**REGION**:**ACCOUNT_ID**:budget/*", False),
        ("states:ListExecutions", "arn:**PARTITION**:states:**REGION**:**ACCOUNT_ID**:stateMachine:*", True),
    ],
)
def test_a_resource_fits_if_the_reference_has_its_form(action: str, resource: str, fits: bool) -> None:
    """A statement with another form allows nothing. Placeholders stand for what Terraform fills in."""
    assert (problems({"Action": action, "Resource": resource}) == []) is fits


@pytest.mark.parametrize(
    "action",
    ["sagemaker:ListTrainingJobs", "sagemaker:Search", "s3:ListAllMyBuckets", "iam:GenerateCredentialReport"],
)
def test_an_action_without_resource_types_needs_a_wildcard(action: str) -> None:
    """Whatever its verb is: Search, Get and Generate occur as well as List and Describe."""
    assert iam_reference.exists(action)
    assert iam_reference.resource_types(action) == []
    assert broad_actions({"Action": action, "Resource": "*"}) == {}


@pytest.mark.parametrize("action", ["cloudwatch:GetMetricData", "ce:GetCostAndUsage", "iam:ListMFADevices"])
def test_an_action_with_optional_resource_types_may_have_a_wildcard(action: str) -> None:
    """A request that names none of these resources is authorized for `*` only."""
    assert iam_reference.resource_types(action)
    assert broad_actions({"Action": [action], "Resource": ["*"]}) == {}


@pytest.mark.parametrize("action", ["sagemaker:DescribeEndpoint", "glue:GetJobRuns", "kms:DescribeKey"])
def test_an_action_with_a_required_resource_type_is_too_broad_on_a_wildcard(action: str) -> None:
    """Least privilege: the message names the form that the statement could have instead."""
    (forms,) = broad_actions({"Action": action, "Resource": "*"}).values()
    assert all(form.startswith("arn:${Partition}:") for form in forms)
    assert broad_actions({"Action": action, "Resource": forms[0]}) == {}


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ({"Action": "sqs:SendMessages", "Resource": "*"}, "sqs:SendMessages is no action"),
        ({"Action": "sagemakers:Search", "Resource": "*"}, "sagemakers:Search is no action"),
        (
            {"Action": ["events:PutPermission"], "Resource": "arn:aws:events:*:*:event-bus/b"},
            "events:PutPermission supports no resource, only *",
        ),
        (
            {"Action": ["events:PutRule"], "Resource": "arn:aws:events:*:*:event-bus/b"},
            "arn:aws:events:*:*:event-bus/b fits no action of the statement",
        ),
        (
            {"Action": ["dynamodb:Query"], "Resource": "arn:aws:dynamodb:*:*:b/*"},
            "arn:aws:dynamodb:*:*:b/* fits no action of the statement",
        ),
        (
            {"Action": ["logs:PutRetentionPolicy"], "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/f"},
            "logs:PutRetentionPolicy needs a resource like "
            "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}:*",
        ),
        (
            {"Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"sqs:Sender": "a"}}},
            "sqs:SendMessage has no condition key sqs:Sender",
        ),
        (
            {"Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEqual": {"aws:SourceArn": "a"}}},
            "StringEqual is no operator of a condition",
        ),
        ({"Action": "sqs:SendMessage", "Resource": []}, "Resource is empty"),
        ({"Action": "sqs:SendMessage", "Resource": "*", "Sid": "send-it"}, "the Sid send-it has other characters"),
        ({"Action": "sqs:SendMessage", "Resource": "arn:aws:*:*:*:q"}, "arn:aws:*:*:*:q is not the ARN of a service"),
        ({"Action": "sqs:SendMessage", "Resource": "queue/q"}, "queue/q is not the ARN of a service"),
        ({"Action": "sqs:SendMessage", "Resources": "*"}, "Resources is no part of a statement"),
    ],
)
def test_the_check_names_what_is_wrong(statement: Mapping[str, Any], problem: str) -> None:
    """A check that has never failed may be unable to fail."""
    assert any(one.startswith(problem) for one in problems(statement))
