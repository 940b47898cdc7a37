"""What the extraction function may do: exactly what the chosen metrics declare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from .cases import LONGEST, SIXTY
from .planner import Plan

FUNCTION = "aws_lambda_function.extractor"
FOR_PEOPLE = ("operator_policy_json", "reader_policy_json")
BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/ds-dashboard-spoke"
PARAMETERS = "arn:aws:ssm:eu-west-1:111111111111:parameter"


@pytest.fixture
def sixty(planned: Plan) -> Plan:
    return planned.case("sixty")


@pytest.fixture
def filled(planned: Plan) -> Plan:
    return planned.case("filled")


def _grants(statements: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, str]]:
    """Each action on each resource under each condition."""
    listed = [
        {key: [value] if isinstance(value, str) else value for key, value in statement.items()}
        for statement in statements
    ]
    return {
        (action, resource, json.dumps(statement.get("Condition"), sort_keys=True))
        for statement in listed
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_sixty_metrics_fit_into_a_role(sixty: Plan) -> None:
    """Written one after the other they would be refused by IAM, which counts a role's policies together."""
    inline = [values["policy"] for address, values in sixty.values.items() if "aws_iam_role_policy" in address]
    assert len(inline) == 2
    assert sum(len(json.dumps(policy, separators=(",", ":"))) for policy in inline) < 10_240
    asked = [statement for statements in sixty.outputs["metric_permissions"].values() for statement in statements]
    assert len(json.dumps(asked, separators=(",", ":"))) > 10_240


def test_merging_keeps_exactly_what_was_asked_for(sixty: Plan) -> None:
    """Statements that are merged by their resources alone would lend one metric's condition to another."""
    policy = sixty.outputs["iam_policy_json"]["Statement"]
    asked = [statement for statements in sixty.outputs["metric_permissions"].values() for statement in statements]
    assert _grants(policy) == _grants(asked)
    assert {statement["Effect"] for statement in policy} == {"Allow"}
    assert len(policy) == 3, "one for all resources, one for the buckets, one for those under a condition"


def test_the_policy_shown_is_the_policy_given(sixty: Plan) -> None:
    """Who reviews `iam_policy_json` reviews what is in force."""
    assert sixty.values["aws_iam_role_policy.metrics"]["policy"] == sixty.outputs["iam_policy_json"]


def test_each_metrics_permissions_are_told_apart(sixty: Plan) -> None:
    """So that a reviewer sees which metric a permission is for."""
    assert set(sixty.outputs["metric_permissions"]) == set(SIXTY)


def test_placeholders_are_filled_from_account_and_variables(sixty: Plan) -> None:
    """Wherever they stand, conditions too: an unfilled one there would never match, or match anything."""
    text = json.dumps(sixty.outputs["iam_policy_json"])
    assert "**" not in text
    assert "arn:aws:s3:::models-111111111111-eu-west-1" in text
    assert "arn:aws:s3:::data-Project1-dev" in text
    assert '{"s3:prefix": ["Project1/*"]}' in text


def test_arguments_fill_permissions(filled: Plan) -> None:
    """Given ones and defaults, each instance its own."""
    permissions = filled.outputs["metric_permissions"]
    assert permissions["Data"] == [
        {
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::data-Project1-dev"],
            "Condition": {"StringEquals": {"aws:ResourceAccount": "111111111111"}},
        }
    ]
    assert permissions["Models"][0]["Resource"] == ["arn:aws:s3:::models-Project1-dev"]


def test_a_parameters_slash_is_not_doubled(filled: Plan) -> None:
    """`parameter//team/x` names nothing, and the call would be denied."""
    permissions = filled.outputs["metric_permissions"]
    assert permissions["Deep"][0]["Resource"] == [f"{PARAMETERS}/team/x"]
    assert permissions["Plain"][0]["Resource"] == [f"{PARAMETERS}/x"]


def test_a_value_cannot_break_out_of_its_string(filled: Plan) -> None:
    """Policies are filled as text; a quote in an argument must not become a second resource."""
    assert filled.outputs["metric_permissions"]["Quoted"][0]["Resource"] == [f'{PARAMETERS}/a"b\\c<d>']


def test_arguments_reach_the_function_as_they_were_given(filled: Plan) -> None:
    """With their leading slash: the filter is for the ARN alone."""
    environment = filled.values[FUNCTION]["environment"][0]["variables"]
    assert environment["DS_DASHBOARD_METRIC_INSTANCES"]["Deep"]["arguments"] == {"parameter_name": "/team/x"}


def test_a_function_without_metrics_may_report_and_nothing_else(planned: Plan) -> None:
    """The base permissions are events on its own bus."""
    statements = planned.case("other-spoke").outputs["iam_policy_json"]["Statement"]
    assert _grants(statements) == {("events:PutEvents", BUS.replace("ds-dashboard", "other"), "null")}


@pytest.mark.parametrize("case", [f"{LONGEST}-hub", f"{LONGEST}-spoke", "hub-everything", "spoke-everything"])
def test_what_people_need_fits_into_a_managed_policy(planned: Plan, case: str) -> None:
    """6,144 characters; the statements of a key and a boundary are about 500 of them."""
    outputs = planned.case(case).outputs
    sizes = [len(json.dumps(outputs[name], separators=(",", ":"))) for name in outputs if name in FOR_PEOPLE]
    assert sizes
    assert max(sizes) < 6144 - 500
