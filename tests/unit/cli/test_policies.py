"""The evaluation of policies by the doctor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ds_dashboard_cli.doctor import policies
from ds_dashboard_cli.doctor.account import Need, Role, RolePolicy

EVENTS = ("Service", "events.amazonaws.com")


def _allows(statement: dict[str, Any], *others: dict[str, Any], **given: Any) -> bool:
    document = {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **statement}, *others]}
    return policies.allows([document], "sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:q", **given)


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({}, True),
        ({"Action": ["sqs:Send*"]}, True),
        ({"Action": "SQS:sendmessage"}, True),
        ({"Action": "sqs:ReceiveMessage"}, False),
        ({"Resource": "arn:aws:sqs:*:1:?"}, True),
        ({"Resource": ["arn:aws:sqs:*:1:other", "arn:aws:sns:*"]}, False),
        ({"Action": None, "NotAction": "sqs:DeleteQueue"}, True),
        ({"Action": None, "NotAction": "sqs:*"}, False),
        ({"Resource": None, "NotResource": "arn:aws:sqs:eu-west-1:1:q"}, False),
        ({"Effect": "Deny"}, False),
    ],
)
def test_actions_and_resources_are_matched(statement: dict[str, Any], allowed: bool) -> None:
    """Patterns may have wildcards, actions any case, and both a Not form."""
    given = {name: value for name, value in statement.items() if value is not None}
    full = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **given}
    for name in ("Action", "Resource"):
        if f"Not{name}" in full:
            del full[name]
    document = {"Statement": full}
    assert policies.allows([document], "sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:q") == allowed


def test_a_denial_takes_precedence() -> None:
    """The order of the statements does not matter."""
    assert not _allows({}, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:1:rule/*"}}, True),
        ({"ArnEquals": {"AWS:sourcearn": ["x", "arn:aws:events:eu-west-1:1:rule/b/r"]}}, True),
        ({"StringEquals": {"aws:SourceAccount": "2"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "2"}}, True),
        ({"StringLike": {"aws:SourceAccount": "?"}}, True),
        ({"StringEquals": {"aws:Other": "x"}}, False),
        ({"StringEqualsIfExists": {"aws:Other": "x"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:SourceAccount": ["1", "2"]}}, True),
        ({"Null": {"aws:Other": "true"}}, True),
        ({"Null": {"aws:SourceAccount": "true"}}, False),
        ({"NumericLessThan": {"aws:SourceAccount": "0"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "1"}, "ArnLike": {"aws:SourceArn": "no"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
    ],
)
def test_conditions_are_evaluated(condition: dict[str, Any], holds: bool) -> None:
    """An unknown value counts as the better case, so that the doctor reports no false problem."""
    context = {
        "aws:SourceAccount": "1",
        "aws:SourceArn": "arn:aws:events:eu-west-1:1:rule/b/r",
        "aws:PrincipalOrgID": policies.ANY,
    }
    assert _allows({"Condition": condition}, request_context=context) == holds


@pytest.mark.parametrize(
    ("condition", "denied"),
    [
        ({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringNotEquals": {"aws:ResourceAccount": "111111111111"}}, False),
        ({"StringNotEquals": {"aws:ResourceAccount": "222222222222"}}, True),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"Null": {"aws:TokenIssueTime": "true"}}, False),
        ({}, True),
    ],
)
def test_a_denial_of_other_requests_is_no_problem(condition: dict[str, Any], denied: bool) -> None:
    """Companies deny other regions and accounts in policies and boundaries. Keys that are unknown here deny nothing."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denial: policies.Document = {
        "Statement": [everything, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}]
    }
    need = Need("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q")
    policy = RolePolicy("company", None, denial)
    role = Role("r", datetime.now(UTC), (policy,), {}, "arn:aws:iam::111111111111:policy/b", denial)
    assert role.allows(need) == (not denied)
    assert role.boundary_blocks(need) == denied
    assert role.denied_by(need) == (policy if denied else None)


@pytest.mark.parametrize(
    ("principal", "asked", "named"),
    [
        ("*", EVENTS, True),
        ({"Service": ["lambda.amazonaws.com", "events.amazonaws.com"]}, EVENTS, True),
        ({"Service": "lambda.amazonaws.com"}, EVENTS, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, ("AWS", "123456789012"), True),
        ({"AWS": ["123456789012"]}, ("AWS", "arn:aws:iam::123456789012:role/x"), True),
        ({"AWS": "arn:aws:iam::123456789013:root"}, ("AWS", "123456789012"), False),
        ({"AWS": "*"}, ("AWS", "123456789012"), True),
        (None, EVENTS, False),
    ],
)
def test_principals_are_services_and_accounts(principal: Any, asked: tuple[str, str], named: bool) -> None:
    """An account is named by its ID or by its root ARN."""
    assert _allows({"Principal": principal}, principal=asked) == named
