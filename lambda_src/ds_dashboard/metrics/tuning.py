"""Hyperparameter tuning jobs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport
from ds_dashboard.metrics._sagemaker import LOOK_BACK

_LIST = [{"Action": "sagemaker:ListHyperParameterTuningJobs", "Resource": "*"}]
_LOOK_BACK = {**LOOK_BACK, "default": 30}
_NAME, _STATUS, _END = "HyperParameterTuningJobName", "HyperParameterTuningJobStatus", "HyperParameterTuningEndTime"
_SUMMARIES = "HyperParameterTuningJobSummaries"


class TuningJobs24h(Metric):
    """Tuning jobs that ended in the last 24 hours, by status, and those that run.

    Jobs that run are in the rows InProgress and Stopping, and in the sum. It does not see jobs that were created before
    look_back_days, or have been deleted.
    """

    unit = "Count"
    historical = True
    dimensions = ["Status"]
    arguments = {"look_back_days": _LOOK_BACK}
    calls = "1 per 100 tuning jobs that were created in look_back_days"
    _iam_permissions = Metric._iam_permissions + _LIST

    def _compute_value(self) -> MetricValue:
        window = self.window(hours=24)
        past: dict[str, Any] = {"CreationTimeBefore": window.until} if self.is_as_of else {}
        jobs = self.newest_first(
            "sagemaker",
            "list_hyper_parameter_tuning_jobs",
            _SUMMARIES,
            since=window.until - timedelta(days=self.arguments["look_back_days"]),
            fields=(_STATUS, _END),
            **past,
        )
        counts: Counter[str] = Counter()
        for job in jobs:
            status, end = job[_STATUS], job.get(_END)
            if end in window:
                counts[status] += 1
            elif job["CreationTime"] >= window.until:
                continue
            elif end is None and status in ("InProgress", "Stopping"):
                counts[status] += 1
            elif end is not None and end >= window.until:
                # It has ended since the past instant of this run.
                counts["InProgress"] += 1
        return self.value(breakdown=counts)


class BestTuningObjective(Metric):
    """The best objective value so far in the newest tuning job with a name, such as its accuracy or loss.

    FinalHyperParameterTuningJobObjectiveMetric of its best training job, also while it runs. It does not see jobs that
    were created before look_back_days. Metadata names the tuning job, the training job and the objective.
    """

    arguments = {
        "name_contains": {"type": "string", "description": "A part of the tuning job's name."},
        "look_back_days": {**_LOOK_BACK, "description": "Jobs that were created more days ago are not read."},
    }
    calls = "2"
    may_read = "hyperparameters, environment variables, inputs and outputs of tuning jobs"
    _iam_permissions = (
        Metric._iam_permissions
        + _LIST
        + [
            {
                "Action": "sagemaker:DescribeHyperParameterTuningJob",
                "Resource": "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:hyper-parameter-tuning-job/*",
            }
        ]
    )

    def _compute_value(self) -> Any:
        part = self.arguments["name_contains"]
        since = self.now() - timedelta(days=self.arguments["look_back_days"])
        found = self.newest_first(
            "sagemaker",
            "list_hyper_parameter_tuning_jobs",
            _SUMMARIES,
            since=since,
            fields=(_NAME,),
            NameContains=part,
        )
        newest = next(found, None)
        if newest is None:
            raise NothingToReport(f"no tuning job with {part!r} in its name was created since {since:%Y-%m-%d}")
        name = newest[_NAME]
        job = self.call("sagemaker", "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
        best = job.get("BestTrainingJob", {})
        objective = best.get("FinalHyperParameterTuningJobObjectiveMetric")
        if objective is None:
            raise NothingToReport(f"no training job of {name} has an objective value yet")
        self.metadata["TuningJobName"] = name
        self.metadata["TrainingJobName"] = best["TrainingJobName"]
        self.metadata["ObjectiveName"] = objective["MetricName"]
        return objective["Value"]
