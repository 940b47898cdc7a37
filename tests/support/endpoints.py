"""An account with endpoints in every state, with every kind of variant, and what is true in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ds_dashboard.testing import NOW, Error

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
    Endpoint("scaled-to-zero", variants=(Variant(instances={"ml.p5.48xlarge": 0}, managed=True),)),
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
    if _count:
        INSTANCES[_kind] += _count
        SECONDS[_kind] += _count * _seconds
STATUSES = Counter(one.status for one in ENDPOINTS)

DESCRIBED: dict[str, Any] = {
    "sagemaker.list_endpoints": LISTED,
    "sagemaker.describe_endpoint": describe_endpoint,
}
CONFIGURED: dict[str, Any] = {**DESCRIBED, "sagemaker.describe_endpoint_config": describe_endpoint_config}
