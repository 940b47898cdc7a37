"""Processing jobs, among them those of Clarify and Model Monitor."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, Reader, reading
from ds_dashboard.metrics._sagemaker import LOOK_BACK, ended_jobs, instance_seconds

# A processing job runs for 9 days at most.
_LOOK_BACK = {**LOOK_BACK, "default": 10}


@reading(
    permissions=[{"Action": "sagemaker:ListProcessingJobs", "Resource": "*"}],
    calls="1 per 100 processing jobs that were created in look_back_days",
    may_read="the messages with which containers ended",
)
def ended_processing_jobs(reader: Reader, *, look_back_days: int) -> list[dict[str, Any]]:
    """Name and status of the processing jobs that ended in the last 24 hours."""
    return list(
        ended_jobs(
            reader,
            "list_processing_jobs",
            "ProcessingJobSummaries",
            "ProcessingEndTime",
            look_back_days=look_back_days,
            fields=("ProcessingJobName", "ProcessingJobStatus"),
        )
    )


class ProcessingJobs24h(Metric):
    """Processing jobs that ended in the last 24 hours, by status.

    Jobs of Clarify, Model Monitor and Autopilot are among them. It does not see jobs that run, or that were created
    before look_back_days.
    """

    unit = "Count"
    historical = True
    dimensions = ["Status"]
    arguments = {"look_back_days": _LOOK_BACK}
    readings = [ended_processing_jobs]

    def _compute_value(self) -> MetricValue:
        jobs = self.read(ended_processing_jobs, look_back_days=self.arguments["look_back_days"])
        return self.value(breakdown=Counter(job["ProcessingJobStatus"] for job in jobs))


class ProcessingInstanceSeconds24h(Metric):
    """Instance seconds of the processing jobs that ended in the last 24 hours, by instance type.

    The sum of (ProcessingEndTime - ProcessingStartTime) x instances. It counts whole jobs that ended in the window, not
    the seconds inside the window. It does not see jobs that were created before look_back_days. A job that failed
    before it started has no seconds.
    """

    unit = "Seconds"
    historical = True
    dimensions = ["InstanceType"]
    arguments = {"look_back_days": _LOOK_BACK}
    readings = [ended_processing_jobs]
    calls = "1 per processing job that ended in 24 hours"
    may_read = "environment variables, arguments, inputs and outputs of processing jobs"
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "sagemaker:DescribeProcessingJob",
            "Resource": "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:processing-job/*",
        }
    ]

    def _compute_value(self) -> MetricValue:
        jobs = self.read(ended_processing_jobs, look_back_days=self.arguments["look_back_days"])
        seconds: Counter[str] = Counter()
        for found in self.describe_each(self._seconds, [job["ProcessingJobName"] for job in jobs]):
            seconds.update(found)
        return self.value(breakdown=seconds)

    def _seconds(self, name: str) -> dict[str, Decimal]:
        job = self.call("sagemaker", "describe_processing_job", ProcessingJobName=name)
        return instance_seconds(
            job.get("ProcessingStartTime"), job["ProcessingEndTime"], job["ProcessingResources"]["ClusterConfig"], name
        )
