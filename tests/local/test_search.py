"""SageMaker's Search: operators, expressions, order, pages, and the number of hits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local import LocalCloud
from ds_dashboard_local.client.accounts import Account

from .jobs import START, text, training_job

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def searched(local_cloud: LocalCloud) -> Account:
    """Four training jobs, which all tests only read."""
    account = Account(local_cloud, "100000090001")
    training_job(account, "a", 0, BillableTimeInSeconds=10, rate="0.5", team="one", TrainingEndTime=START + HOUR)
    training_job(
        account, "b", 1, BillableTimeInSeconds=20, TrainingJobStatus="Failed", TrainingEndTime=START + 2 * HOUR
    )
    training_job(account, "c", 2, TrainingJobStatus="InProgress", TrainingEndTime=None, EnableManagedSpotTraining=True)
    training_job(
        account,
        "d",
        3,
        BillableTimeInSeconds=40,
        TrainingEndTime=START + 4 * HOUR,
        FinalMetricDataList=[{"MetricName": "accuracy", "Value": 0.9, "Timestamp": START}],
    )
    return account


def search(account: Account, *filters: tuple[str, ...], **arguments: Any) -> list[str]:
    named = [dict(zip(("Name", "Operator", "Value"), one, strict=False)) for one in filters]
    expression = {"SearchExpression": {"Filters": named}} if named else {}
    answer = account.sagemaker.search(
        Resource="TrainingJob", **{"SortBy": "TrainingJobName", "SortOrder": "Ascending", **expression, **arguments}
    )
    return [found["TrainingJob"]["TrainingJobName"] for found in answer["Results"]]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("TrainingJobStatus", "Equals", "Failed")], "b"),
        ([("TrainingJobStatus", "NotEquals", "Completed")], "bc"),
        ([("TrainingJobStatus", "In", "InProgress,Stopping,Failed")], "bc"),
        ([("TrainingJobStatus", "Contains", "Progress")], "c"),
        ([("BillableTimeInSeconds", "GreaterThan", "20")], "d"),
        ([("BillableTimeInSeconds", "GreaterThanOrEqualTo", "20")], "bd"),
        ([("BillableTimeInSeconds", "LessThan", "20")], "a"),
        ([("BillableTimeInSeconds", "LessThanOrEqualTo", "20")], "ab"),
        ([("BillableTimeInSeconds", "Equals", "40")], "d"),
        ([("TrainingEndTime", "GreaterThanOrEqualTo", text(START + 2 * HOUR))], "bd"),
        ([("TrainingEndTime", "LessThan", text(START + 2 * HOUR))], "a"),
        ([("TrainingEndTime", "Exists")], "abd"),
        ([("TrainingEndTime", "NotExists")], "c"),
        ([("EnableManagedSpotTraining", "Equals", "true")], "c"),
        ([("ResourceConfig.InstanceType", "Equals", "ml.m5.large")], "abcd"),
        ([("Metrics.accuracy", "GreaterThan", "0.8")], "d"),
        ([("Tags.team", "Equals", "one")], "a"),
        ([("HyperParameters.learning_rate", "GreaterThan", "0.2")], "a"),
        ([("TrainingEndTime", "Exists"), ("TrainingJobStatus", "Equals", "Completed")], "ad"),
    ],
)
def test_every_operator_compares_by_the_type_of_its_property(
    searched: Account, filters: list[tuple[str, ...]], found: str
) -> None:
    """The engine compares for equality instead, so that every window is empty."""
    assert "".join(search(searched, *filters)) == found


def test_expressions_are_combined(searched: Account) -> None:
    failed = {"Filters": [{"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Failed"}]}
    long_ones = {"Filters": [{"Name": "BillableTimeInSeconds", "Operator": "GreaterThan", "Value": "30"}]}
    either = {"SubExpressions": [failed, long_ones], "Operator": "Or"}
    both = {"SubExpressions": [failed, long_ones]}
    nested = {
        "NestedFilters": [
            {
                "NestedPropertyName": "FinalMetricDataList",
                "Filters": [
                    {"Name": "FinalMetricDataList.MetricName", "Operator": "Equals", "Value": "accuracy"},
                    {"Name": "FinalMetricDataList.Value", "Operator": "GreaterThan", "Value": "0.5"},
                ],
            }
        ]
    }
    assert search(searched, SearchExpression=either) == ["b", "d"]
    assert search(searched, SearchExpression=both) == []
    assert search(searched, SearchExpression=nested) == ["d"]


def test_results_are_sorted(searched: Account) -> None:
    assert search(searched, SortBy="CreationTime", SortOrder="Descending") == ["d", "c", "b", "a"]
    assert search(searched, SortBy="BillableTimeInSeconds", SortOrder="Descending") == ["d", "b", "a", "c"]
    found = searched.sagemaker.search(Resource="TrainingJob")["Results"]
    assert [each["TrainingJob"]["TrainingJobName"] for each in found] == ["d", "c", "b", "a"]


def test_results_have_pages_and_the_number_of_all_hits(new_account: Callable[[], Account]) -> None:
    """A metric that needs a number only reads it from one result."""
    account = new_account()
    for number in range(12):
        training_job(account, f"job-{number:02}", number)
    first = account.sagemaker.search(Resource="TrainingJob")
    assert (len(first["Results"]), first["TotalHits"]) == (10, {"Value": 12, "Relation": "EqualTo"})
    second = account.sagemaker.search(Resource="TrainingJob", NextToken=first["NextToken"])
    assert (len(second["Results"]), "NextToken" in second) == (2, False)
    one = account.sagemaker.search(Resource="TrainingJob", MaxResults=1)
    assert (len(one["Results"]), one["TotalHits"]["Value"]) == (1, 12)


def test_results_have_the_arn_and_the_details_of_the_description(searched: Account) -> None:
    filters = [{"Name": "TrainingJobName", "Value": "a"}]
    answer = searched.sagemaker.search(Resource="TrainingJob", SearchExpression={"Filters": filters})
    (found,) = answer["Results"]
    job, described = found["TrainingJob"], searched.sagemaker.describe_training_job(TrainingJobName="a")
    compared = ("TrainingJobArn", "CreationTime", "TrainingEndTime", "BillableTimeInSeconds", "ResourceConfig")
    assert {name: job[name] for name in compared} == {name: described[name] for name in compared}


def test_other_resources_are_found(account: Account) -> None:
    sagemaker = account.sagemaker
    sagemaker.create_pipeline(
        PipelineName="p",
        PipelineDefinition="{}",
        ClientRequestToken="t" * 32,
        RoleArn=f"arn:aws:iam::{account.id}:role/r",
    )
    arn = sagemaker.start_pipeline_execution(PipelineName="p", ClientRequestToken="u" * 32)["PipelineExecutionArn"]
    account.cloud.set_attributes({arn: {"PipelineExecutionStatus": "Failed", "CreationTime": START}})
    filters = [{"Name": "PipelineExecutionStatus", "Operator": "Equals", "Value": "Failed"}]
    answer = sagemaker.search(Resource="PipelineExecution", SearchExpression={"Filters": filters})
    (found,) = answer["Results"]
    assert found["PipelineExecution"]["PipelineExecutionArn"] == arn
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    package = sagemaker.create_model_package(ModelPackageGroupName="g", ModelApprovalStatus="PendingManualApproval")
    filters = [{"Name": "ModelApprovalStatus", "Operator": "Equals", "Value": "PendingManualApproval"}]
    answer = sagemaker.search(Resource="ModelPackage", SearchExpression={"Filters": filters})
    assert answer["Results"][0]["ModelPackage"]["ModelPackageArn"] == package["ModelPackageArn"]
    assert sagemaker.search(Resource="HyperParameterTuningJob")["TotalHits"]["Value"] == 0


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([("TrainingStatus", "Equals", "Failed")], "Unknown property name: TrainingStatus"),
        ([("TrainingJobStatus", "GreaterThan", "A")], "not supported for TrainingJobStatus"),
        ([("BillableTimeInSeconds", "In", "1,2")], "not supported for BillableTimeInSeconds"),
        ([("TrainingEndTime", "LessThan", "2026-11-01T00:00:00Z")], "is not of the format yyyy-MM-dd'T'HH:mm:ss"),
        ([("TrainingEndTime", "LessThan")], "has no value"),
        ([("TrainingJobName", "Contains", "a"), ("TrainingJobStatus", "Contains", "F")], "usage limit of 1 exceeded"),
        ([("TrainingJobName", "StartsWith", "a")], "must be one of Equals"),
        ([("TrainingJobName", "Equals", "a")] * 21, "less than or equal to 20"),
    ],
)
def test_an_invalid_expression_is_rejected(searched: Account, filters: list[tuple[str, ...]], message: str) -> None:
    """A filter that matches nothing would look like an account without jobs."""
    with pytest.raises(ClientError, match=message):
        search(searched, *filters)
