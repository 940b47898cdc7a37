"""Transform jobs: every status, the edges of the window, more than a page of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
from tests.support.listings import listing

from ds_dashboard.testing import NOW, Scenario

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
M5, G5 = ("ml.m5.large", 2), ("ml.g5.xlarge", 1)
# Name, status, time before now when it was created, when it started, when it ended (None: not), instances.
JOBS: list[tuple[str, str, timedelta, timedelta | None, timedelta | None, tuple[str, int]]] = [
    *((f"job-{n}", "Completed", n * HOUR, n * HOUR - 60 * SECOND, n * HOUR - 360 * SECOND, M5) for n in range(1, 13)),
    ("in-milliseconds", "Completed", 3 * HOUR, 2 * HOUR, 2 * HOUR - timedelta(milliseconds=1500), G5),
    ("at-the-start", "Completed", 26 * HOUR, 25 * HOUR, DAY, G5),
    ("before-the-start", "Completed", 26 * HOUR, 25 * HOUR, DAY + timedelta(microseconds=1), G5),
    ("at-the-end", "Completed", 2 * HOUR, HOUR, 0 * HOUR, G5),
    ("failed", "Failed", 30 * HOUR, 20 * HOUR, 19 * HOUR, G5),
    ("failed-early", "Failed", 5 * HOUR, None, 5 * HOUR, G5),
    ("stopped", "Stopped", 9 * HOUR, 8 * HOUR, 7 * HOUR, M5),
    ("runs", "InProgress", 9 * HOUR, 8 * HOUR, None, M5),
    ("stopping", "Stopping", 9 * HOUR, 8 * HOUR, None, M5),
    ("five-days-old", "Completed", 5 * DAY, 5 * DAY, HOUR, M5),
    ("six-days-old", "Completed", 6 * DAY, 6 * DAY, HOUR, G5),
    ("long-ago", "Completed", 90 * DAY, 90 * DAY, 89 * DAY, G5),
]
ITEMS = [
    {"TransformJobName": name, "TransformJobStatus": status, "CreationTime": NOW - created}
    | ({} if ended is None else {"TransformEndTime": NOW - ended})
    for name, status, created, _, ended, _ in JOBS
]


def describe(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeTransformJob."""
    name, status, created, started, ended, (kind, count) = next(
        one for one in JOBS if one[0] == parameters["TransformJobName"]
    )
    times = {"CreationTime": created, "TransformStartTime": started, "TransformEndTime": ended}
    return {
        "TransformJobName": name,
        "TransformJobStatus": status,
        "TransformResources": {"InstanceType": kind, "InstanceCount": count},
    } | {field: NOW - before for field, before in times.items() if before is not None}


def truth(look_back: timedelta) -> tuple[Counter[str], dict[str, Decimal]]:
    """Return the jobs by status and the seconds by instance type."""
    jobs: Counter[str] = Counter()
    milliseconds: Counter[str] = Counter()
    for _, status, created, started, ended, (kind, count) in JOBS:
        if ended is None or ended == 0 * HOUR or ended > DAY or created > look_back:
            continue
        jobs[status] += 1
        if started is not None:
            milliseconds[kind] += count * round((started - ended).total_seconds() * 1000)
    return jobs, {kind: Decimal(count) / 1000 for kind, count in milliseconds.items()}


LIST = {"sagemaker.list_transform_jobs": listing("TransformJobSummaries", ITEMS)}
STATUSES, SECONDS = truth(5 * DAY)
LONGER_STATUSES, LONGER_SECONDS = truth(6 * DAY)


def a_job() -> None:
    """Create a job, which has completed at once in moto."""
    boto3.client("sagemaker").create_transform_job(
        TransformJobName="any",
        ModelName="any",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://any"}}},
        TransformOutput={"S3OutputPath": "s3://any"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
    )


SCENARIOS = [
    Scenario("TransformJobs24h", value=1, breakdown={"Completed": 1}, seed=a_job, title="moto"),
    Scenario("TransformInstanceSeconds24h", value=0, breakdown={"ml.m5.large": 0}, seed=a_job, title="moto"),
    Scenario("TransformJobs24h", value=18, breakdown=STATUSES, answers=LIST),
    Scenario(
        "TransformJobs24h",
        value=19,
        breakdown=LONGER_STATUSES,
        arguments={"look_back_days": "6"},
        answers=LIST,
        title="six days",
    ),
    Scenario(
        "TransformInstanceSeconds24h",
        value=sum(SECONDS.values()),
        breakdown=SECONDS,
        answers={**LIST, "sagemaker.describe_transform_job": describe},
    ),
    Scenario(
        "TransformInstanceSeconds24h",
        value=sum(LONGER_SECONDS.values()),
        breakdown=LONGER_SECONDS,
        arguments={"look_back_days": "6"},
        answers={**LIST, "sagemaker.describe_transform_job": describe},
        title="six days",
    ),
]
