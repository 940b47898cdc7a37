"""Training jobs."""

from __future__ import annotations

from datetime import timedelta

from ds_dashboard.metrics import Metric


class TotalCompletedTrainingJobs(Metric):
    """Training jobs that have completed, ever."""

    unit = "Count"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals="Completed")


class CompletedTrainingJobs24h(Metric):
    """Training jobs that completed in the last 24 hours."""

    unit = "Count"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]

    def _compute_value(self) -> int:
        since = self.now() - timedelta(hours=24)
        # SageMaker filters by modification, not by end. A job is modified when it ends, so none that ended since is
        # left out; but one that ended long ago and was touched since (its tags, say) is let in, hence the check.
        recent = self.pages(
            "sagemaker",
            "list_training_jobs",
            "TrainingJobSummaries",
            StatusEquals="Completed",
            LastModifiedTimeAfter=since,
        )
        return sum(1 for job in recent if job["TrainingEndTime"] >= since)
