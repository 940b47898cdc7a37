"""Endpoints: more than one page of them, in every state, with every kind of variant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
from moto.sagemaker.models import sagemaker_backends

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Error, Scenario, Values, metric_data

ACCOUNT, REGION = "123456789012", "eu-west-1"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Variant:
    """A variant: its instances by type, of one type or in pools; none if it is serverless."""

    name: str = "all"
    instances: dict[str, int] = field(default_factory=lambda: {"ml.m5.large": 1})
    is_serverless: bool = False
    has_pools: bool = False
    managed: bool = False
    is_scaled: bool = False

    def described(self) -> dict[str, Any]:
        """Return the variant as DescribeEndpoint does."""
        one: dict[str, Any] = {"VariantName": self.name}
        if self.is_serverless:
            return one | {"CurrentServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
        if self.has_pools:
            pools = [{"InstanceType": kind, "CurrentInstanceCount": n} for kind, n in self.instances.items()]
            return one | {"CurrentInstanceCount": sum(self.instances.values()), "InstancePools": pools}
        scaling = {"ManagedInstanceScaling": {"Status": "ENABLED"}} if self.managed else {}
        return one | scaling | {"CurrentInstanceCount": sum(self.instances.values())}

    def configured(self) -> dict[str, Any]:
        """Return the variant as DescribeEndpointConfig does."""
        if self.is_serverless or self.has_pools:
            return {"VariantName": self.name}
        return {"VariantName": self.name, "InstanceType": next(iter(self.instances))}


@dataclass(frozen=True)
class Endpoint:
    """An endpoint; `pending` is the instances of an update that began an hour ago."""

    name: str
    status: str = "InService"
    age: timedelta = 30 * DAY
    variants: tuple[Variant, ...] = (Variant(),)
    shadows: tuple[Variant, ...] = ()
    pending: tuple[Variant, ...] = ()
    is_async: bool = False
    has_config: bool = True
    is_gone: bool = False


GPU, CPU = "ml.g5.xlarge", "ml.m5.large"
ENDPOINTS = [
    *(Endpoint(f"plain-{n}", variants=(Variant(instances={CPU: n % 3 + 1}),)) for n in range(11)),
    Endpoint("scaled-to-zero", variants=(Variant(instances={GPU: 0}, managed=True),)),
    Endpoint("two-variants", variants=(Variant("a", is_scaled=True), Variant("b", {GPU: 2}))),
    Endpoint("scaled", variants=(Variant(is_scaled=True),)),
    Endpoint("pools", variants=(Variant(instances={GPU: 1, "ml.g6.xlarge": 3}, has_pools=True),)),
    Endpoint("shadowed", shadows=(Variant("shadow", {GPU: 1}),)),
    Endpoint("serverless", variants=(Variant(is_serverless=True), Variant("other", is_serverless=True))),
    Endpoint("uncalled-serverless", variants=(Variant(is_serverless=True),)),
    Endpoint("new", age=timedelta(hours=6), variants=(Variant(instances={GPU: 1}),)),
    Endpoint("six-days-old", age=7 * DAY - timedelta(seconds=1)),
    Endpoint("seven-days-old", age=7 * DAY),
    Endpoint("updating", status="Updating", pending=(Variant(instances={GPU: 4}),)),
    Endpoint("async", is_async=True, variants=(Variant(is_scaled=True),)),
    Endpoint("other-async", is_async=True, variants=(Variant(is_scaled=True),)),
    Endpoint("without-configuration", has_config=False),
    Endpoint("failed", status="Failed"),
    Endpoint("in-creation", status="Creating", variants=(), pending=(Variant(instances={GPU: 1}),)),
    Endpoint("out-of-service", status="OutOfService"),
    Endpoint("deleted-meanwhile", status="Deleting", is_gone=True),
]
BY_NAME = {one.name: one for one in ENDPOINTS}
LISTED = {
    "Endpoints": [
        {"EndpointName": one.name, "EndpointStatus": one.status, "CreationTime": NOW - one.age} for one in ENDPOINTS
    ]
}


def describe_endpoint(parameters: dict[str, Any]) -> Any:
    """Answer DescribeEndpoint."""
    one = BY_NAME[parameters["EndpointName"]]
    if one.is_gone:
        return Error("ValidationException", f'Could not find endpoint "arn:aws:sagemaker:::endpoint/{one.name}".')
    answer: dict[str, Any] = {
        "EndpointName": one.name,
        "EndpointConfigName": f"{one.name}-config",
        "EndpointStatus": one.status,
        "CreationTime": NOW - one.age,
    }
    if one.variants:
        answer["ProductionVariants"] = [variant.described() for variant in one.variants]
    if one.shadows:
        answer["ShadowProductionVariants"] = [variant.described() for variant in one.shadows]
    if one.is_async:
        answer["AsyncInferenceConfig"] = {"OutputConfig": {}}
    if one.pending:
        pending = [variant.described() | variant.configured() for variant in one.pending]
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": f"{one.name}-next",
            "StartTime": NOW - timedelta(hours=1),
            "ProductionVariants": pending,
        }
    return answer


def describe_endpoint_config(parameters: dict[str, Any]) -> Any:
    """Answer DescribeEndpointConfig."""
    one = BY_NAME[parameters["EndpointConfigName"].removesuffix("-config")]
    if not one.has_config:
        return Error("ValidationException", "Could not find endpoint configuration.")
    answer: dict[str, Any] = {"ProductionVariants": [variant.configured() for variant in one.variants]}
    if one.shadows:
        answer["ShadowProductionVariants"] = [variant.configured() for variant in one.shadows]
    return answer


def fleets() -> Iterator[tuple[str, int, int]]:
    """Yield type, number of instances, and seconds in the window: what is true in this account, one at a time."""
    for one in ENDPOINTS:
        if one.status == "Failed" or one.is_gone:
            continue
        for variant in (*one.variants, *one.shadows):
            for kind, count in variant.instances.items() if not variant.is_serverless else ():
                hours = min(24, int(one.age.total_seconds()) // 3600)
                yield kind if one.has_config else "unknown", count, 3600 * hours
        for variant in one.pending:
            for kind, count in variant.instances.items():
                yield kind, count, 3600


INSTANCES: Counter[str] = Counter()
SECONDS: Counter[str] = Counter()
for _kind, _count, _seconds in fleets():
    INSTANCES[_kind] += _count
    SECONDS[_kind] += _count * _seconds
STATUSES = Counter(one.status for one in ENDPOINTS)

DESCRIBED: dict[str, Any] = {
    "sagemaker.list_endpoints": LISTED,
    "sagemaker.describe_endpoint": describe_endpoint,
}
CONFIGURED: dict[str, Any] = {**DESCRIBED, "sagemaker.describe_endpoint_config": describe_endpoint_config}


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


SCENARIOS = [
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
