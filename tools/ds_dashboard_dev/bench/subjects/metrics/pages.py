"""A metric for benchmarks, which makes a given number of API calls."""

# ruff: noqa: RUF005, RUF012

from __future__ import annotations

from ds_dashboard.metrics import Metric


class Pages(Metric):
    """Training jobs on a given number of pages, each of which is an API call."""

    unit = "Count"
    arguments = {"pages": {"type": "string", "required": True, "description": "The number of pages of the list."}}
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]

    def _compute_value(self) -> int:
        return self.count(
            "sagemaker", "list_training_jobs", "TrainingJobSummaries", NameContains=self.arguments["pages"]
        )
