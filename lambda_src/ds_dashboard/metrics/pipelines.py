"""Pipelines: executions and how many of them succeed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, reading
from ds_dashboard.metrics._sagemaker import SEARCH, SEARCH_READS, search, within


class Execution(NamedTuple):
    """What metrics need of a pipeline execution, from the record of a search."""

    arn: str
    pipeline: str
    status: str
    created: datetime

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Execution:
        """Read a record of a search."""
        one = record["PipelineExecution"]
        name = one["PipelineArn"].rpartition("/")[2]
        return cls(one["PipelineExecutionArn"], name, one["PipelineExecutionStatus"], one["CreationTime"])


@reading(permissions=SEARCH, calls="1 per 100 pipeline executions that were started in 24 hours", may_read=SEARCH_READS)
def started_executions(reader: Reader) -> list[Execution]:
    """Pipeline executions that were started in the last 24 hours."""
    window = reader.window(hours=24)
    found: list[Execution] = search(reader, "PipelineExecution", within("CreationTime", *window), Execution.of)
    return [one for one in found if one.created in window]


class PipelineExecutions24h(Metric):
    """Pipeline executions that were started in the last 24 hours, by the status that they have now.

    Search finds them; its index lags behind by seconds to minutes (assumed). It does not see executions of pipelines
    that have been deleted, or the end of executions that were started earlier.
    """

    unit = "Count"
    dimensions = ["Status"]
    readings = [started_executions]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown=Counter(one.status for one in self.read(started_executions)))


class PipelineSuccessRatio24h(Metric):
    """The share of pipeline executions that succeeded, of those that were started in the last 24 hours, by pipeline.

    Succeeded / (Succeeded + Failed), over all pipelines in the headline. It does not see executions that run, or that
    were stopped. The pipeline's name is that of its ARN, in lower case (assumed).
    """

    unit = "Percent"
    dimensions = ["PipelineName"]
    readings = [started_executions]

    def _compute_value(self) -> MetricValue:
        succeeded: dict[str, list[bool]] = defaultdict(list)
        for one in self.read(started_executions):
            if one.status in ("Succeeded", "Failed"):
                succeeded[one.pipeline].append(one.status == "Succeeded")
        if not succeeded:
            raise NothingToReport("no pipeline execution of the last 24 hours has succeeded or failed")
        # Of the pipelines that do not fit into an event, the worst one is shown.
        return self.value(
            _percent([one for some in succeeded.values() for one in some]),
            breakdown={pipeline: _percent(some) for pipeline, some in succeeded.items()},
            other=min,
        )


def _percent(succeeded: list[bool]) -> Decimal:
    return (Decimal(100 * sum(succeeded)) / len(succeeded)).quantize(Decimal("0.01"))
