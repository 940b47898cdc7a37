"""A metric for benchmarks: it makes as many API calls as it is told to."""

# ruff: noqa: RUF005, RUF012

from __future__ import annotations

from ds_dashboard.metrics import Metric


class Pages(Metric):
    """Training jobs on a number of pages, each of which is a call."""

    unit = "Count"
    arguments = {"pages": {"type": "string", "required": True, "description": "How many pages the list has."}}
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]

    def _compute_value(self) -> int:
        return self.count(
            "sagemaker", "list_training_jobs", "TrainingJobSummaries", NameContains=self.arguments["pages"]
        )
