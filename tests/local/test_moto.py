"""The services that metrics read: moto answers, authorized and paged as on AWS."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow


def model(account: Account, name: str) -> None:
    account.sagemaker.create_model(ModelName=name, ExecutionRoleArn=f"arn:aws:iam::{account.id}:role/any")


def training_job(account: Account, name: str) -> None:
    account.sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=f"arn:aws:iam::{account.id}:role/any",
        AlgorithmSpecification={"TrainingImage": "i", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )


def test_accounts_and_regions_have_resources_of_their_own(local_cloud: Any, account: Account, other: Account) -> None:
    elsewhere = Account(local_cloud, account.id, "us-east-1")
    model(account, "m")
    assert [found["ModelName"] for found in account.sagemaker.list_models()["Models"]] == ["m"]
    assert elsewhere.sagemaker.list_models()["Models"] == []
    assert other.sagemaker.list_models()["Models"] == []


def test_a_list_has_ten_items_a_page_by_default(account: Account) -> None:
    """A client that reads one page counts ten of everything, which fewer resources do not show."""
    for number in range(12):
        model(account, f"m{number}")
    first = account.sagemaker.list_models()
    second = account.sagemaker.list_models(NextToken=first["NextToken"])
    assert (len(first["Models"]), len(second["Models"])) == (10, 2)
    assert "NextToken" not in second
    assert len(account.sagemaker.list_models(MaxResults=100)["Models"]) == 12
    assert len(account.sagemaker.list_models(MaxResults=3)["Models"]) == 3
    pages = account.sagemaker.get_paginator("list_models").paginate(PaginationConfig={"PageSize": 5})
    assert [len(page["Models"]) for page in pages] == [5, 5, 2]


def test_a_page_has_a_hundred_items_at_most(account: Account) -> None:
    with pytest.raises(ClientError, match="less than or equal to 100"):
        account.sagemaker.list_models(MaxResults=101)


def test_training_jobs_are_filtered_after_the_page_is_cut(account: Account) -> None:
    """A page can be empty and more can follow: a client that stops at an empty page counts nothing."""
    for number in range(12):
        training_job(account, f"job-{number}")
    (status,) = {job["TrainingJobStatus"] for job in account.sagemaker.list_training_jobs()["TrainingJobSummaries"]}
    other = "Failed" if status != "Failed" else "Stopped"
    page = account.sagemaker.list_training_jobs(StatusEquals=other)
    assert page["TrainingJobSummaries"] == []
    assert "NextToken" in page
    pages = account.sagemaker.get_paginator("list_training_jobs").paginate(StatusEquals=status)
    assert sum(len(page["TrainingJobSummaries"]) for page in pages) == 12


def test_a_list_needs_its_action_on_all_resources(account: Account) -> None:
    """A list has no resource on AWS: an ARN in the policy does not allow it."""
    account.role("metric")
    sagemaker = account.as_role("sagemaker", "metric")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:ListEndpoints"):
        sagemaker.list_endpoints()
    account.permit("metric", allow("sagemaker:ListEndpoints", account.arn("sagemaker", "endpoint/*")))
    with pytest.raises(ClientError, match="AccessDenied"):
        sagemaker.list_endpoints()
    account.permit("metric", allow("sagemaker:ListEndpoints"))
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_a_description_is_allowed_by_resource(account: Account) -> None:
    training_job(account, "mine-1")
    training_job(account, "other-1")
    resource = account.arn("sagemaker", "training-job/mine-*")
    account.role("metric", allow("sagemaker:DescribeTrainingJob", resource))
    sagemaker = account.as_role("sagemaker", "metric")
    assert sagemaker.describe_training_job(TrainingJobName="mine-1")["TrainingJobStatus"]
    with pytest.raises(ClientError, match=r"DescribeTrainingJob on resource: .*training-job/other-1"):
        sagemaker.describe_training_job(TrainingJobName="other-1")


def test_a_call_is_allowed_by_condition(account: Account) -> None:
    region = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    account.role("metric", allow("sagemaker:ListModels", Condition=region))
    arn = f"arn:aws:iam::{account.id}:role/metric"
    with pytest.raises(ClientError, match="AccessDenied"):
        account.cloud.client_as_role("sagemaker", arn).list_models()
    assert account.cloud.client_as_role("sagemaker", arn, "us-east-1").list_models()["Models"] == []


def describe_file_systems(client: Any) -> Any:
    return client.describe_file_systems()


def get_quota(client: Any) -> Any:
    return client.get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")


def cost(client: Any) -> Any:
    period = {"Start": "2026-01-01", "End": "2026-01-02"}
    return client.get_cost_and_usage(TimePeriod=period, Granularity="DAILY", Metrics=["UnblendedCost"])


def quotas(client: Any) -> Any:
    return client.list_aws_default_service_quotas(ServiceCode="vpc")


@pytest.mark.parametrize(
    ("service", "action", "call"),
    [
        ("service-quotas", "servicequotas:ListAWSDefaultServiceQuotas", quotas),
        ("ce", "ce:GetCostAndUsage", cost),
        ("sagemaker", "sagemaker:ListPipelines", lambda c: c.list_pipelines()),
        ("guardduty", "guardduty:ListDetectors", lambda c: c.list_detectors()),
        ("emr-serverless", "emr-serverless:ListApplications", lambda c: c.list_applications()),
        ("codepipeline", "codepipeline:ListPipelines", lambda c: c.list_pipelines()),
    ],
)
def test_every_service_is_denied_without_its_action_and_answered_with_it(
    account: Account, service: str, action: str, call: Any
) -> None:
    """A denial is a failure and never a zero, for every service that a metric reads."""
    account.role("metric")
    client = account.as_role(service, "metric")
    with pytest.raises(ClientError, match=f"not authorized to perform: {action}"):
        call(client)
    account.permit("metric", allow(action))
    call(client)


def test_budgets_are_read_with_the_permission_to_view_them(account: Account) -> None:
    """The operations have other names than the action, and the ARNs of budgets have no region."""
    account.role("metric")
    client = account.as_role("budgets", "metric")
    for statement in (allow("budgets:DescribeBudgets"), allow("budgets:ViewBudget", "arn:aws:budgets:*:*:other/*")):
        account.permit("metric", statement)
        with pytest.raises(ClientError, match="not authorized to perform: budgets:ViewBudget"):
            client.describe_budgets(AccountId=account.id)
    account.permit("metric", allow("budgets:ViewBudget", f"arn:aws:budgets::{account.id}:budget/*"))
    assert client.describe_budgets(AccountId=account.id)["Budgets"] == []


@pytest.mark.parametrize(
    ("service", "action", "resource", "call"),
    [
        ("ecr", "ecr:DescribeRepositories", "ecr:{}:repository/*", lambda c: c.describe_repositories()),
        ("efs", "elasticfilesystem:DescribeFileSystems", "elasticfilesystem:{}:file-system/*", describe_file_systems),
        ("securityhub", "securityhub:GetFindings", "securityhub:{}:hub/default", lambda c: c.get_findings()),
        ("service-quotas", "servicequotas:GetServiceQuota", "servicequotas:{}:vpc/L-F678F1CE", get_quota),
    ],
)
def test_a_read_is_authorized_on_the_resources_that_aws_documents(
    account: Account, service: str, action: str, resource: str, call: Any
) -> None:
    """A metric names them, which is less than `*`."""
    account.role("metric")
    client = account.as_role(service, "metric")
    arn = f"arn:aws:{resource.format(f'eu-west-1:{account.id}')}"
    account.permit("metric", allow(action, arn.replace("eu-west-1", "eu-west-2")))
    with pytest.raises(ClientError, match=f"{action} on resource: {re.escape(arn)}"):
        call(client)
    account.permit("metric", allow(action, arn))
    call(client)
