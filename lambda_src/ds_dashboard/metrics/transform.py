"""Batch transform jobs."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, Reader, reading
from ds_dashboard.metrics._sagemaker import LOOK_BACK, ended_jobs, instance_seconds


@reading(
    permissions=[{"Action": "sagemaker:ListTransformJobs", "Resource": "*"}],
    calls="1 per 100 transform jobs that were created in look_back_days",
)
def ended_transform_jobs(reader: Reader, *, look_back_days: int) -> list[dict[str, Any]]:
    """Name and status of the transform jobs that ended in the last 24 hours."""
    return list(
        ended_jobs(
            reader,
            "list_transform_jobs",
            "TransformJobSummaries",
            "TransformEndTime",
            look_back_days=look_back_days,
            fields=("TransformJobName", "TransformJobStatus"),
        )
    )


class TransformJobs24h(Metric):
    """Transform jobs that ended in the last 24 hours, by status.

    It does not see jobs that run, or that were created before look_back_days.
    """

    unit = "Count"
    historical = True
    dimensions = ["Status"]
    arguments = {"look_back_days": LOOK_BACK}
    readings = [ended_transform_jobs]

    def _compute_value(self) -> MetricValue:
        jobs = self.read(ended_transform_jobs, look_back_days=self.arguments["look_back_days"])
        return self.value(breakdown=Counter(job["TransformJobStatus"] for job in jobs))


class TransformInstanceSeconds24h(Metric):
    """Billable instance seconds of the transform jobs that ended in the last 24 hours, by instance type.

    The sum of (TransformEndTime - TransformStartTime) x instances, which is what AWS bills. It counts whole jobs that
    ended in the window, not the seconds inside the window. It does not see jobs that were created before
    look_back_days. A job that failed before it started has no seconds.
    """

    unit = "Seconds"
    historical = True
    dimensions = ["InstanceType"]
    arguments = {"look_back_days": LOOK_BACK}
    readings = [ended_transform_jobs]
    calls = "1 per transform job that ended in 24 hours"
    may_read = "environment variables, inputs and outputs of transform jobs"
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "sagemaker:DescribeTransformJob",
            "Resource": "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:transform-job/*",
        }
    ]

    def _compute_value(self) -> MetricValue:
        jobs = self.read(ended_transform_jobs, look_back_days=self.arguments["look_back_days"])
        seconds: Counter[str] = Counter()
        for found in self.describe_each(self._seconds, [job["TransformJobName"] for job in jobs]):
            seconds.update(found)
        return self.value(breakdown=seconds)

    def _seconds(self, name: str) -> dict[str, Decimal]:
        job = self.call("sagemaker", "describe_transform_job", TransformJobName=name)
        return instance_seconds(job.get("TransformStartTime"), job["TransformEndTime"], job["TransformResources"], name)
