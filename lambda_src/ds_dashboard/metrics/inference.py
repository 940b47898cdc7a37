"""Inference: endpoints."""

from __future__ import annotations

from ds_dashboard.metrics import Metric


class NumberEndPointsInService(Metric):
    """Endpoints that serve traffic now."""

    unit = "Count"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListEndpoints", "Resource": "*"}]

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService")
