"""A metric with a mistake in it: it calls what it does not declare. The demo shows what becomes of that."""

from __future__ import annotations

from ds_dashboard.metrics import Metric


class NumberOfNotebooks(Metric):
    """Notebook instances of any state."""

    unit = "Count"
    # Forgotten: {"Action": "sagemaker:ListNotebookInstances", "Resource": "*"}
    _iam_permissions = Metric._iam_permissions

    def _compute_value(self):
        return self.count("sagemaker", "list_notebook_instances", "NotebookInstances")
