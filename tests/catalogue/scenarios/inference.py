"""Endpoints: more than one page of them, in every state, with every kind of variant."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import boto3
from moto.sagemaker.models import sagemaker_backends
from tests.support.endpoints import CONFIGURED, DAY, DESCRIBED, ENDPOINTS, INSTANCES, LISTED, SECONDS, STATUSES

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import Error, Scenario, Values, metric_data

ACCOUNT, REGION = "123456789012", "eu-west-1"


def of(endpoint: str, variant: str, metric: str, *values: float | None, statistic: str = "Sum") -> Values:
    """Return values of an endpoint's variant."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return Values("AWS/SageMaker", metric, dimensions, values, statistic=statistic)


CALLED = [
    of("plain-0", "all", "Invocations", 5, None, 7),
    of("plain-1", "all", "Invocations", 0, 0),
    of("two-variants", "a", "Invocations", 0),
    of("two-variants", "b", "Invocations", 30),
    of("deleted-last-night", "all", "Invocations", 100),
    of("deleted-last-week", "all", "Invocations", None),
    replace(of("plain-0", "all", "Invocations", 1000), account="999999999999"),
    # The same calls again, and those of somebody else's metric.
    Values(
        "AWS/SageMaker", "Invocations", {"EndpointName": "plain-1", "VariantName": "all", "ContainerName": "x"}, [9]
    ),
    Values("AWS/SageMaker", "Invocations", {"EndpointName": "plain-2"}, [9]),
    of("plain-3", "all", "InvocationsPerInstance", 9),
]
IDLE = {
    one.name: 1
    for one in ENDPOINTS
    if one.status == "InService"
    and one.age >= 7 * DAY
    and not one.is_async
    and one.name not in ("plain-0", "two-variants", "serverless")
}
LATENCIES = metric_data(
    of("serverless", "all", "ModelLatency", 1_500_000, None, 250_000),
    of("serverless", "other", "ModelLatency", 1),
    of("plain-0", "all", "ModelLatency", 7),
)
PERCENTILES = metric_data(
    of("plain-0", "all", "ModelLatency", 1500.5, statistic="p95"),
    of("two-variants", "a", "ModelLatency", 900, statistic="p95"),
    of("two-variants", "b", "ModelLatency", 2000, statistic="p95"),
    of("two-variants", "b", "ModelLatency", 9_000_000, statistic="Sum"),
)
ERRORS = metric_data(
    of("plain-0", "all", "Invocation4XXErrors", 1, 2),
    of("plain-0", "all", "Invocation5XXErrors", 0, 0),
    of("two-variants", "a", "Invocation5XXErrors", 4),
    of("two-variants", "b", "Invocation5XXErrors", 5),
)


def backlog(endpoint: str, *values: float | None) -> Values:
    """Return the backlog of an endpoint."""
    return Values("AWS/SageMaker", "ApproximateBacklogSize", {"EndpointName": endpoint}, values, statistic="Maximum")


TARGETS = {
    "ScalableTargets": [
        {"ResourceId": f"endpoint/{one.name}/variant/{variant.name}", "ScalableDimension": dimension}
        for one in ENDPOINTS
        for variant in one.variants
        if variant.is_scaled
        for dimension in ("sagemaker:variant:DesiredInstanceCount",)
    ]
}
UNSCALED = [
    one.name
    for one in ENDPOINTS
    if one.status in ("InService", "Updating")
    and [variant for variant in one.variants if not (variant.is_scaled or variant.managed or variant.is_serverless)]
]


def three_endpoints_and_one_in_creation() -> None:
    """Create endpoints, which are in service at once in moto."""
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any")
    variant: Any = {
        "VariantName": "all",
        "ModelName": "model",
        "InitialInstanceCount": 2,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    for name in ("one", "two", "three", "in-creation"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="config")
    sagemaker_backends[ACCOUNT][REGION].endpoints["in-creation"].endpoint_status = "Creating"


def three_endpoints_of_which_one_scales() -> None:
    """Register a variant with Application Auto Scaling."""
    three_endpoints_and_one_in_creation()
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/two/variant/all",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=4,
    )


SCENARIOS = [
    Scenario(
        "EndpointsByStatus",
        value=4,
        breakdown={"InService": 3, "Creating": 1},
        seed=three_endpoints_and_one_in_creation,
        title="moto",
    ),
    Scenario(
        "EndpointsWithoutAutoscaling",
        value=2,
        seed=three_endpoints_of_which_one_scales,
        title="moto",
    ),
    Scenario("NumberEndPointsInService", value=3, seed=three_endpoints_and_one_in_creation),
    Scenario(
        "NumberEndPointsInService",
        value=STATUSES["InService"],
        answers={"sagemaker.list_endpoints": LISTED},
        title="every state",
    ),
    Scenario(
        "EndpointsByStatus", value=len(ENDPOINTS), breakdown=STATUSES, answers={"sagemaker.list_endpoints": LISTED}
    ),
    Scenario(
        "EndpointInstances",
        value=8,
        breakdown={"ml.m5.large": 8},
        seed=three_endpoints_and_one_in_creation,
        title="moto",
    ),
    Scenario("EndpointInstances", value=INSTANCES.total(), breakdown=INSTANCES, answers=CONFIGURED),
    Scenario(
        "EndpointInstances",
        fails="does not say how many instances the variant all of any has",
        answers=CONFIGURED
        | {
            "sagemaker.list_endpoints": {"Endpoints": [{"EndpointName": "any", "EndpointStatus": "InService"}]},
            "sagemaker.describe_endpoint": {
                "EndpointName": "any",
                "EndpointConfigName": "plain-0-config",
                "EndpointStatus": "InService",
                "ProductionVariants": [{"VariantName": "all"}],
            },
        },
        title="no number of instances",
    ),
    Scenario(
        "EndpointInstances",
        fails="1 validation error detected",
        answers={
            "sagemaker.list_endpoints": {"Endpoints": [{"EndpointName": "any", "EndpointStatus": "InService"}]},
            "sagemaker.describe_endpoint": Error("ValidationException", "1 validation error detected: any"),
        },
        title="another validation error",
    ),
    Scenario("EndpointInstanceSeconds24h", value=SECONDS.total(), breakdown=SECONDS, answers=CONFIGURED),
    Scenario(
        "ServerlessInferenceSeconds24h",
        value=Decimal("1.750001"),
        breakdown={"serverless": Decimal("1.750001"), "uncalled-serverless": 0},
        answers={**DESCRIBED, "cloudwatch.get_metric_data": LATENCIES},
    ),
    Scenario(
        "IdleEndpoints7d",
        value=len(IDLE),
        breakdown=IDLE,
        answers={
            **DESCRIBED,
            "cloudwatch.get_metric_data": metric_data(*CALLED, of("serverless", "other", "Invocations", 1)),
        },
    ),
    Scenario(
        "IdleEndpoints7d",
        fails="PartialData",
        answers={
            **DESCRIBED,
            "cloudwatch.get_metric_data": metric_data(
                Values(
                    "AWS/SageMaker",
                    "Invocations",
                    {"EndpointName": "plain-0", "VariantName": "all"},
                    [1],
                    status="PartialData",
                )
            ),
        },
        title="an answer of CloudWatch with gaps",
    ),
    Scenario(
        "EndpointInvocations24h",
        value=142,
        breakdown={"plain-0": 12, "plain-1": 0, "two-variants": 30, "deleted-last-night": 100},
        answers={"cloudwatch.get_metric_data": metric_data(*CALLED)},
    ),
    Scenario(
        "EndpointInvocationErrors24h",
        value=12,
        breakdown={("plain-0", "4XX"): 3, ("two-variants", "5XX"): 9},
        answers={"cloudwatch.get_metric_data": ERRORS},
    ),
    Scenario(
        "EndpointLatencyP95",
        value=2000,
        breakdown={"plain-0": Decimal("1500.5"), "two-variants": 2000},
        answers={"cloudwatch.get_metric_data": PERCENTILES},
        empty=NothingToReport,
    ),
    Scenario(
        "AsyncInferenceBacklog",
        value=7,
        breakdown={"async": 4, "other-async": 3},
        answers={
            **DESCRIBED,
            "cloudwatch.get_metric_data": metric_data(backlog("async", 2, 4, 0), backlog("other-async", 3, None)),
        },
        empty=NothingToReport,
    ),
    Scenario(
        "AsyncInferenceBacklog",
        value=0,
        breakdown={"other-async": 0},
        answers={**DESCRIBED, "cloudwatch.get_metric_data": metric_data(backlog("other-async", 0))},
        empty=NothingToReport,
        title="one endpoint that published nothing",
    ),
    Scenario(
        "AsyncInferenceBacklog",
        nothing="no asynchronous endpoint published its backlog",
        answers={**DESCRIBED, "cloudwatch.get_metric_data": metric_data(backlog("plain-0", 9))},
        title="no data",
    ),
    Scenario(
        "InferenceComponents",
        value=12,
        breakdown={"InService": 11, "Failed": 1},
        answers={
            "sagemaker.list_inference_components": {
                "InferenceComponents": [
                    {"InferenceComponentStatus": "Failed" if n == 5 else "InService"} for n in range(12)
                ]
            }
        },
    ),
    Scenario(
        "EndpointsWithoutAutoscaling",
        value=len(UNSCALED),
        answers={**DESCRIBED, "application-autoscaling.describe_scalable_targets": TARGETS},
    ),
]
