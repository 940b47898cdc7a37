"""Bedrock: both of its endpoints in CloudWatch, metrics with other dimensions, and jobs over the window's edges."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from ds_dashboard.testing import NOW, Answer, Scenario
from ds_dashboard.testing.cloudwatch import Values, metric_data

OPUS, NOVA = "anthropic.claude-opus-4-7", "amazon.nova-pro-v1:0"
ARN = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/"
# Metric, model, values. What is before the 288 periods of 24 hours must not count.
RUNTIME = [
    ("Invocations", OPUS, (1000, *(1,) * 288)),
    ("Invocations", NOVA, (None, 5, None)),
    ("InputTokenCount", OPUS, (70, 30)),
    ("OutputTokenCount", OPUS, (7,)),
    ("InvocationClientErrors", OPUS, (2,)),
    ("InvocationServerErrors", OPUS, (3,)),
    ("InvocationThrottles", NOVA, (4, 4)),
]
MANTLE = [
    ("Inferences", "team-a", OPUS, (10,)),
    ("Inferences", "team-b", OPUS, (20,)),
    ("InputTokens", "team-a", OPUS, (500,)),
    ("OutputTokens", "team-b", NOVA, (50,)),
    ("InferenceClientErrors", "team-a", OPUS, (6,)),
]
# The same requests by other dimensions, which would count again.
AGAIN = [
    Values("AWS/Bedrock", "Invocations", {}, (9999,)),
    Values("AWS/Bedrock", "Invocations", {"ModelId": OPUS, "ContextWindow": "200k"}, (9999,)),
    Values("AWS/BedrockMantle", "Inferences", {"Model": OPUS}, (9999,)),
    Values("AWS/Bedrock/Guardrails", "Invocations", {"ModelId": OPUS}, (9999,)),
]
METRICS: dict[str, Answer] = {
    "cloudwatch.get_metric_data": metric_data(
        *AGAIN,
        *(Values("AWS/Bedrock", metric, {"ModelId": model}, values) for metric, model, values in RUNTIME),
        *(
            Values("AWS/BedrockMantle", metric, {"Project": project, "Model": model}, values)
            for metric, project, model, values in MANTLE
        ),
    )
}

# Name, model, units, age in days.
THROUGHPUTS = [
    ("busy", "model-a", 1, 30),
    ("busy-by-name", "model-a", 2, 30),
    ("busy-by-id", "model-a", 64, 30),
    ("silent", "model-a", 4, 30),
    ("never-used", "model-b", 8, 30),
    ("used-8-days-ago", "model-b", 16, 30),
    ("young", "model-b", 32, 6.9),
    *((f"more-{n}", "model-c", 1, 1) for n in range(12)),
]
USED = metric_data(
    Values("AWS/Bedrock", "Invocations", {"ModelId": f"{ARN}id-busy"}, (0, 1, 0)),
    Values("AWS/Bedrock", "Invocations", {"ModelId": "busy-by-name"}, (1,)),
    Values("AWS/Bedrock", "Invocations", {"ModelId": "id-busy-by-id"}, (1,)),
    Values("AWS/Bedrock", "Invocations", {"ModelId": f"{ARN}id-silent"}, (0, 0)),
    Values("AWS/Bedrock", "Invocations", {"ModelId": f"{ARN}id-used-8-days-ago"}, (1, *(0,) * 168)),
)


def throughputs(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Bedrock does, for those in service."""
    assert parameters == {"statusEquals": "InService"}
    return {
        "provisionedModelSummaries": [
            {
                "provisionedModelName": name,
                "provisionedModelArn": f"{ARN}id-{name}",
                "modelArn": f"arn:aws:bedrock:eu-west-1::foundation-model/{model}",
                "modelUnits": units,
                "status": "InService",
                "creationTime": NOW - timedelta(days=age),
            }
            for name, model, units, age in THROUGHPUTS
        ]
    }


def units() -> dict[str, int]:
    """Add the units of each model."""
    sums: dict[str, int] = {}
    for _, model, count, _ in THROUGHPUTS:
        arn = f"arn:aws:bedrock:eu-west-1::foundation-model/{model}"
        sums[arn] = sums.get(arn, 0) + count
    return sums


# Status, hours since the job began, hours since it ended (None while it runs).
CUSTOMIZATION: list[tuple[str, float, float | None]] = [
    ("Completed", 30, 0.01),
    ("Completed", 30, 24),
    ("Completed", 30, 24.01),
    ("Failed", 24 * 8 + 1, 1),
    ("Failed", 24 * 7, 1),
    ("Stopped", 2, 1),
    ("InProgress", 2, None),
    *[("Completed", 3, 2)] * 12,
]
BATCHES: list[tuple[str, float, float | None]] = [
    ("Completed", 5, 1),
    ("PartiallyCompleted", 5, 0),
    ("PartiallyCompleted", 5, 3),
    ("Expired", 24 * 7, 2),
    ("Scheduled", 1, None),
]


def jobs(key: str, began: str, some: list[tuple[str, float, float | None]]) -> Answer:
    """Return the answer of a list of jobs, which Bedrock filters by their beginning."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            key: [
                {
                    "status": status,
                    began: NOW - timedelta(hours=start),
                    **({} if end is None else {"endTime": NOW - timedelta(hours=end)}),
                }
                for status, start, end in some
                if NOW - timedelta(hours=start) > parameters[f"{began}After"]
            ]
        }

    return answer


ENDED = Counter(
    (kind, status)
    for kind, some in {"customization": CUSTOMIZATION, "batch inference": BATCHES}.items()
    for status, began, end in some
    if end is not None and 0 < end <= 24 and began < 24 * 8
)

SCENARIOS = [
    Scenario(
        "BedrockInvocations24h",
        value=288 + 5 + 30,
        breakdown={OPUS: 318, NOVA: 5},
        answers=METRICS,
    ),
    Scenario(
        "BedrockTokens24h",
        value=100 + 7 + 500 + 50,
        breakdown={(OPUS, "input"): 600, (OPUS, "output"): 7, (NOVA, "output"): 50},
        answers=METRICS,
    ),
    Scenario(
        "BedrockErrors24h",
        value=2 + 3 + 8 + 6,
        breakdown={(OPUS, "client"): 8, (OPUS, "server"): 3, (NOVA, "throttled"): 8},
        answers=METRICS,
    ),
    Scenario(
        "BedrockErrors24h",
        fails="AWS/Bedrock InvocationThrottles",
        answers={
            "cloudwatch.get_metric_data": metric_data(
                Values("AWS/Bedrock", "InvocationThrottles", {"ModelId": OPUS}, (1,), status="PartialData")
            )
        },
        title="an answer that is not complete",
    ),
    Scenario(
        "BedrockProvisionedModelUnits",
        value=sum(units().values()),
        breakdown=units(),
        answers={"bedrock.list_provisioned_model_throughputs": throughputs},
    ),
    Scenario(
        "IdleBedrockThroughput7d",
        value=3,
        breakdown={"silent": 1, "never-used": 1, "used-8-days-ago": 1},
        answers={"bedrock.list_provisioned_model_throughputs": throughputs, "cloudwatch.get_metric_data": USED},
    ),
    Scenario(
        "BedrockJobs24h",
        value=ENDED.total(),
        breakdown=ENDED,
        answers={
            "bedrock.list_model_customization_jobs": jobs(
                "modelCustomizationJobSummaries", "creationTime", CUSTOMIZATION
            ),
            "bedrock.list_model_invocation_jobs": jobs("invocationJobSummaries", "submitTime", BATCHES),
        },
    ),
]
