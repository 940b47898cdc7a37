"""Amazon Bedrock: requests and tokens by model, provisioned throughput, and jobs.

CloudWatch has requests to the endpoint bedrock-runtime in the namespace AWS/Bedrock, by ModelId, and those to
bedrock-mantle (Responses, Chat Completions and Messages APIs) in AWS/BedrockMantle, by Project and Model. The metrics
here add both. A request that Mantle cannot assign to a project and a model is not in them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from ds_dashboard.metrics import Metric, MetricValue, Reader, reading
from ds_dashboard.metrics._aws import METRIC_DATA, METRIC_DATA_USD, on_all
from ds_dashboard.metrics.cloudwatch import Search

_RUNTIME, _MANTLE = "AWS/Bedrock", "AWS/BedrockMantle"
_CALLS = "1 GetMetricData, together with the other metrics of the run"


class _BedrockMetricData(Metric):
    """Sums over the last 24 hours of metrics that Bedrock publishes, by model and, if there are several, by kind.

    Without data there was no request: the sum is 0.
    """

    historical = True
    calls = _CALLS
    usd = 2 * METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA
    # Metric of AWS/Bedrock or AWS/BedrockMantle -> kind.
    runtime: dict[str, str] = {}
    mantle: dict[str, str] = {}

    def _compute_value(self) -> MetricValue:
        kinds = [*self.runtime.values(), *self.mantle.values()]
        queries = [Search(_RUNTIME, ("ModelId",), metric, "Sum") for metric in self.runtime]
        queries += [Search(_MANTLE, ("Project", "Model"), metric, "Sum") for metric in self.mantle]
        sums: Counter[Any] = Counter()
        for kind, found in zip(kinds, self.search_all(queries, self.window(hours=24)), strict=True):
            for (*_, model), series in found.items():
                sums[(model, kind) if len(self.dimensions) > 1 else model] += int(series.total or 0)
        return self.value(breakdown={key: count for key, count in sums.items() if count})


class BedrockInvocations24h(_BedrockMetricData):
    """Requests to Bedrock models in the last 24 hours, by model.

    Requests that Bedrock accepted, and of bedrock-mantle those that were completed. Throttled requests are not counted.
    Agents and guardrails have metrics of their own.
    """

    unit = "Count"
    dimensions = ["ModelId"]
    runtime = {"Invocations": ""}
    mantle = {"Inferences": ""}


class BedrockTokens24h(_BedrockMetricData):
    """Input and output tokens of Bedrock models in the last 24 hours, by model and direction.

    Tokens that are read from or written to a cache are not counted.
    """

    unit = "Count"
    dimensions = ["ModelId", "Direction"]
    usd = 4 * METRIC_DATA_USD
    runtime = {"InputTokenCount": "input", "OutputTokenCount": "output"}
    mantle = {"InputTokens": "input", "OutputTokens": "output"}


class BedrockErrors24h(_BedrockMetricData):
    """Requests to Bedrock models that failed or were throttled in the last 24 hours, by model and class of error.

    Each retry of a program counts. bedrock-mantle publishes errors of clients only, with throttled requests.
    """

    unit = "Count"
    dimensions = ["ModelId", "ErrorClass"]
    usd = 4 * METRIC_DATA_USD
    runtime = {
        "InvocationClientErrors": "client",
        "InvocationServerErrors": "server",
        "InvocationThrottles": "throttled",
    }
    mantle = {"InferenceClientErrors": "client"}


class Throughput(NamedTuple):
    """Provisioned throughput that is in service."""

    name: str
    arn: str
    model: str
    units: int
    created: Any

    @classmethod
    def of(cls, item: dict[str, Any]) -> Throughput:
        """Read an item of the list."""
        return cls(
            item["provisionedModelName"],
            item["provisionedModelArn"],
            item["modelArn"],
            item["modelUnits"],
            item["creationTime"],
        )


@reading(permissions=on_all("bedrock:ListProvisionedModelThroughputs"), calls="1 per 100 provisioned throughputs")
def throughputs(reader: Reader) -> list[Throughput]:
    """Provisioned throughputs in service, with their model units."""
    return list(
        reader.pages(
            "bedrock",
            "list_provisioned_model_throughputs",
            "provisionedModelSummaries",
            fields=Throughput.of,
            statusEquals="InService",
        )
    )


class BedrockProvisionedModelUnits(Metric):
    """Model units of Bedrock's provisioned throughput in service, by model."""

    unit = "Count"
    dimensions = ["ModelArn"]
    readings = [throughputs]

    def _compute_value(self) -> MetricValue:
        units: Counter[str] = Counter()
        for one in self.read(throughputs):
            units[one.model] += one.units
        return self.value(breakdown=units)


class IdleBedrockThroughput7d(Metric):
    """Provisioned throughputs of Bedrock in service that had no request for 7 days, by name.

    Throughputs that are younger than 7 days are not idle. A throughput is used if CloudWatch has Invocations by a
    ModelId that is its ARN (assumed), its ID or its name. It is paid whether it is used or not.
    """

    unit = "Count"
    dimensions = ["ProvisionedModelName"]
    readings = [throughputs]
    calls = _CALLS
    usd = METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        window = self.window(days=7)
        found = self.search(_RUNTIME, ["ModelId"], "Invocations", "Sum", window)
        used = {model for (model,), series in found.items() if series.total}
        return self.value(
            breakdown={
                one.name: 1
                for one in self.read(throughputs)
                if one.created < window.since and not used & {one.arn, one.arn.rpartition("/")[2], one.name}
            }
        )


class BedrockJobs24h(Metric):
    """Jobs of Bedrock that ended in the last 24 hours, by kind and status: customization, and batch inference.

    It does not see jobs that began before look_back_days.
    """

    unit = "Count"
    dimensions = ["Kind", "Status"]
    calls = "1 per 100 jobs of each kind that began in look_back_days"
    may_read = "where batch inference reads and writes"
    arguments = {
        "look_back_days": {
            "type": "integer",
            "default": 8,
            "minimum": 1,
            "maximum": 60,
            "description": "Jobs that began more days ago than this are not read, even if they ended in the window.",
        }
    }
    _iam_permissions = Metric._iam_permissions + on_all(
        "bedrock:ListModelCustomizationJobs", "bedrock:ListModelInvocationJobs"
    )

    def _compute_value(self) -> MetricValue:
        window = self.window(hours=24)
        since = self.window(days=self.arguments["look_back_days"]).since
        kept = ("status", "endTime")
        lists = {
            "customization": self.pages(
                "bedrock",
                "list_model_customization_jobs",
                "modelCustomizationJobSummaries",
                fields=kept,
                creationTimeAfter=since,
            ),
            "batch inference": self.pages(
                "bedrock", "list_model_invocation_jobs", "invocationJobSummaries", fields=kept, submitTimeAfter=since
            ),
        }
        return self.value(
            breakdown=Counter(
                (kind, job["status"]) for kind, jobs in lists.items() for job in jobs if job.get("endTime") in window
            )
        )
