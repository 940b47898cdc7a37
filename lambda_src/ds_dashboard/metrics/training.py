"""Training jobs."""

from __future__ import annotations

from datetime import timedelta

from ds_dashboard.metrics import Metric


class TotalCompletedTrainingJobs(Metric):
    """Training jobs that have completed, ever.

    It reads the list of all jobs. SageMaker allows two of these calls per second for the whole account, so that 100,000
    jobs take more than eight minutes: set `timeout_seconds = 900`, or the metric fails. Jobs that were deleted are not
    counted.
    """

    unit = "Count"
    calls = "1 per 100 training jobs"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals="Completed")


class CompletedTrainingJobs24h(Metric):
    """Training jobs that completed in the last 24 hours.

    Jobs that failed or were stopped are not counted.
    """

    unit = "Count"
    calls = "1 per 100 training jobs that were modified in the last 24 hours, or more if SageMaker returns empty pages"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]

    def _compute_value(self) -> int:
        since = self.now() - timedelta(hours=24)
        # SageMaker filters by the last modification, which is never before a job's end, so the filter drops no job that
        # ended since. It keeps jobs that ended earlier and were modified since, such as by a new tag.
        recent = self.pages(
            "sagemaker",
            "list_training_jobs",
            "TrainingJobSummaries",
            StatusEquals="Completed",
            LastModifiedTimeAfter=since,
        )
        return sum(1 for job in recent if job["TrainingEndTime"] >= since)
