"""Service quotas: those with a usage metric, and SageMaker's with our own counts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from ds_dashboard.testing import NOW, Answer, Error, Scenario
from ds_dashboard.testing.cloudwatch import Values, metric_data

CPUS = {"service_code": "ec2", "quota_code": "L-1216C47A"}
DIMENSIONS = {"Class": "Standard/OnDemand", "Resource": "vCPU", "Service": "EC2", "Type": "Resource"}
USAGE = {
    "MetricNamespace": "AWS/Usage",
    "MetricName": "ResourceCount",
    "MetricDimensions": DIMENSIONS,
    "MetricStatisticRecommendation": "Maximum",
}
# The first value is from before the last hour.
USED = metric_data(
    Values("AWS/Usage", "ResourceCount", DIMENSIONS, (999, *(None,) * 9, 96, 80, 64), "Maximum"),
    Values("AWS/Usage", "ResourceCount", {**DIMENSIONS, "Class": "G/OnDemand"}, (5,), "Maximum"),
)


def quota(value: float, usage: dict[str, Any] | None = USAGE, **more: Any) -> dict[str, Answer]:
    """Return the answers for a quota."""
    metric = {} if usage is None else {"UsageMetric": usage}
    answer = {"Quota": {"QuotaName": "Running On-Demand Standard instances", "Value": value, **metric, **more}}
    return {"service-quotas.get_service_quota": answer, "cloudwatch.get_metric_data": USED}


# Name -> value, with many that are not in use.
QUOTAS = {
    "ml.g5.xlarge for endpoint usage": 4.0,
    "ml.m5.large for endpoint usage": 100.0,
    "ml.g5.xlarge for training job usage": 3.0,
    "ml.g5.xlarge for spot training job usage": 10.0,
    "ml.t3.medium for notebook instance usage": 20.0,
    "Studio JupyterLab Apps running on ml.t3.medium instance": 8.0,
    "ml.p5.48xlarge for training job usage": 0.0,
    **{f"ml.c5.{n}xlarge for processing job usage": float(n) for n in range(130)},
}
ENDPOINTS = {"one": ("ml.g5.xlarge", 2), "two": ("ml.g5.xlarge", 1), "three": ("ml.m5.large", 5)}
JOBS = [
    ("a", False, "ml.g5.xlarge", 2),
    ("b", True, "ml.g5.xlarge", 4),
    ("c", False, "ml.g6.xlarge", 1),
]
NOTEBOOKS = ["ml.t3.medium"] * 12
APPS = [
    ("JupyterLab", "ml.t3.medium", "InService"),
    ("JupyterLab", "ml.t3.medium", "Deleted"),
    ("JupyterServer", "system", "InService"),
]


def endpoint(parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe an endpoint with one variant."""
    name = parameters["EndpointName"]
    return {
        "EndpointName": name,
        "EndpointConfigName": f"{name}-config",
        "EndpointStatus": "InService",
        "CreationTime": NOW - timedelta(days=1),
        "ProductionVariants": [{"VariantName": "all", "CurrentInstanceCount": ENDPOINTS[name][1]}],
    }


def endpoint_config(parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe the configuration of an endpoint."""
    kind = ENDPOINTS[parameters["EndpointConfigName"].removesuffix("-config")][0]
    return {"ProductionVariants": [{"VariantName": "all", "ModelName": "model", "InstanceType": kind}]}


def training_jobs(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer the search for training jobs in progress."""
    assert parameters["Resource"] == "TrainingJob"
    return {
        "Results": [
            {
                "TrainingJob": {
                    "TrainingJobName": name,
                    "TrainingJobArn": name,
                    "CreationTime": NOW - timedelta(hours=1),
                    "TrainingJobStatus": "InProgress",
                    "EnableManagedSpotTraining": spot,
                    "ResourceConfig": {"InstanceType": kind, "InstanceCount": count, "VolumeSizeInGB": 1},
                }
            }
            for name, spot, kind, count in JOBS
        ]
    }


SAGEMAKER: dict[str, Answer] = {
    "service-quotas.list_service_quotas": {
        "Quotas": [{"QuotaName": name, "Value": value} for name, value in QUOTAS.items()]
    },
    "sagemaker.list_endpoints": {
        "Endpoints": [{"EndpointName": name, "EndpointStatus": "InService"} for name in ENDPOINTS]
    },
    "sagemaker.describe_endpoint": endpoint,
    "sagemaker.describe_endpoint_config": endpoint_config,
    "sagemaker.search": training_jobs,
    "sagemaker.list_notebook_instances": {
        "NotebookInstances": [{"NotebookInstanceName": "any", "InstanceType": kind} for kind in NOTEBOOKS]
    },
    "sagemaker.list_apps": {
        "Apps": [
            {
                "AppType": kind,
                "Status": status,
                "CreationTime": NOW - timedelta(hours=2),
                "ResourceSpec": {"InstanceType": instance},
            }
            for kind, instance, status in APPS
        ]
    },
}


def shares() -> dict[str, Decimal]:
    """Count what is in use, quota by quota."""
    used = Counter(
        {
            "ml.g5.xlarge for endpoint usage": 2 + 1,
            "ml.m5.large for endpoint usage": 5,
            "ml.g5.xlarge for training job usage": 2,
            "ml.g5.xlarge for spot training job usage": 4,
            "ml.t3.medium for notebook instance usage": len(NOTEBOOKS),
            "Studio JupyterLab Apps running on ml.t3.medium instance": 1,
        }
    )
    return {name: round(Decimal(count) / Decimal(QUOTAS[name]) * 100, 2) for name, count in used.items()}


SCENARIOS = [
    Scenario(
        "ServiceQuotaUtilisation",
        value=Decimal("37.5"),
        arguments=CPUS,
        answers=quota(256.0),
        empty=ClientError,
        empty_answers={"service-quotas.get_service_quota": Error("NoSuchResourceException", "no such quota")},
    ),
    Scenario(
        "ServiceQuotaUtilisation",
        nothing="no usage of the quota L-1216C47A of ec2 (Running On-Demand Standard instances)",
        arguments=CPUS,
        answers={**quota(256.0), "cloudwatch.get_metric_data": metric_data()},
        title="no usage",
    ),
    Scenario("ServiceQuotaUtilisation", nothing="is 0", arguments=CPUS, answers=quota(0.0), title="a quota that is 0"),
    Scenario(
        "ServiceQuotaUtilisation",
        fails="has no usage metric in CloudWatch; choose another quota",
        arguments=CPUS,
        answers=quota(5.0, None),
        title="no usage metric",
    ),
    *(
        Scenario(
            "ServiceQuotaUtilisation",
            fails="limits a rate, and not a number; choose another quota",
            arguments=CPUS,
            answers=answers,
            title=title,
        )
        for title, answers in {
            "a rate": quota(5.0, Period={"PeriodValue": 1, "PeriodUnit": "SECOND"}),
            "a rate without a period": quota(5.0, {**USAGE, "MetricStatisticRecommendation": "Sum"}),
        }.items()
    ),
    Scenario(
        "ServiceQuotaUtilisation",
        fails="does not tell the quota L-1216C47A",
        arguments=CPUS,
        answers=quota(5.0, ErrorReason={"ErrorCode": "DEPENDENCY_SERVICE_ERROR", "ErrorMessage": "try later"}),
        title="a quota that cannot be read",
    ),
    Scenario("SageMakerQuotaUtilisation", value=Decimal(75), breakdown=shares(), answers=SAGEMAKER),
]
