"""What the metrics of inference read together: endpoints, their variants and their instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from ds_dashboard.metrics import Reader, reading
from ds_dashboard.metrics.cloudwatch import Series, Statistic
from ds_dashboard.metrics.errors import IncompleteAnswer
from ds_dashboard.metrics.reader import Window

_ARN = "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**"
_UNKNOWN = "unknown"


class Deployment(NamedTuple):
    """Variants of an endpoint with one configuration: those that serve, or those that will replace them.

    Attributes:
        config: the name of the endpoint configuration.
        started: when the first instances can have been there.
        variants: production and shadow variants, as SageMaker describes them.
        is_complete: whether every variant must have a number of instances.
    """

    config: str
    started: datetime
    variants: tuple[Mapping[str, Any], ...]
    is_complete: bool


class Endpoint(NamedTuple):
    """What metrics need of an endpoint's description.

    Attributes:
        name: its name.
        status: such as "InService".
        created: when it was created.
        is_async: whether it has a queue of requests.
        variants: production variants, as SageMaker describes them.
        deployments: the one that serves, and during an update the one that will replace it.
    """

    name: str
    status: str
    created: datetime
    is_async: bool
    variants: tuple[Mapping[str, Any], ...]
    deployments: tuple[Deployment, ...]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Endpoint:
        """Read the answer of DescribeEndpoint."""
        created, status = answer["CreationTime"], answer["EndpointStatus"]
        deployments = [Deployment(answer.get("EndpointConfigName", ""), created, _all(answer), status == "InService")]
        pending = answer.get("PendingDeploymentSummary")
        if pending:
            started = pending.get("StartTime", created)
            deployments.append(Deployment(pending["EndpointConfigName"], started, _all(pending), False))
        variants = tuple(answer.get("ProductionVariants", ()))
        return cls(
            answer["EndpointName"], status, created, "AsyncInferenceConfig" in answer, variants, tuple(deployments)
        )


class Fleet(NamedTuple):
    """The instances of a variant.

    Attributes:
        endpoint: the endpoint's name.
        started: when the first instances can have been there.
        instances: their number by type.
    """

    endpoint: str
    started: datetime
    instances: Mapping[str, int]


@reading(
    permissions=[{"Action": "sagemaker:ListEndpoints", "Resource": "*"}],
    calls="1 per 100 endpoints",
)
def endpoints(reader: Reader) -> list[Mapping[str, Any]]:
    """Name, status and time of creation of every endpoint."""
    fields = ("EndpointName", "EndpointStatus", "CreationTime")
    return list(reader.pages("sagemaker", "list_endpoints", "Endpoints", fields=fields))


@reading(
    permissions=[{"Action": "sagemaker:DescribeEndpoint", "Resource": f"{_ARN}:endpoint/*"}],
    calls="1 per endpoint",
    readings=[endpoints],
    may_read="where endpoints capture requests and write results, and why a deployment failed",
)
def described(reader: Reader) -> list[Endpoint]:
    """Variants of every endpoint that has not failed. An endpoint that is deleted meanwhile is left out."""
    names = [one["EndpointName"] for one in reader.read(endpoints) if one["EndpointStatus"] != "Failed"]
    answers = reader.describe_each(lambda name: _if_found(reader, "describe_endpoint", EndpointName=name), names)
    return [Endpoint.of(answer) for answer in answers if answer is not None]


@reading(
    permissions=[{"Action": "sagemaker:DescribeEndpointConfig", "Resource": f"{_ARN}:endpoint-config/*"}],
    calls="1 per endpoint configuration in use",
    readings=[described],
    may_read="where endpoints capture requests and write results",
)
def fleets(reader: Reader) -> list[Fleet]:
    """Instances of every variant by type, also of shadow variants and of those that an update starts."""
    found = [(endpoint, one) for endpoint in reader.read(described) for one in endpoint.deployments]
    configs = sorted({one.config for _, one in found if any(_needs_type(variant) for variant in one.variants)})
    types: dict[tuple[str, str], str] = {}
    answers = reader.describe_each(
        lambda name: _if_found(reader, "describe_endpoint_config", EndpointConfigName=name), configs
    )
    for config, answer in zip(configs, answers, strict=True):
        # A configuration can be deleted while its endpoint serves. Then AWS does not tell the type.
        types |= {(config, one["VariantName"]): one.get("InstanceType", _UNKNOWN) for one in _all(answer or {})}
    return [
        Fleet(endpoint.name, one.started, _instances(endpoint, one, variant, types))
        for endpoint, one in found
        for variant in one.variants
    ]


def by_endpoint(found: Mapping[tuple[str, ...], Series]) -> dict[str, list[Series]]:
    """Return the series of a search by EndpointName and VariantName, by endpoint."""
    series: dict[str, list[Series]] = {}
    for (endpoint, _), one in found.items():
        series.setdefault(endpoint, []).append(one)
    return series


def variant_sums(
    reader: Reader, variants: Sequence[tuple[str, str]], metric: str, window: Window
) -> dict[str, float | int]:
    """Return the sum of a CloudWatch metric in a window over the variants of each endpoint.

    Args:
        reader: the run.
        variants: endpoint and variant.
        metric: a metric that SageMaker publishes with each request. Without data there was no request: its sum is 0.
        window: the window.
    """
    queries = [
        Statistic("AWS/SageMaker", metric, {"EndpointName": endpoint, "VariantName": variant}, "Sum")
        for endpoint, variant in variants
    ]
    sums: Counter[str] = Counter()
    for (endpoint, _), series in zip(variants, reader.statistics(queries, window) if queries else (), strict=True):
        sums[endpoint] += series.total or 0  # type: ignore[assignment]
    return dict(sums)


def is_serverless(variant: Mapping[str, Any]) -> bool:
    """Return whether a variant has no instances of its own."""
    return "CurrentServerlessConfig" in variant or "DesiredServerlessConfig" in variant


def _if_found(reader: Reader, operation: str, **arguments: str) -> Mapping[str, Any] | None:
    """Make a call, and return None if what it describes does not exist any more."""
    try:
        return reader.call("sagemaker", operation, **arguments)
    except ClientError as error:
        # SageMaker has no error of its own for this.
        found = error.response["Error"]
        if found["Code"] == "ValidationException" and found.get("Message", "").startswith("Could not find"):
            return None
        raise


def _all(answer: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return (*answer.get("ProductionVariants", ()), *answer.get("ShadowProductionVariants", ()))


def _needs_type(variant: Mapping[str, Any]) -> bool:
    return not is_serverless(variant) and not variant.get("InstancePools") and "InstanceType" not in variant


def _instances(
    endpoint: Endpoint, deployment: Deployment, variant: Mapping[str, Any], types: Mapping[tuple[str, str], str]
) -> dict[str, int]:
    if is_serverless(variant):
        return {}
    if variant.get("InstancePools"):
        return _summed((one["InstanceType"], one["CurrentInstanceCount"]) for one in variant["InstancePools"])
    if "CurrentInstanceCount" not in variant and deployment.is_complete:
        raise IncompleteAnswer(
            f"describe_endpoint of sagemaker does not say how many instances the variant {variant['VariantName']} "
            f"of {endpoint.name} has"
        )
    kind = variant.get("InstanceType") or types.get((deployment.config, variant["VariantName"]), _UNKNOWN)
    return {kind: variant.get("CurrentInstanceCount", 0)}


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for kind, count in counts:
        found[kind] += count
    return dict(found)
