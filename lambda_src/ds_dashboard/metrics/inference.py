"""Inference: endpoints, their instances, and the requests to them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport
from ds_dashboard.metrics._aws import METRIC_DATA, METRIC_DATA_USD
from ds_dashboard.metrics._endpoints import (
    by_endpoint,
    described,
    endpoints,
    fleets,
    is_serverless,
    variant_sums,
)
from ds_dashboard.metrics.cloudwatch import Search, Statistic

_BY_VARIANT = ("EndpointName", "VariantName")
_SEARCH_CALLS = "1 with others, which costs 0.01 USD per 1,000 variants"
_EXISTING = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")


class NumberEndPointsInService(Metric):
    """Endpoints that serve traffic now.

    Endpoints that are being created or updated, or have failed, are not counted. An endpoint counts once, however many
    instances it has, and whether it is called or not.
    """

    unit = "Count"
    readings = [endpoints]

    def _compute_value(self) -> int:
        return sum(1 for one in self.read(endpoints) if one["EndpointStatus"] == "InService")


class EndpointsByStatus(Metric):
    """Endpoints by status; Failed and OutOfService need attention.

    A status that no endpoint has is not in the breakdown.
    """

    unit = "Count"
    dimensions = ["Status"]
    readings = [endpoints]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown=Counter(one["EndpointStatus"] for one in self.read(endpoints)))


class EndpointInstances(Metric):
    """Instances of endpoints by type.

    Production and shadow variants of every endpoint that has not failed (failed ones are not billed, which is assumed),
    and during an update also the instances that will replace them. Serverless variants have none. The type is
    "unknown" if the endpoint's configuration has been deleted.
    """

    unit = "Count"
    dimensions = ["InstanceType"]
    readings = [fleets]

    def _compute_value(self) -> MetricValue:
        counts: Counter[str] = Counter()
        for fleet in self.read(fleets):
            counts.update(fleet.instances)
        return self.value(breakdown={kind: count for kind, count in counts.items() if count})


class EndpointInstanceSeconds24h(Metric):
    """Estimated instance seconds of endpoints in the last 24 hours, by type: about the billable inference time.

    The instances of now, as in EndpointInstances, times the seconds since the endpoint was created, or since the update
    began, and at most 24 hours. It does not see autoscaling inside the window, or endpoints that were deleted in it.
    Exact seconds are in Cost Explorer, by usage type and a day late.
    """

    unit = "Seconds"
    dimensions = ["InstanceType"]
    readings = [fleets]

    def _compute_value(self) -> MetricValue:
        since, until = self.window(hours=24)
        seconds: Counter[str] = Counter()
        for fleet in self.read(fleets):
            lasted = max(0, int((until - max(since, fleet.started)).total_seconds()))
            for kind, count in fleet.instances.items():
                seconds[kind] += count * lasted
        return self.value(breakdown={kind: count for kind, count in seconds.items() if count})


class ServerlessInferenceSeconds24h(Metric):
    """Seconds that models of serverless endpoints computed in the last 24 hours, by endpoint.

    The sum of ModelLatency. It is a lower bound of what is billed: the start of a container and provisioned concurrency
    are billed as well. It does not see endpoints or variants that were deleted. An endpoint without a request has 0.
    """

    unit = "Seconds"
    dimensions = ["EndpointName"]
    readings = [described]
    calls = "1 per 500 serverless variants, which costs 0.01 USD per 1,000 of them"
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        variants = [
            (one.name, variant["VariantName"])
            for one in self.read(described)
            for variant in one.variants
            if "CurrentServerlessConfig" in variant
        ]
        microseconds = variant_sums(self, variants, "ModelLatency", self.window(hours=24))
        return self.value(breakdown={name: Decimal(str(sum_)) / 1_000_000 for name, sum_ in microseconds.items()})


class IdleEndpoints7d(Metric):
    """Endpoints in service that nobody called in the last 7 days.

    The sum of Invocations of their present variants is 0. Younger endpoints are not counted. Calls of inference
    components count for their variant (assumed). It does not see asynchronous endpoints, which publish no Invocations,
    and calls of variants that an update removed.
    """

    unit = "Count"
    dimensions = ["EndpointName"]
    readings = [described]
    calls = "1 per 500 variants, which costs 0.01 USD per 1,000 of them"
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        window = self.window(days=7)
        old = [
            one
            for one in self.read(described)
            if one.status == "InService" and one.created <= window.since and not one.is_async
        ]
        variants = [(one.name, variant["VariantName"]) for one in old for variant in one.variants]
        called = variant_sums(self, variants, "Invocations", window)
        return self.value(breakdown={one.name: 1 for one in old if not called.get(one.name)})


class EndpointInvocations24h(Metric):
    """Requests to endpoints in the last 24 hours, by endpoint.

    The sum of Invocations over the variants, also of endpoints that have been deleted since. Requests to inference
    components count for their variant (assumed). It does not see requests to asynchronous endpoints, which publish no
    Invocations. An endpoint without a request is not in the breakdown.
    """

    unit = "Count"
    historical = True
    dimensions = ["EndpointName"]
    calls = _SEARCH_CALLS
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        found = self.search("AWS/SageMaker", _BY_VARIANT, "Invocations", "Sum", self.window(hours=24))
        return self.value(
            breakdown={name: sum(one.total or 0 for one in series) for name, series in by_endpoint(found).items()}
        )


class EndpointInvocationErrors24h(Metric):
    """Requests to endpoints that failed in the last 24 hours, by endpoint and class of error (4XX, 5XX).

    The sums of Invocation4XXErrors and Invocation5XXErrors over the variants. It does not see requests that SageMaker
    rejected before they reached an endpoint.
    """

    unit = "Count"
    historical = True
    dimensions = ["EndpointName", "ErrorClass"]
    calls = _SEARCH_CALLS
    usd = 2 * METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        kinds = ("4XX", "5XX")
        queries = [Search("AWS/SageMaker", _BY_VARIANT, f"Invocation{kind}Errors", "Sum") for kind in kinds]
        errors: Counter[tuple[str, str]] = Counter()
        for kind, found in zip(kinds, self.search_all(queries, self.window(hours=24)), strict=True):
            for name, series in by_endpoint(found).items():
                errors[name, kind] += sum(int(one.total or 0) for one in series)
        return self.value(breakdown={key: count for key, count in errors.items() if count})


class EndpointLatencyP95(Metric):
    """The latency of models that 95 % of the requests of the last 24 hours stayed below, by endpoint.

    The percentile of ModelLatency; percentiles do not add up, so that the headline is that of the slowest endpoint, and
    an endpoint's is that of its slowest variant. The overhead of SageMaker and the network are not in it.
    """

    unit = "Microseconds"
    historical = True
    dimensions = ["EndpointName"]
    calls = _SEARCH_CALLS
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        found = self.search("AWS/SageMaker", _BY_VARIANT, "ModelLatency", "p95", self.window(hours=24), period=86400)
        latencies: dict[str, Any] = {}
        for name, series in by_endpoint(found).items():
            values = [one.largest for one in series if one.largest is not None]
            if values:
                latencies[name] = max(values)
        if not latencies:
            raise NothingToReport("no endpoint had a request in the last 24 hours")
        return self.value(max(latencies.values()), breakdown=latencies, other=max)


class AsyncInferenceBacklog(Metric):
    """Requests that wait in the queues of asynchronous endpoints, by endpoint.

    The largest ApproximateBacklogSize of the last 15 minutes, which includes requests in process. Metadata names the
    endpoints that published none, such as a new one: they are not in the value.
    """

    unit = "Count"
    dimensions = ["EndpointName"]
    readings = [described]
    calls = "1 per 500 asynchronous endpoints, which costs 0.01 USD per 1,000 of them"
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        names = [one.name for one in self.read(described) if one.is_async and one.status in _EXISTING]
        if not names:
            raise NothingToReport("there is no asynchronous endpoint")
        queries = [
            Statistic("AWS/SageMaker", "ApproximateBacklogSize", {"EndpointName": name}, "Maximum") for name in names
        ]
        found = dict(zip(names, self.statistics(queries, self.window(minutes=15)), strict=True))
        sizes = {name: series.largest for name, series in found.items() if series.largest is not None}
        if not sizes:
            raise NothingToReport("no asynchronous endpoint published its backlog in the last 15 minutes")
        if len(sizes) < len(names):
            self.metadata["EndpointsWithoutData"] = len(names) - len(sizes)
        return self.value(breakdown=sizes)


class InferenceComponents(Metric):
    """Inference components by status: models that share the instances of an endpoint.

    A component counts once, however many copies of it run.
    """

    unit = "Count"
    dimensions = ["Status"]
    calls = "1 per 100 inference components"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListInferenceComponents", "Resource": "*"}]

    def _compute_value(self) -> MetricValue:
        found = self.pages(
            "sagemaker", "list_inference_components", "InferenceComponents", fields=("InferenceComponentStatus",)
        )
        return self.value(breakdown=Counter(one.get("InferenceComponentStatus", "unknown") for one in found))


class EndpointsWithoutAutoscaling(Metric):
    """Endpoints with a variant whose number of instances nothing adapts to the traffic.

    A variant adapts if it is a target of Application Auto Scaling or has managed instance scaling; serverless variants
    always do. It does not see whether a target has a policy, or whether its scaling is suspended.
    """

    unit = "Count"
    readings = [described]
    calls = "1 per 50 scalable targets"
    _iam_permissions = Metric._iam_permissions + [
        {"Action": "application-autoscaling:DescribeScalableTargets", "Resource": "*"}
    ]

    def _compute_value(self) -> int:
        targets = self.pages(
            "application-autoscaling",
            "describe_scalable_targets",
            "ScalableTargets",
            fields=("ResourceId",),
            ServiceNamespace="sagemaker",
        )
        scaled = {one["ResourceId"] for one in targets}
        return sum(
            1
            for one in self.read(described)
            if one.status in _EXISTING
            and any(
                not is_serverless(variant)
                and variant.get("ManagedInstanceScaling", {}).get("Status") != "ENABLED"
                and f"endpoint/{one.name}/variant/{variant['VariantName']}" not in scaled
                for variant in one.variants
            )
        )
