"""HyperPod clusters and training plans."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import boto3

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import Error, Scenario

P5, TRN = "ml.p5.48xlarge", "ml.trn1.32xlarge"
CLUSTERS = {
    "research": [*[(P5, "Running")] * 13, (P5, "Failure"), (P5, "DeepHealthCheckInProgress")],
    "production": [(TRN, "Running"), (TRN, "SystemUpdating"), (P5, "Running")],
    "empty": [],
    **{f"small-{n}": [(TRN, "Running")] for n in range(10)},
}
NODES = Counter(node for nodes in CLUSTERS.values() for node in nodes)
# Name, status, instances, of which are in use.
PLANS = [
    ("january", "Active", 8, 6),
    ("unused", "Active", 4, 0),
    ("third", "Active", 3, 1),
    ("next", "Scheduled", 99, 0),
]
ULTRA_SERVERS = {"TrainingPlanName": "servers", "Status": "Active", "TotalUltraServerCount": 1}


def list_cluster_nodes(parameters: dict[str, Any]) -> Any:
    """Answer ListClusterNodes."""
    if parameters["ClusterName"] not in CLUSTERS:
        return Error("ResourceNotFound", "Cluster not found.")
    nodes = CLUSTERS[parameters["ClusterName"]]
    return {
        "ClusterNodeSummaries": [{"InstanceType": kind, "InstanceStatus": {"Status": status}} for kind, status in nodes]
    }


def list_training_plans(parameters: dict[str, Any]) -> Any:
    """Answer ListTrainingPlans, with its filter."""
    (condition,) = parameters["Filters"]
    plans: list[dict[str, Any]] = [
        {"TrainingPlanName": name, "Status": status, "TotalInstanceCount": total, "InUseInstanceCount": used}
        for name, status, total, used in PLANS
    ]
    return {"TrainingPlanSummaries": [one for one in [*plans, ULTRA_SERVERS] if one["Status"] == condition["Value"]]}


def a_cluster_of_one_node() -> None:
    """Create a cluster, whose node runs at once in moto; of several, moto repeats the token of the page."""
    group: Any = {
        "InstanceGroupName": "all",
        "InstanceType": P5,
        "InstanceCount": 1,
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-any", "OnCreate": "create.sh"},
        "ExecutionRole": "arn:aws:iam::123456789012:role/any",
        "ThreadsPerCore": 1,
    }
    boto3.client("sagemaker").create_cluster(ClusterName="any", InstanceGroups=[group])


SCENARIOS = [
    Scenario(
        "HyperPodNodes",
        value=1,
        breakdown={(P5, "Running"): 1},
        seed=a_cluster_of_one_node,
        title="moto",
    ),
    Scenario(
        "HyperPodNodes",
        value=28,
        breakdown=NODES,
        answers={
            "sagemaker.list_clusters": {
                "ClusterSummaries": [{"ClusterName": name} for name in [*CLUSTERS, "deleted-meanwhile"]]
            },
            "sagemaker.list_cluster_nodes": list_cluster_nodes,
        },
    ),
    Scenario(
        "TrainingPlanUtilisation",
        # 7 of 15 instances.
        value=Decimal("46.67"),
        breakdown={"january": 75, "unused": 0, "third": Decimal("33.33")},
        answers={"sagemaker.list_training_plans": list_training_plans},
        empty=NothingToReport,
    ),
    Scenario(
        "TrainingPlanUtilisation",
        nothing="no active training plan with instances",
        answers={"sagemaker.list_training_plans": {"TrainingPlanSummaries": [ULTRA_SERVERS]}},
        title="a plan without instances",
    ),
]
