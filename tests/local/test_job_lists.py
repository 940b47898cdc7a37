"""SageMaker's lists of jobs, pipeline executions and Studio apps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local import LocalCloudError
from ds_dashboard_local.client.accounts import Account, allow

from .jobs import START, training_job


def names(account: Account, **arguments: Any) -> list[str]:
    listed = account.sagemaker.list_training_jobs(**arguments)["TrainingJobSummaries"]
    return [job["TrainingJobName"] for job in listed]


def test_training_jobs_are_sorted_over_all_pages(account: Account) -> None:
    """A reader that stops at the first job that is too old would stop in the middle of an unsorted list."""
    for number in (3, 0, 11, 7, 1, 2, 5, 4, 10, 9, 8, 6):
        training_job(account, f"job-{number:02}", number)
    newest = [f"job-{number:02}" for number in range(11, -1, -1)]
    assert names(account, SortBy="CreationTime", SortOrder="Descending") == newest[:10]
    pages = account.sagemaker.get_paginator("list_training_jobs").paginate(
        SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 5}
    )
    assert [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]] == newest
    assert names(account, SortBy="Name", MaxResults=3) == ["job-00", "job-01", "job-02"]
    assert names(account, MaxResults=2) == ["job-00", "job-01"]


def test_training_jobs_are_sorted_by_status(account: Account) -> None:
    training_job(account, "a", TrainingJobStatus="Stopped")
    training_job(account, "b", TrainingJobStatus="Failed")
    assert names(account, SortBy="Status") == ["b", "a"]
    with pytest.raises(ClientError, match="must be one of Name, CreationTime, Status"):
        names(account, SortBy="Age")


def test_the_summary_of_a_training_job_says_how_it_ended(account: Account) -> None:
    """The end of a job that runs is absent: it is not null, and it is not the time of its creation."""
    warm = {"Status": "Available", "ResourceRetainedBillableTimeInSeconds": 30}
    ended = START + timedelta(hours=1)
    training_job(account, "runs", TrainingJobStatus="InProgress", SecondaryStatus="Training", TrainingEndTime=None)
    training_job(
        account,
        "stopped",
        TrainingJobStatus="Stopped",
        SecondaryStatus="MaxRuntimeExceeded",
        TrainingEndTime=ended,
        WarmPoolStatus=warm,
    )
    runs, stopped = account.sagemaker.list_training_jobs(SortBy="Name")["TrainingJobSummaries"]
    assert (runs["SecondaryStatus"], "TrainingEndTime" in runs) == ("Training", False)
    assert (stopped["SecondaryStatus"], stopped["TrainingEndTime"]) == ("MaxRuntimeExceeded", ended)
    assert stopped["WarmPoolStatus"] == warm
    assert names(account, WarmPoolStatusEquals="Available") == ["stopped"]


def test_training_jobs_are_filtered_by_name_and_times(account: Account) -> None:
    for number in range(4):
        training_job(account, f"{'even' if number % 2 == 0 else 'odd'}-{number}", number)
    assert names(account, NameContains="odd") == ["odd-1", "odd-3"]
    assert names(account, CreationTimeAfter=START + timedelta(hours=1)) == ["even-2", "odd-3"]
    assert names(account, CreationTimeBefore=START + timedelta(hours=1)) == ["even-0"]
    assert names(account, LastModifiedTimeAfter=START + timedelta(hours=2)) == ["odd-3"]


def test_transform_and_processing_jobs_are_sorted(account: Account) -> None:
    """Each list has its own order if none is requested."""
    arns = {}
    for number in range(2):
        arns[number] = account.sagemaker.create_transform_job(
            TransformJobName=f"t{number}",
            ModelName="m",
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/i"}}},
            TransformOutput={"S3OutputPath": "s3://b/o"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )["TransformJobArn"]
        arns[number + 2] = account.sagemaker.create_processing_job(
            ProcessingJobName=f"p{number}",
            RoleArn=f"arn:aws:iam::{account.id}:role/any",
            AppSpecification={"ImageUri": "i"},
            ProcessingResources={
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
            },
        )["ProcessingJobArn"]
    account.cloud.set_attributes({arns[number]: {"CreationTime": START + timedelta(hours=number)} for number in arns})
    account.cloud.set_attributes({arns[3]: {"ProcessingJobStatus": "Failed", "FailureReason": "out of memory"}})
    transforms = account.sagemaker.list_transform_jobs()["TransformJobSummaries"]
    assert [job["TransformJobName"] for job in transforms] == ["t1", "t0"]
    first, second = account.sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    assert (first["ProcessingJobName"], "FailureReason" in first) == ("p0", False)
    assert (second["ProcessingJobStatus"], second["FailureReason"]) == ("Failed", "out of memory")


def test_pipeline_executions_are_sorted_and_filtered(account: Account) -> None:
    sagemaker = account.sagemaker
    sagemaker.create_pipeline(
        PipelineName="p",
        PipelineDefinition="{}",
        ClientRequestToken="t" * 32,
        RoleArn=f"arn:aws:iam::{account.id}:role/r",
    )
    arns = [
        sagemaker.start_pipeline_execution(PipelineName="p", ClientRequestToken=f"{number}" * 32)[
            "PipelineExecutionArn"
        ]
        for number in range(3)
    ]
    for number, arn in enumerate(arns):
        account.cloud.set_attributes({arn: {"CreationTime": START + timedelta(hours=number)}})

    def listed(**arguments: Any) -> list[int]:
        found = sagemaker.list_pipeline_executions(PipelineName="p", **arguments)["PipelineExecutionSummaries"]
        assert all("PipelineExecutionFailureReason" not in each for each in found)
        return [arns.index(each["PipelineExecutionArn"]) for each in found]

    assert listed() == [2, 1, 0]
    assert listed(SortOrder="Ascending") == [0, 1, 2]
    assert listed(CreatedAfter=START, CreatedBefore=START + timedelta(hours=2)) == [1]


def test_models_and_notebook_instances_are_sorted_and_filtered(account: Account) -> None:
    """The engine ignores the times of both, and the order of models."""
    role = f"arn:aws:iam::{account.id}:role/any"
    for name in ("b", "c", "a"):
        account.sagemaker.create_model(ModelName=name, ExecutionRoleArn=role)
    models = account.sagemaker.list_models(SortBy="Name", SortOrder="Ascending")["Models"]
    assert [model["ModelName"] for model in models] == ["a", "b", "c"]
    newest = account.sagemaker.list_models(SortBy="CreationTime", MaxResults=2)["Models"]
    assert [model["ModelName"] for model in newest] == ["a", "c"]
    for number in range(3):
        arn = account.sagemaker.create_notebook_instance(
            NotebookInstanceName=f"n{number}", InstanceType="ml.t3.medium", RoleArn=role
        )["NotebookInstanceArn"]
        account.cloud.set_attributes({arn: {"LastModifiedTime": START + timedelta(hours=number)}})

    def notebooks(**arguments: Any) -> list[str]:
        found = account.sagemaker.list_notebook_instances(**arguments)["NotebookInstances"]
        return [each["NotebookInstanceName"] for each in found]

    assert notebooks(LastModifiedTimeBefore=START + timedelta(hours=1)) == ["n0"]
    assert notebooks(LastModifiedTimeAfter=START, SortBy="Name", SortOrder="Descending") == ["n2", "n1"]


def test_studio_apps_are_listed_with_their_state(account: Account) -> None:
    app = {"DomainId": "d-1", "UserProfileName": "ada", "AppType": "JupyterLab", "AppName": "default"}
    arn = account.sagemaker.create_app(**app, ResourceSpec={"InstanceType": "ml.t3.medium"})["AppArn"]
    account.cloud.set_attributes({arn: {"CreationTime": START}})
    (listed,) = account.sagemaker.list_apps(DomainIdEquals="d-1")["Apps"]
    assert (listed["Status"], listed["CreationTime"]) == ("InService", START)
    assert listed["ResourceSpec"] == {"InstanceType": "ml.t3.medium"}
    account.sagemaker.delete_app(**app)
    assert account.sagemaker.describe_app(**app)["Status"] == "Deleted"
    assert account.sagemaker.list_apps(DomainIdEquals="d-2")["Apps"] == []
    with pytest.raises(ClientError, match="does not exist"):
        account.sagemaker.describe_app(**{**app, "AppName": "other"})


def test_an_app_is_described_by_its_own_resource(account: Account) -> None:
    app = {"DomainId": "d-1", "UserProfileName": "ada", "AppType": "JupyterLab", "AppName": "default"}
    account.sagemaker.create_app(**app)
    account.role("metric", allow("sagemaker:DescribeApp", account.arn("sagemaker", "app/d-1/ada/jupyterlab/*")))
    assert account.as_role("sagemaker", "metric").describe_app(**app)["Status"] == "InService"
    with pytest.raises(ClientError, match="AccessDenied"):
        account.as_role("sagemaker", "metric").describe_app(**{**app, "UserProfileName": "bob"})


def test_attributes_of_the_past_are_described(account: Account) -> None:
    arn = training_job(account, "j", BillableTimeInSeconds=70, TrainingTimeInSeconds=100, TrainingStartTime=START)
    job = account.sagemaker.describe_training_job(TrainingJobName="j")
    assert (job["BillableTimeInSeconds"], job["TrainingTimeInSeconds"]) == (70, 100)
    assert job["TrainingStartTime"] == START.astimezone(UTC)
    account.cloud.set_attributes({arn: {"TrainingStartTime": None}})
    assert "TrainingStartTime" not in account.sagemaker.describe_training_job(TrainingJobName="j")


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"Billable": 1}, "has no Billable; it has TrainingJobName"),
        ({"BillableTimeInSeconds": "70"}, "'70', and not a integer"),
        ({"CreationTime": "2026-11-01T00:00:00"}, "which has no time zone; append Z"),
        ({"CreationTime": START.replace(tzinfo=None)}, "which has no time zone"),
    ],
)
def test_attributes_that_the_api_does_not_have_are_errors(
    account: Account, attributes: dict[str, Any], message: str
) -> None:
    """An attribute with a misspelled name would leave the test with data that it did not mean."""
    arn = training_job(account, "j")
    before = account.sagemaker.describe_training_job(TrainingJobName="j")
    with pytest.raises(LocalCloudError, match=message):
        account.cloud.set_attributes({arn: attributes})
    after = account.sagemaker.describe_training_job(TrainingJobName="j")
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}


def test_attributes_of_what_does_not_exist_are_errors(account: Account) -> None:
    for arn, message in (
        (account.arn("sagemaker", "training-job/none"), "there is no"),
        (account.arn("sagemaker", "domain/d-1"), "attributes of a domain cannot be set"),
        (account.arn("sqs", "queue"), "not the ARN of a resource of SageMaker"),
    ):
        with pytest.raises(LocalCloudError, match=message):
            account.cloud.set_attributes({arn: {"CreationTime": datetime.now(UTC)}})
