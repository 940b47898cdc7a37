"""Names of resources: unique to an installation, and within the limits of the services."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .cases import LONGEST, SHORT
from .planner import Plan

MODULES = ("hub", "spoke", "connection")
# Parts of other resources.
INNER = (
    "aws_iam_role_policy.",
    "aws_lambda_permission.",
    "aws_lambda_function_event_invoke_config.",
    "aws_s3_bucket_",
    "terraform_data.",
)
NAMES = ("alarm_name", "dashboard_name", "function_name", "bucket", "name")
LIMITS = {
    "aws_cloudwatch_dashboard": 255,
    "aws_cloudwatch_event_bus": 256,
    "aws_cloudwatch_event_rule": 64,
    "aws_cloudwatch_log_group": 512,
    "aws_cloudwatch_metric_alarm": 255,
    "aws_dynamodb_table": 255,
    "aws_iam_role": 64,
    "aws_lambda_function": 64,
    "aws_s3_bucket": 63,
    "aws_scheduler_schedule": 64,
    "aws_scheduler_schedule_group": 64,
    "aws_sqs_queue": 80,
    "aws_ssm_parameter": 1011,
}
REGION, LONGEST_REGION = "eu-west-1", "ap-northeast-3"


def _names(planned: Plan, installation: str) -> list[tuple[str, str]]:
    """Return type and name of all resources of an installation."""
    return [
        (re.findall(r"(aws_\w+)\.", address)[-1], name)
        for module in MODULES
        for address, values in planned.case(f"{installation}-{module}").values.items()
        if not any(inner in address for inner in INNER)
        for name in [next((values[key] for key in NAMES if values.get(key)), None)]
        if name
    ]


def test_two_installations_share_no_name(planned: Plan) -> None:
    """Otherwise, the second one in an account fails or overwrites resources of the first."""
    one, other = _names(planned, LONGEST), _names(planned, SHORT)
    assert len(one) == len(other) > 40
    assert set(one) & set(other) == set()
    assert len(set(one)) == len(one), "no module uses a name of another"


def test_a_rename_leaves_nothing_of_the_default(planned: Plan) -> None:
    """A hard-coded name is visible only if the installation has another name."""
    described = {"alarm_description", "description"}  # they contain the name of the command
    for module in MODULES:
        for address, values in planned.case(f"{SHORT}-{module}").values.items():
            text = json.dumps({key: value for key, value in values.items() if key not in described})
            assert "ds-dashboard" not in text, address


def test_the_longest_name_is_allowed_in_the_longest_region(planned: Plan) -> None:
    """The validation of `name` promises it. A service would reject a longer name in the middle of an apply."""
    for kind, name in _names(planned, LONGEST):
        assert len(name.replace(REGION, LONGEST_REGION)) <= LIMITS[kind], (kind, name)


def test_role_names_carry_the_region(planned: Plan) -> None:
    """IAM is global: a second region of the same account would need the same names."""
    roles = [name for kind, name in _names(planned, SHORT) if kind == "aws_iam_role"]
    assert len(roles) == 10
    assert all(name.startswith(f"{SHORT}-{REGION}-") for name in roles)


@pytest.mark.parametrize("case", ["hub-everything", "spoke-everything", "connection-both"])
@pytest.mark.parametrize(
    ("attribute", "value"),
    [("tags", {"team": "a"}), ("alarm_actions", ["arn:aws:sns:eu-west-1:111111111111:alarms"])],
    ids=["tags", "alarm_actions"],
)
def test_resources_that_support_tags_and_actions_have_them(
    planned: Plan, case: str, attribute: str, value: Any
) -> None:
    """A resource without its tags cannot be found on the bill."""
    supporting = {address: values for address, values in planned.case(case).values.items() if attribute in values}
    assert supporting
    assert [address for address, values in supporting.items() if values[attribute] != value] == []
