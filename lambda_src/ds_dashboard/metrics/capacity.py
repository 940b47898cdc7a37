"""Capacity that is reserved or kept for training: HyperPod clusters and training plans."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport


class HyperPodNodes(Metric):
    """Nodes of HyperPod clusters, by instance type and status.

    Clusters are read by name, one after the other; a cluster that is deleted meanwhile is left out. It does not see
    instances that a cluster requested and did not get.
    """

    unit = "Count"
    dimensions = ["InstanceType", "Status"]
    calls = "1 per 100 clusters, and 1 per 100 nodes of each"
    _iam_permissions = Metric._iam_permissions + [
        {"Action": "sagemaker:ListClusters", "Resource": "*"},
        {
            "Action": "sagemaker:ListClusterNodes",
            "Resource": "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:cluster/*",
        },
    ]

    def _compute_value(self) -> MetricValue:
        counts: Counter[tuple[str, str]] = Counter()
        for cluster in self.pages("sagemaker", "list_clusters", "ClusterSummaries", fields=("ClusterName",)):
            counts.update(self._nodes(cluster["ClusterName"]))
        return self.value(breakdown=counts)

    def _nodes(self, cluster: str) -> Counter[tuple[str, str]]:
        nodes = self.pages(
            "sagemaker",
            "list_cluster_nodes",
            "ClusterNodeSummaries",
            fields=("InstanceType", "InstanceStatus"),
            ClusterName=cluster,
        )
        try:
            return Counter((node["InstanceType"], node["InstanceStatus"]["Status"]) for node in nodes)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFound":
                return Counter()
            raise


class TrainingPlanUtilisation(Metric):
    """The share of the instances of active training plans that are in use, by plan.

    InUseInstanceCount / TotalInstanceCount, over all plans in the headline. Plans are paid up front, whether they are
    used or not. It does not see whether the instances in use do any work.
    """

    unit = "Percent"
    dimensions = ["TrainingPlanName"]
    calls = "1 per 100 active training plans"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListTrainingPlans", "Resource": "*"}]

    def _compute_value(self) -> MetricValue:
        plans = [
            plan
            for plan in self.pages(
                "sagemaker",
                "list_training_plans",
                "TrainingPlanSummaries",
                fields=("TrainingPlanName", "TotalInstanceCount", "InUseInstanceCount"),
                Filters=[{"Name": "Status", "Value": "Active"}],
            )
            if plan.get("TotalInstanceCount")
        ]
        if not plans:
            raise NothingToReport("there is no active training plan with instances")
        # Of the plans that do not fit into an event, the least used one is shown.
        return self.value(
            _percent(plans), breakdown={plan["TrainingPlanName"]: _percent([plan]) for plan in plans}, other=min
        )


def _percent(plans: list[Any]) -> Decimal:
    used = sum(plan["InUseInstanceCount"] for plan in plans)
    total = sum(plan["TotalInstanceCount"] for plan in plans)
    return (Decimal(100 * used) / Decimal(total)).quantize(Decimal("0.01"))
