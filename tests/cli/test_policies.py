"""IAM's rules, as far as the doctor applies them."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard_cli.doctor import policies

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
    """Wildcards, any case of an action, and the Not forms."""
    given = {name: value for name, value in statement.items() if value is not None}
    full = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **given}
    for name in ("Action", "Resource"):
        if f"Not{name}" in full:
            del full[name]
    document = {"Statement": full}
    assert policies.allows([document], "sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:q") == allowed


def test_a_denial_outweighs_what_is_allowed() -> None:
    """Wherever it stands."""
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
def test_conditions_are_held_against_what_is_known(condition: dict[str, Any], holds: bool) -> None:
    """What is not known here is taken for good: a doctor raises no false alarm."""
    context = {
        "aws:SourceAccount": "1",
        "aws:SourceArn": "arn:aws:events:eu-west-1:1:rule/b/r",
        "aws:PrincipalOrgID": policies.ANY,
    }
    assert _allows({"Condition": condition}, request_context=context) == holds


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
    """An account stands for itself as id and as root."""
    assert _allows({"Principal": principal}, principal=asked) == named
