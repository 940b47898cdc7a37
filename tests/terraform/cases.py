"""Calls that are planned together with those of the inventories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .planner import Call

MANIFEST = "sixty-metrics.json"
LONGEST = "a-name-as-long-as-a-name-may-be1"  # 32
SHORT = "other"

# Sixty metrics that need the same few permissions many times.
_VERBS = ["List", "Describe"]
_THINGS = [
    "Endpoint",
    "Experiment",
    "LabelingJob",
    "Model",
    "ProcessingJob",
    "TrainingJob",
    "TransformJob",
    "Workforce",
]
_STATEMENTS: list[list[dict[str, Any]]] = [
    [{"Action": [f"sagemaker:{verb}{thing}" for verb in _VERBS for thing in _THINGS], "Resource": ["*"]}],
    [
        {"Action": ["sagemaker:ListEndpoints"], "Resource": ["*"]},
        {"Action": ["s3:ListBucket"], "Resource": ["arn:**PARTITION**:s3:::models-**ACCOUNT_ID**-**REGION**"]},
    ],
    [{"Action": ["s3:ListBucket"], "Resource": ["arn:**PARTITION**:s3:::data-**PROJECT_NAME**-**ENVIRONMENT**"]}],
    [
        {
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:**PARTITION**:s3:::data-**PROJECT_NAME**-**ENVIRONMENT**"],
            "Condition": {"StringLike": {"s3:prefix": ["**PROJECT_NAME**/*"]}},
        }
    ],
    [{"Action": "cloudwatch:GetMetricData", "Resource": "*"}],
]
SIXTY = {f"MetricNumber{number:02}OfTheSixty": _STATEMENTS[number % len(_STATEMENTS)] for number in range(60)}


def write_files(folder: Path) -> None:
    """Write the manifest of the sixty metrics."""
    metrics = {name: {"permissions": statements, "arguments": {}} for name, statements in SIXTY.items()}
    document = {"manifest_version": 1, "base_permissions": [], "metrics": metrics}
    (folder / MANIFEST).write_text(json.dumps(document))


def _installation(name: str) -> dict[str, Call]:
    paths = {"monitors_path": f"/{name}/monitors", "monitored_projects_path": f"/{name}/projects"}
    spokes, hubs = {"P": {"dev": "222222222222"}}, {"Hub": "222222222222"}
    hub = {"refresh_schedule": "rate(1 day)", "monitored_projects": spokes}
    spoke = {"schedule_expression": "rate(1 day)", "monitors": hubs, "project_name": "P", "environment": "dev"}
    connection = {"monitors": hubs, "monitored_projects": spokes, **paths}
    return {
        f"{name}-hub": Call("hub", {"name": name, **hub, "monitored_projects_path": paths["monitored_projects_path"]}),
        f"{name}-spoke": Call("spoke", {"name": name, **spoke, "monitors_path": paths["monitors_path"]}),
        f"{name}-connection": Call("connection", {"name": name, **connection}),
    }


CALLS = {
    "sixty": Call(
        "spoke",
        {
            "project_name": "Project1",
            "environment": "dev",
            "metrics": sorted(SIXTY),
            "manifest_path": f"${{path.root}}/{MANIFEST}",
            "package_s3": {"bucket": "b", "key": "k"},
        },
    ),
    "filled": Call(
        "spoke",
        {
            "project_name": "Project1",
            "environment": "dev",
            "metric_instances": {
                "Deep": {"class": "SSMParameterValue", "arguments": {"parameter_name": "/team/x"}},
                "Plain": {"class": "SSMParameterValue", "arguments": {"parameter_name": "x"}},
                "Quoted": {"class": "SSMParameterValue", "arguments": {"parameter_name": 'a"b\\c<d>'}},
                "Data": {"class": "TaggedBuckets"},
                "Models": {"class": "TaggedBuckets", "arguments": {"prefix": "models"}},
            },
        },
    ),
    **_installation(LONGEST),
    **_installation(SHORT),
}
