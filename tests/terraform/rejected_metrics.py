"""Metrics, families and arguments that a plan of a spoke rejects, with parts of the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .planner import Call


@dataclass(frozen=True, slots=True)
class Rejection:
    """A call that a check rejects.

    Attributes:
        call: The call.
        subject: The part of the message that names what is wrong.
        fix: The part of the message that says how to fix it.
        parameters: The parameters of the account.
        kind: The type of these parameters.
    """

    call: Call
    subject: str
    fix: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    kind: str = "String"


def spoke(subject: str, fix: str, **variables: Any) -> Rejection:
    """Return a call of the spoke, with the variables that it needs."""
    return Rejection(Call("spoke", {"project_name": "P", "environment": "dev", **variables}), subject, fix)


def _ssm(*names: str, **more: str) -> dict[str, dict[str, Any]]:
    instances = {name: {"class": "SSMParameterValue", "arguments": {"parameter_name": "/a"}} for name in names}
    return {
        **instances,
        **{n: {"class": "SSMParameterValue", "arguments": {"parameter_name": v}} for n, v in more.items()},
    }


def _ssm_at_runtime(**at_runtime: list[str]) -> dict[str, dict[str, Any]]:
    return {name: {**instance, "at_runtime": at_runtime} for name, instance in _ssm("A").items()}


REJECTED_METRICS = {
    "spoke-metric-unknown": spoke(
        "no metric NumberEndpointInServise. Its metrics are CompletedTrainingJobs24h, NumberEndPointsInService, Q",
        "make manifest package-lambdas",
        metrics=["NumberEndpointInServise"],
    ),
    "spoke-family-unknown": spoke(
        "has no family @inferense. Its families are @buckets, @custom, @inference, @queues, @training.",
        "Correct the name in metrics",
        metrics=["@inferense", "@training"],
    ),
    "spoke-family-twice": spoke("@training", "Use each name once", metrics=["@training", "@training"]),
    "spoke-family-empty": spoke(
        "@custom (SSMParameterValue)", "Add them to metric_instances", metrics=["@custom", "@training"]
    ),
    "spoke-class-unknown": spoke(
        "no metric SSMParameter. Its metrics are CompletedTrainingJobs24h, NumberEndPointsInService, QueueAge",
        "--metrics DIR",
        metric_instances={"A": {"class": "SSMParameter"}},
    ),
    "spoke-metric-twice": spoke(
        "NumberEndPointsInService", "Use each name once", metrics=["NumberEndPointsInService"] * 2
    ),
    "spoke-metric-and-instance": spoke(
        "SSMParameterValue",
        "Use each name once",
        metrics=["SSMParameterValue"],
        metric_instances=_ssm("SSMParameterValue"),
    ),
    "spoke-argument-unknown": spoke(
        "A: name (SSMParameterValue has parameter_name)",
        "Correct or remove",
        metric_instances={"A": {"class": "SSMParameterValue", "arguments": {"parameter_name": "/a", "name": "/a"}}},
    ),
    "spoke-argument-of-none": spoke(
        "A: name (NumberEndPointsInService has none)",
        "Correct or remove",
        metric_instances={"A": {"class": "NumberEndPointsInService", "arguments": {"name": "/a"}}},
    ),
    "spoke-argument-limited": spoke(
        'A: hours = "49" (integer, at least 1 and at most 48); A: statistic = "p95" (string, one of Average, Maximum); '
        'A: statistic = "Sum" (string, one of Average, Maximum); A: step = "61" (integer, one of 60, 300)',
        "Use values as described",
        metric_instances={
            "A": {
                "class": "QueueAge",
                "arguments": {"statistic": "p95", "hours": "48", "share": "0", "step": "61"},
                "at_runtime": {"statistic": ["Average", "Sum"], "hours": ["1", "49"]},
            }
        },
    ),
    "spoke-argument-of-another-type": spoke(
        'A: filters = "[" (json); A: hours = "1.0" (integer, at least 1 and at most 48); '
        'A: share = "half" (number, at least 0); A: strict = "yes" (boolean)',
        "Use values as described",
        metric_instances={
            "A": {"class": "QueueAge", "arguments": {"filters": "[", "hours": "1.0", "share": "half", "strict": "yes"}}
        },
    ),
    "spoke-runtime-unknown": spoke(
        "A: names (SSMParameterValue has parameter_name)",
        "Correct or remove",
        metric_instances=_ssm_at_runtime(names=["/a"]),
    ),
    "spoke-runtime-any": spoke(
        "* for these arguments: A: parameter_name.",
        "the permissions cover each",
        metric_instances=_ssm_at_runtime(parameter_name=["*"]),
    ),
    "spoke-runtime-any-and-others": spoke(
        "* for these arguments: A: hours.",
        'Use ["*"] alone',
        metric_instances={"A": {"class": "QueueAge", "at_runtime": {"hours": ["*", "1"]}}},
    ),
    "spoke-runtime-star": spoke(
        'A: parameter_name = "/b/*".',
        "name one resource",
        metric_instances=_ssm_at_runtime(parameter_name=["/b", "/b/*"]),
    ),
    "spoke-runtime-series": spoke(
        f"invalid names: A(parameter_name=/;{'b' * 107}), A(parameter_name={'b' * 111}).",
        "Use entries in metric_instances with these arguments",
        metric_instances=_ssm_at_runtime(
            parameter_name=[f"/;{'b' * 106}", f"/;{'b' * 107}", "b" * 110, "b" * 111, "#;"]
        ),
    ),
    "spoke-argument-missing": spoke(
        "SSMParameterValue: parameter_name", "Set them in metric_instances", metrics=["SSMParameterValue"]
    ),
    "spoke-argument-star": spoke('A: parameter_name = "/a/*"', "name one resource", metric_instances=_ssm(A="/a/*")),
    "spoke-argument-mark": spoke('A: parameter_name = "/a/?"', "name one resource", metric_instances=_ssm(A="/a/?")),
    "spoke-argument-variable": spoke(
        "aws:username", "Use one instance for each resource", metric_instances=_ssm(A="/$${aws:username}")
    ),
    "spoke-environment-large": spoke(
        "bytes of environment variables, and Lambda allows 4096",
        "Shorten names and arguments",
        metric_instances=_ssm(*(f"Parameter{number:03}" for number in range(60))),
    ),
}
