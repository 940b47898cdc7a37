"""Processing jobs: every status, the edges of the window, instances that SageMaker selected."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import boto3
from tests.support.listings import listing

from ds_dashboard.testing import NOW, Scenario

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
M5 = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
G5 = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
SELECTED = {"SelectedInstanceType": "ml.m6i.large", "SelectedInstanceCount": 3, "VolumeSizeInGB": 1}
# Name, status, time before now when it was created, when it started, when it ended (None: not), cluster.
JOBS: list[tuple[str, str, timedelta, timedelta | None, timedelta | None, dict[str, Any]]] = [
    *((f"job-{n}", "Completed", n * HOUR, n * HOUR - 60 * SECOND, n * HOUR - 660 * SECOND, M5) for n in range(1, 12)),
    ("selected", "Completed", 4 * HOUR, 3 * HOUR, 2 * HOUR, SELECTED),
    ("at-the-start", "Completed", 26 * HOUR, 25 * HOUR, DAY, G5),
    ("before-the-start", "Completed", 26 * HOUR, 25 * HOUR, DAY + SECOND, G5),
    ("at-the-end", "Completed", 2 * HOUR, HOUR, 0 * HOUR, G5),
    ("failed", "Failed", 30 * HOUR, 20 * HOUR, 19 * HOUR, G5),
    ("failed-early", "Failed", 5 * HOUR, None, 5 * HOUR, {"VolumeSizeInGB": 1}),
    ("stopped", "Stopped", 9 * DAY + HOUR, 9 * DAY, 7 * HOUR, M5),
    ("runs", "InProgress", 9 * HOUR, 8 * HOUR, None, M5),
    ("waited-for-long", "Stopped", 11 * DAY, 9 * DAY, 7 * HOUR, M5),
]
ITEMS = [
    {"ProcessingJobName": name, "ProcessingJobStatus": status, "CreationTime": NOW - created}
    | ({} if ended is None else {"ProcessingEndTime": NOW - ended})
    for name, status, created, _, ended, _ in JOBS
]


def describe(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeProcessingJob."""
    name, status, created, started, ended, cluster = next(
        one for one in JOBS if one[0] == parameters["ProcessingJobName"]
    )
    times = {"CreationTime": created, "ProcessingStartTime": started, "ProcessingEndTime": ended}
    return {
        "ProcessingJobName": name,
        "ProcessingJobStatus": status,
        "ProcessingResources": {"ClusterConfig": cluster},
    } | {field: NOW - before for field, before in times.items() if before is not None}


COUNTED = [one for one in JOBS if one[4] is not None and one[4] != 0 * HOUR and one[4] <= DAY and one[2] <= 10 * DAY]
STATUSES = Counter(one[1] for one in COUNTED)
SECONDS: Counter[str] = Counter()
for _job in COUNTED:
    _started, _ended, _cluster = _job[3:]
    if _started is not None and _ended is not None:
        _kind = _cluster.get("SelectedInstanceType") or _cluster["InstanceType"]
        _count = _cluster.get("SelectedInstanceCount") or _cluster["InstanceCount"]
        SECONDS[_kind] += _count * int((_started - _ended).total_seconds())

LIST = {"sagemaker.list_processing_jobs": listing("ProcessingJobSummaries", ITEMS)}


def a_job() -> None:
    """Create a job, which has completed at once in moto."""
    cluster: Any = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    boto3.client("sagemaker").create_processing_job(
        ProcessingJobName="any",
        ProcessingResources={"ClusterConfig": cluster},
        AppSpecification={"ImageUri": "image"},
        RoleArn="arn:aws:iam::123456789012:role/any",
    )


SCENARIOS = [
    Scenario("ProcessingJobs24h", value=1, breakdown={"Completed": 1}, seed=a_job, title="moto"),
    Scenario("ProcessingJobs24h", value=16, breakdown=STATUSES, answers=LIST),
    Scenario(
        "ProcessingInstanceSeconds24h",
        value=SECONDS.total(),
        breakdown=SECONDS,
        answers={**LIST, "sagemaker.describe_processing_job": describe},
    ),
    Scenario(
        "ProcessingInstanceSeconds24h",
        fails="the description of job-1 has no instance type",
        answers={
            "sagemaker.list_processing_jobs": listing("ProcessingJobSummaries", ITEMS[:1]),
            "sagemaker.describe_processing_job": lambda parameters: (
                describe(parameters) | {"ProcessingResources": {"ClusterConfig": {"VolumeSizeInGB": 1}}}
            ),
        },
        title="a job without instances",
    ),
]
