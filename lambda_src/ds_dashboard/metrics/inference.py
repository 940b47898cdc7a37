"""Inference: endpoints."""

from __future__ import annotations

from ds_dashboard.metrics import Metric


class NumberEndPointsInService(Metric):
    """Endpoints that serve traffic now.

    Endpoints that are being created or updated, or have failed, are not counted. An endpoint counts once, however many
    instances it has, and whether it is called or not.
    """

    unit = "Count"
    calls = "1 per 100 endpoints in service"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListEndpoints", "Resource": "*"}]

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService")
