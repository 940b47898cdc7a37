"""Training jobs: every status, the edges of the window, spot, heterogeneous clusters, jobs without instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
from moto.sagemaker.models import sagemaker_backends
from tests.support.search import search

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Scenario

ACCOUNT, REGION = "123456789012", "eu-west-1"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
M5 = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
G5 = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
# The fields of the cluster itself are absent in a heterogeneous one.
GROUPS = {
    "VolumeSizeInGB": 1,
    "InstanceGroups": [
        {"InstanceGroupName": "data", "InstanceType": "ml.m5.large", "InstanceCount": 3},
        {"InstanceGroupName": "train", "InstanceType": "ml.g5.xlarge", "InstanceCount": 1},
    ],
}
SELECTED = {**M5, "SelectedInstanceType": "ml.p4d.24xlarge", "SelectedInstanceCount": 4}


def job(
    name: str,
    status: str,
    *,
    ended: datetime | None = None,
    created: datetime | None = None,
    started: datetime | None = None,
    config: Mapping[str, Any] = M5,
    seconds: int = 0,
    billable: int | None = None,
    spot: bool = False,
) -> dict[str, Any]:
    """Return a job as Search describes it."""
    begin = created or (ended or NOW) - 2 * HOUR
    record = {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}",
        "TrainingJobStatus": status,
        "CreationTime": begin,
        "LastModifiedTime": ended or NOW,
        "TrainingStartTime": started,
        "TrainingEndTime": ended,
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": billable,
        "EnableManagedSpotTraining": spot,
        "ResourceConfig": config,
    }
    return {key: value for key, value in record.items() if value is not None}


JOBS = [
    job("just-now", "Completed", ended=NOW - SECOND, seconds=100, billable=100),
    job("at-the-start", "Completed", ended=NOW - DAY, seconds=60, billable=60, config=GROUPS),
    job("before-the-start", "Completed", ended=NOW - DAY - timedelta(microseconds=1), seconds=999, billable=999),
    job("at-the-end", "Completed", ended=NOW, seconds=999, billable=999),
    job("spot", "Completed", ended=NOW - HOUR, seconds=1000, billable=300, spot=True, config=SELECTED),
    job("failed", "Failed", ended=NOW - 3 * HOUR, seconds=50, billable=50, config=G5),
    # It failed before it had instances.
    job("failed-early", "Failed", ended=NOW - 3 * HOUR, config={"VolumeSizeInGB": 1}),
    job("stopped", "Stopped", ended=NOW - 4 * HOUR, seconds=70, billable=70),
    job("created-long-ago", "Completed", created=NOW - 6 * DAY, ended=NOW - HOUR, seconds=10, billable=10),
    job("runs", "InProgress", started=NOW - HOUR, config=GROUPS),
    job("stopping", "Stopping", started=NOW - 30 * HOUR, created=NOW - 31 * HOUR),
    job("waits", "InProgress", created=NOW - HOUR, config=G5),
    job("old", "Completed", ended=NOW - 40 * DAY, seconds=5, billable=5),
]
for one in JOBS:
    if "TrainingEndTime" in one and one["ResourceConfig"] != {"VolumeSizeInGB": 1}:
        one.setdefault("TrainingStartTime", one["CreationTime"] + timedelta(seconds=90))


def summaries(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Answer ListTrainingJobs: newest first if that is requested, with the filters of AWS."""
    fields = ("TrainingJobName", "TrainingJobArn", "TrainingJobStatus", "CreationTime", "TrainingEndTime")
    found = [{key: one[key] for key in fields if key in one} for one in JOBS]
    if "StatusEquals" in parameters:
        found = [one for one in found if one["TrainingJobStatus"] == parameters["StatusEquals"]]
    if "NameContains" in parameters:
        found = [one for one in found if parameters["NameContains"] in one["TrainingJobName"]]
    found.sort(key=lambda one: one["CreationTime"], reverse=parameters.get("SortOrder") == "Descending")
    return {"TrainingJobSummaries": found}


def in_window(one: Mapping[str, Any], time: str = "TrainingEndTime") -> bool:
    """Return whether a time of a job is in the last 24 hours."""
    return time in one and NOW - DAY <= one[time] < NOW


def ended(status: str, look_back: timedelta = 5 * DAY) -> int:
    """Count as the listing metrics must."""
    return sum(
        1
        for one in JOBS
        if one["TrainingJobStatus"] == status and in_window(one) and one["CreationTime"] >= NOW - look_back
    )


def counts_of(config: Mapping[str, Any]) -> dict[str, int]:
    """Return the instances of each configuration of this file."""
    known = [
        (M5, {"ml.m5.large": 2}),
        (G5, {"ml.g5.xlarge": 1}),
        (GROUPS, {"ml.m5.large": 3, "ml.g5.xlarge": 1}),
        (SELECTED, {"ml.p4d.24xlarge": 4}),
    ]
    return next((counts for one, counts in known if one == config), {})


def by_type(amount: Any, jobs: list[dict[str, Any]]) -> Counter[str]:
    """Return amount x instances of each job, summed by type."""
    total: Counter[str] = Counter()
    for one in jobs:
        for kind, count in counts_of(one["ResourceConfig"]).items():
            total[kind] += amount(one) * count
    return total


ENDED = [one for one in JOBS if in_window(one)]
ACTIVE = [one for one in JOBS if one["TrainingJobStatus"] in ("InProgress", "Stopping")]
STARTED = [one for one in JOBS if in_window(one, "TrainingStartTime")]
BILLABLE = by_type(lambda one: one.get("BillableTimeInSeconds", 0), ENDED)
SAVED = by_type(
    lambda one: one["TrainingTimeInSeconds"] - one["BillableTimeInSeconds"],
    [one for one in ENDED if one["EnableManagedSpotTraining"]],
)
IN_USE = by_type(lambda one: 1, ACTIVE)


def mean_wait(kind: str | None = None) -> Decimal:
    """Return the mean time from creation to start, of all jobs or of those with an instance type."""
    waits = [
        (one["TrainingStartTime"] - one["CreationTime"]).total_seconds()
        for one in STARTED
        if kind is None or kind in counts_of(one["ResourceConfig"])
    ]
    return Decimal(str(round(sum(waits) / len(waits), 3))).normalize()


SEARCH = {"sagemaker.search": search("TrainingJob", JOBS)}
LIST = {"sagemaker.list_training_jobs": summaries}
NEWEST = "created-long-ago"


def described(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Answer DescribeTrainingJob."""
    return {
        "TrainingJobName": parameters["TrainingJobName"],
        "FinalMetricDataList": [
            {"MetricName": "validation:accuracy", "Value": 0.9375, "Timestamp": NOW},
            {"MetricName": "train:loss", "Value": 0.5, "Timestamp": NOW},
        ],
    }


def three_jobs_and_one_in_progress() -> None:
    """Create jobs, which are completed at once in moto."""
    sagemaker = boto3.client("sagemaker")
    for name in ("one", "two", "three", "in-progress"):
        sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
            OutputDataConfig={"S3OutputPath": "s3://any"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
    sagemaker_backends[ACCOUNT][REGION].training_jobs["in-progress"].training_job_status = "InProgress"


OBJECTIVE = {"job_name_contains": "long-ago", "metric_name": "validation:accuracy"}

SCENARIOS = [
    Scenario("TotalCompletedTrainingJobs", value=3, seed=three_jobs_and_one_in_progress),
    Scenario(
        "TotalCompletedTrainingJobs",
        value=sum(1 for one in JOBS if one["TrainingJobStatus"] == "Completed"),
        answers=LIST,
        title="every status",
    ),
    Scenario("CompletedTrainingJobs24h", value=3, seed=three_jobs_and_one_in_progress),
    Scenario("CompletedTrainingJobs24h", value=ended("Completed"), answers=LIST, title="the edges of the window"),
    Scenario(
        "CompletedTrainingJobs24h",
        value=ended("Completed", 7 * DAY),
        arguments={"look_back_days": "7"},
        answers=LIST,
        title="a job that was created before",
    ),
    Scenario("FailedTrainingJobs24h", value=ended("Failed"), answers=LIST),
    Scenario("StoppedTrainingJobs24h", value=ended("Stopped"), answers=LIST),
    Scenario(
        "TrainingJobsByStatus",
        value=len(JOBS),
        breakdown=Counter(one["TrainingJobStatus"] for one in JOBS),
        answers=SEARCH,
        empty_answers={"sagemaker.search": search("TrainingJob", [])},
    ),
    Scenario(
        "TrainingJobsByStatus",
        fails="does not say the exact number",
        answers={"sagemaker.search": {"Results": [], "TotalHits": {"Value": 9, "Relation": "GreaterThanOrEqualTo"}}},
        title="more than Search counts",
    ),
    Scenario(
        "TrainingJobsInProgress",
        value=len(ACTIVE),
        breakdown=Counter(kind for one in ACTIVE for kind in counts_of(one["ResourceConfig"])),
        answers=SEARCH,
    ),
    Scenario("TrainingInstancesInUse", value=sum(IN_USE.values()), breakdown=IN_USE, answers=SEARCH),
    Scenario(
        "TrainingInstancesInUse",
        fails="the description of serverless has no instance type",
        answers={"sagemaker.search": search("TrainingJob", [job("serverless", "InProgress", config={})])},
        title="a job without an instance type",
    ),
    Scenario("TrainingBillableSeconds24h", value=sum(BILLABLE.values()), breakdown=BILLABLE, answers=SEARCH),
    Scenario("ManagedSpotSecondsSaved24h", value=sum(SAVED.values()), breakdown=SAVED, answers=SEARCH),
    Scenario(
        "TrainingQueueSeconds24h",
        value=mean_wait(),
        breakdown={kind: mean_wait(kind) for kind in {k for one in STARTED for k in counts_of(one["ResourceConfig"])}},
        answers=SEARCH,
        empty=NothingToReport,
    ),
    Scenario(
        "TrainingObjectiveValue",
        value=Decimal("0.9375"),
        arguments=OBJECTIVE,
        answers={**LIST, "sagemaker.describe_training_job": described},
        empty=NothingToReport,
    ),
    Scenario(
        "TrainingObjectiveValue",
        fails="created-long-ago has no metric 'test:f1'; its metrics are: train:loss, validation:accuracy",
        arguments={**OBJECTIVE, "metric_name": "test:f1"},
        answers={**LIST, "sagemaker.describe_training_job": described},
        title="a metric that the job does not have",
    ),
    Scenario(
        "WarmPoolsAvailable",
        value=1,
        answers={
            "sagemaker.list_training_jobs": {
                "TrainingJobSummaries": [
                    {"CreationTime": NOW - HOUR, "WarmPoolStatus": {"Status": "Available"}},
                    {"CreationTime": NOW - 2 * HOUR, "WarmPoolStatus": {"Status": "Terminated"}},
                    {"CreationTime": NOW - 3 * HOUR},
                    {"CreationTime": NOW - 9 * DAY, "WarmPoolStatus": {"Status": "Available"}},
                ]
            }
        },
    ),
]
