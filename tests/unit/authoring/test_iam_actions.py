"""The IAM action of each API call."""

from __future__ import annotations

import botocore.session
import pytest

from ds_dashboard_cli.authoring import iam_actions, iam_reference


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("sagemaker", "ListEndpoints", "sagemaker:ListEndpoints"),
        ("cloudwatch", "GetMetricData", "cloudwatch:GetMetricData"),
        ("resourcegroupstaggingapi", "GetResources", "tag:GetResources"),
        ("emr", "ListClusters", "elasticmapreduce:ListClusters"),
        ("stepfunctions", "ListExecutions", "states:ListExecutions"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("securityhub", "GetFindingsV2", "securityhub:GetFindings"),
        ("securityhub", "GetFindingStatisticsV2", "securityhub:GetAdhocInsightResults"),
        ("accessanalyzer", "ListFindingsV2", "access-analyzer:ListFindings"),
        ("apigateway", "GetRestApis", "apigateway:GET"),
        ("budgets", "DescribeBudgets", "budgets:ViewBudget"),
        ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    ],
)
def test_a_call_needs_the_action_that_aws_documents(service: str, operation: str, action: str) -> None:
    """The name of the operation alone is wrong for many, and IAM accepts a policy with an action that does nothing."""
    assert iam_actions.needed(service, operation) == {action}


def test_an_operation_that_nobody_documents_has_no_action() -> None:
    """A guess would let a metric pass the check and fail in the spoke."""
    assert iam_actions.needed("bedrock-runtime", "Converse") == frozenset()


@pytest.mark.parametrize("exception", iam_actions.EXCEPTIONS)
def test_each_exception_of_ours_is_an_operation_and_an_action(exception: tuple[str, str]) -> None:
    """Nothing generates this table, so nothing else would notice a misspelled entry."""
    service, operation = exception
    assert operation in botocore.session.get_session().get_service_model(service).operation_names
    assert iam_reference.exists(iam_actions.EXCEPTIONS[exception])
    prefix = iam_actions.EXCEPTIONS[exception].partition(":")[0]
    assert not iam_reference.exists(f"{prefix}:{operation}"), "the reference has this action now: remove the exception"


def test_the_documented_actions_are_up_to_date() -> None:
    """`make lint` checks this too; here, a change of policy_sentry's version is noticed by the tests alone."""
    from ds_dashboard_dev import operation_actions

    for path, text in operation_actions.rendered().items():
        assert path.read_text() == text, f"Run: {operation_actions.COMMAND}"
