"""Pipeline executions: every status, and the edges of the window."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.support.search import search

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Scenario

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline"
# Pipeline, status, time before now when it was started.
EXECUTIONS = [
    *(("daily", "Succeeded" if n % 3 else "Failed", n * HOUR) for n in range(1, 13)),
    ("train", "Succeeded", DAY),
    ("train", "Failed", DAY + SECOND),
    ("train", "Failed", 0 * HOUR),
    ("train", "Executing", HOUR),
    ("train", "Stopped", HOUR),
    ("train", "Stopping", HOUR),
    ("old", "Succeeded", 3 * DAY),
]
COUNTED = [(pipeline, status) for pipeline, status, age in EXECUTIONS if 0 * HOUR < age <= DAY]
STATUSES = Counter(status for _, status in COUNTED)


def answer(executions: list[tuple[str, str, timedelta]]) -> dict[str, Any]:
    """Return the answer of Search."""
    records = [
        {
            "PipelineArn": f"{ARN}/{pipeline}",
            "PipelineExecutionArn": f"{ARN}/{pipeline}/execution/{number}",
            "PipelineExecutionStatus": status,
            "CreationTime": NOW - age,
        }
        for number, (pipeline, status, age) in enumerate(executions)
    ]
    return {"sagemaker.search": search("PipelineExecution", records)}


SCENARIOS = [
    Scenario("PipelineExecutions24h", value=16, breakdown=STATUSES, answers=answer(EXECUTIONS)),
    Scenario(
        "PipelineSuccessRatio24h",
        # 8 of 12 of the one, 1 of 1 of the other.
        value=Decimal("69.23"),
        breakdown={"daily": Decimal("66.67"), "train": 100},
        answers=answer(EXECUTIONS),
        empty=NothingToReport,
    ),
    Scenario(
        "PipelineSuccessRatio24h",
        nothing="no pipeline execution of the last 24 hours has succeeded or failed",
        answers=answer([("train", "Executing", HOUR), ("train", "Stopped", HOUR), ("old", "Failed", 3 * DAY)]),
        title="none has ended",
    ),
]
