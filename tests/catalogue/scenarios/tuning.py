"""Tuning jobs: every status, the edges of the window, and the best one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
from tests.support.listings import listing

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Scenario

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
# Name, status, time before now when it was created, when it ended (None: not).
JOBS: list[tuple[str, str, timedelta, timedelta | None]] = [
    *((f"churn-{n}", "Completed", n * HOUR, n * HOUR - 60 * SECOND) for n in range(2, 13)),
    ("churn-newest", "InProgress", HOUR, None),
    ("at-the-start", "Completed", 26 * HOUR, DAY),
    ("before-the-start", "Completed", 26 * HOUR, DAY + SECOND),
    # It ended and was created while this run went on.
    ("at-the-end", "Completed", 2 * HOUR, 0 * HOUR),
    ("in-the-future", "InProgress", -SECOND, None),
    ("failed", "Failed", 3 * HOUR, 2 * HOUR),
    ("stopped", "Stopped", 29 * DAY, 2 * HOUR),
    ("stopping", "Stopping", 3 * DAY, None),
    ("being-deleted", "Deleting", 3 * DAY, 2 * DAY),
    ("failed-to-delete", "DeleteFailed", 3 * DAY, None),
    ("without-success", "InProgress", 3 * DAY, None),
    ("beyond-30-days", "Completed", 31 * DAY, HOUR),
]
STATUSES: Counter[str] = Counter()
for _, _status, _created, _ended in JOBS:
    if _created > 30 * DAY or _created < 0 * HOUR or _status == "DeleteFailed":
        continue
    if _ended is None or _ended == 0 * HOUR:
        STATUSES["InProgress" if _ended is not None else _status] += 1
    elif _ended <= DAY:
        STATUSES[_status] += 1
LIST = listing(
    "HyperParameterTuningJobSummaries",
    [
        {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobStatus": status,
            "CreationTime": NOW - created,
        }
        | ({} if ended is None else {"HyperParameterTuningEndTime": NOW - ended})
        for name, status, created, ended in JOBS
    ],
    NameContains="HyperParameterTuningJobName",
)
OBJECTIVES = {"churn-newest": 0.875, "churn-2": 0.5}


def describe(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeHyperParameterTuningJob: the best job of one without success has no objective."""
    name = parameters["HyperParameterTuningJobName"]
    if name not in OBJECTIVES:
        return {"HyperParameterTuningJobName": name}
    objective = {"MetricName": "validation:auc", "Value": OBJECTIVES[name]}
    best = {"TrainingJobName": f"{name}-7", "FinalHyperParameterTuningJobObjectiveMetric": objective}
    return {"HyperParameterTuningJobName": name, "BestTrainingJob": best}


ANSWERS: dict[str, Any] = {
    "sagemaker.list_hyper_parameter_tuning_jobs": LIST,
    "sagemaker.describe_hyper_parameter_tuning_job": describe,
}


def a_job() -> None:
    """Create a job, which has completed at once in moto, with the objective value 1."""
    boto3.client("sagemaker").create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuning",
        HyperParameterTuningJobConfig={"Strategy": "Bayesian", "ResourceLimits": {"MaxParallelTrainingJobs": 1}},
    )


SCENARIOS = [
    Scenario("TuningJobs24h", value=1, breakdown={"Completed": 1}, seed=a_job, title="moto"),
    Scenario(
        "BestTuningObjective",
        value=1,
        arguments={"name_contains": "tun"},
        seed=a_job,
        empty=NothingToReport,
        title="moto",
    ),
    Scenario(
        "TuningJobs24h",
        value=18,
        breakdown=STATUSES,
        answers={"sagemaker.list_hyper_parameter_tuning_jobs": LIST},
    ),
    Scenario(
        "BestTuningObjective",
        value=Decimal("0.875"),
        arguments={"name_contains": "churn"},
        answers=ANSWERS,
        empty=NothingToReport,
    ),
    Scenario(
        "BestTuningObjective",
        nothing="no training job of without-success has an objective value yet",
        arguments={"name_contains": "success"},
        answers=ANSWERS,
        title="no success yet",
    ),
    Scenario(
        "BestTuningObjective",
        nothing="no tuning job with 'beyond' in its name was created since 2026-10-24",
        arguments={"name_contains": "beyond"},
        answers=ANSWERS,
        title="too old",
    ),
]
