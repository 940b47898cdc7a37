"""MLflow tracking servers."""

from __future__ import annotations

from collections import Counter

from ds_dashboard.metrics import Metric, MetricValue


class MlflowTrackingServersActive(Metric):
    """MLflow tracking servers that are active, and billed by the hour, by version of MLflow.

    Stopped servers are not counted. It does not see MLflow apps, which are serverless and have a list of their own, or
    whether anybody uses a server.
    """

    unit = "Count"
    dimensions = ["MlflowVersion"]
    calls = "1 per 100 tracking servers"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListMlflowTrackingServers", "Resource": "*"}]

    def _compute_value(self) -> MetricValue:
        servers = self.pages(
            "sagemaker",
            "list_mlflow_tracking_servers",
            "TrackingServerSummaries",
            fields=("IsActive", "MlflowVersion"),
        )
        return self.value(
            breakdown=Counter(one.get("MlflowVersion", "unknown") for one in servers if one["IsActive"] == "Active")
        )
