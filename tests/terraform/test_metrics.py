"""The metrics of a spoke: families, arguments that a refresh can set, and all of them at once."""

from __future__ import annotations

import json

import pytest

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import policy

from .cases import EVERY_METRIC
from .planner import FIXTURES, Plan

FUNCTION = "aws_lambda_function.extractor"
QUEUES = "arn:aws:sqs:eu-west-1:111111111111"


@pytest.fixture
def filled(planned: Plan) -> Plan:
    return planned.case("filled")


def test_permissions_cover_each_value_that_a_refresh_can_set(filled: Plan) -> None:
    """And no other: each value is a resource of its own, under the same condition."""
    permissions = filled.outputs["metric_permissions"]
    assert [one["Resource"] for one in permissions["Regions"]] == [
        [f"arn:aws:s3:::{prefix}-Project1-dev"] for prefix in ("models", "data", "logs")
    ]
    assert {json.dumps(one["Condition"]) for one in permissions["Regions"]} == {
        '{"StringEquals": {"aws:ResourceAccount": "111111111111"}}'
    }
    assert [one["Resource"] for one in permissions["TwoQueues"]] == [[f"{QUEUES}:a"], [f"{QUEUES}:b"], ["*"]]


def test_an_optional_argument_narrows_a_permission_when_it_is_given(filled: Plan) -> None:
    """Without it, the statement is as broad as the resource allows."""
    permissions = filled.outputs["metric_permissions"]
    assert [one["Resource"] for one in permissions["OneQueue"]] == [[f"{QUEUES}:a"], ["*"]]
    assert permissions["EveryQueue"][0]["Resource"] == [f"{QUEUES}:*"]


def test_the_function_gets_the_values_that_a_refresh_can_set(filled: Plan) -> None:
    """For an instance that allows none, the variable is as short as before: its size is limited."""
    instances = filled.values[FUNCTION]["environment"][0]["variables"]["DS_DASHBOARD_METRIC_INSTANCES"]
    assert instances["EveryQueue"]["at_runtime"] == {"queue": ["a"], "hours": ["*"]}
    assert instances["OneQueue"] == {"class": "QueueAge", "arguments": {"queue": "a"}}


def test_a_family_stands_for_its_metrics_without_required_arguments(planned: Plan) -> None:
    """An instance replaces the member with its name, and a member that is listed as well is one metric."""
    families = planned.case("families")
    environment = families.values[FUNCTION]["environment"][0]["variables"]
    names = ["TotalCompletedTrainingJobs", "QueueAge", "CompletedTrainingJobs24h"]
    assert environment["DS_DASHBOARD_METRICS"] == names
    assert families.outputs["metrics"] == sorted([*names, "TaggedBuckets"])
    assert set(families.outputs["metric_permissions"]) == {*names, "TaggedBuckets"}
    assert families.outputs["metric_permissions"]["TaggedBuckets"][0]["Resource"] == [
        "arn:aws:s3:::models-Project1-dev"
    ]


def test_the_command_expands_a_family_like_the_plan() -> None:
    """`ds-dashboard metrics --policy @custom` is read before an apply. A plan rejects what the command rejects."""
    metrics = json.loads((FIXTURES / "metrics.json").read_text())["metrics"]
    assert policy.expand(["@training", "@queues"], metrics, as_in_a_spoke=True) == [
        *("CompletedTrainingJobs24h", "TotalCompletedTrainingJobs", "QueueAge")
    ]
    with pytest.raises(UserError, match="has only metrics that need arguments"):
        policy.expand(["@custom"], metrics, as_in_a_spoke=True)


def test_every_metric_of_the_repository_fits_into_one_spoke(planned: Plan) -> None:
    """The plan itself checks the limits of IAM and of the function's environment. A quarter stays for arguments."""
    every = planned.case("every-metric")
    assert set(every.outputs["metrics"]) == set(EVERY_METRIC)
    policy = json.dumps(every.outputs["iam_policy_json"], separators=(",", ":"))
    environment = json.dumps(every.values[FUNCTION]["environment"][0]["variables"], separators=(",", ":"))
    print(f"{len(EVERY_METRIC)} metrics: a policy of {len(policy)} and an environment of {len(environment)} characters")
    assert len(policy) < 0.75 * 10_240
    assert len(environment) < 4096
