"""A metric with a bug: it calls an action that it does not declare. `make demo` shows the result."""

from __future__ import annotations

from ds_dashboard.metrics import Metric


class NumberOfModels(Metric):
    """Models that can be deployed."""

    unit = "Count"
    # Missing: {"Action": "sagemaker:ListModels", "Resource": "*"}
    _iam_permissions = Metric._iam_permissions

    def _compute_value(self):
        return self.count("sagemaker", "list_models", "Models")
