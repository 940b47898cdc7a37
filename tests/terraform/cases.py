"""Calls that are planned together with those of the inventories."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import CHECKOUT

from .planner import Call

MANIFEST = "sixty-metrics.json"
LONGEST = "a-name-as-long-as-a-name-may-b-1"  # 32
SHORT = "other"
CHINA = "cn-north-1"

# Sixty metrics that need the same few permissions many times.
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
    [
        {
            "Action": [f"sagemaker:{form}" for thing in _THINGS for form in (f"List{thing}s", f"Describe{thing}")],
            "Resource": ["*"],
        }
    ],
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


REAL_MANIFEST = CHECKOUT / "modules" / "spoke" / "metrics.json"
EVERY_METRIC: dict[str, dict[str, Any]] = json.loads(REAL_MANIFEST.read_text())["metrics"]


def write_files(folder: Path) -> None:
    """Write the manifest of the sixty metrics, and that of the repository: the workshop's modules have another."""
    shutil.copy(REAL_MANIFEST, folder / "every-metric.json")
    metrics = {name: {"permissions": statements, "arguments": {}} for name, statements in SIXTY.items()}
    document = {"manifest_version": 1, "base_permissions": [], "metrics": metrics}
    (folder / MANIFEST).write_text(json.dumps(document))


# Of a hub without a report.
_ALARMS = [
    address.split('"')[1]
    for address in json.loads((Path(__file__).parent / "inventories" / "hub-default.inventory.json").read_text())[
        "resources"
    ]
    if address.startswith("aws_cloudwatch_metric_alarm.")
]
# What only some hubs have.
_PAGES: dict[str, Any] = {"dashboard": True, "report": {"schedule": "rate(1 day)"}}


def _installation(name: str) -> dict[str, Call]:
    paths = {"monitors_path": f"/{name}/monitors", "monitored_projects_path": f"/{name}/projects"}
    spokes, hubs = {"P": {"dev": "222222222222"}}, {"Hub": "222222222222"}
    hub = {"refresh_schedule": "rate(1 day)", "monitored_projects": spokes, **_PAGES}
    spoke = {"schedule_expression": "rate(1 day)", "monitors": hubs, "project_name": "P", "environment": "dev"}
    connection = {"monitors": hubs, "monitored_projects": spokes, **paths}
    return {
        f"{name}-hub": Call("hub", {"name": name, **hub, "monitored_projects_path": paths["monitored_projects_path"]}),
        f"{name}-spoke": Call("spoke", {"name": name, **spoke, "monitors_path": paths["monitors_path"]}),
        f"{name}-connection": Call("connection", {"name": name, **connection}),
    }


def _in_china() -> dict[str, Call]:
    """Return calls of all modules in a partition where ARNs and names of services differ."""
    bus = f"arn:aws-cn:events:cn-northwest-1:222222222222:event-bus/{SHORT}"
    common = {
        "alarm_actions": [f"arn:aws-cn:sns:{CHINA}:111111111111:alarms"],
        "permissions_boundary_arn": "arn:aws-cn:iam::111111111111:policy/boundary",
    }
    key = {"kms_key_arn": f"arn:aws-cn:kms:{CHINA}:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
    spokes, hubs = {"P": {"dev": bus}}, {"Hub": bus}
    variables: dict[str, dict[str, Any]] = {
        "hub": {
            **key,
            **_PAGES,
            "event_archive_days": 7,
            "refresh_schedule": "rate(1 day)",
            "monitored_projects": spokes,
        },
        "spoke": {
            **key,
            "project_name": "P",
            "environment": "dev",
            "metrics": ["NumberEndPointsInService"],
            "layers": [f"arn:aws-cn:lambda:{CHINA}:111111111111:layer:boto3:7"],
            "schedule_expression": "rate(1 day)",
            "monitors": hubs,
            "vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]},
        },
        "connection": {"monitors": hubs, "monitored_projects": spokes},
    }
    return {f"china-{module}": Call(module, {**common, **more}, CHINA) for module, more in variables.items()}


def _every_metric() -> Call:
    """Return the call with all metrics of the repository: as families, and those that need arguments as instances."""
    required = {
        name: {argument: spec for argument, spec in entry["arguments"].items() if spec["required"]}
        for name, entry in EVERY_METRIC.items()
    }
    families = sorted({entry["family"] for name, entry in EVERY_METRIC.items() if not required[name]})
    instances = {
        name: {"class": name, "arguments": {argument: _example(spec) for argument, spec in specs.items()}}
        for name, specs in required.items()
        if specs
    }
    return Call(
        "spoke",
        {
            "project_name": "Project1",
            "environment": "dev",
            "metrics": [f"@{family}" for family in families],
            "metric_instances": instances,
            "manifest_path": "${path.root}/every-metric.json",
            "package_s3": {"bucket": "b", "key": "k"},
        },
    )


def _example(spec: Mapping[str, Any]) -> str:
    """Return a value that an argument's declaration allows."""
    if "choices" in spec:
        return str(spec["choices"][0])
    examples = {"string": "a-usual-name", "boolean": "true", "json": "{}"}
    return examples.get(spec["type"], str(spec.get("minimum", spec.get("maximum", 1))))


CALLS = {
    "every-metric": _every_metric(),
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
    "left-vpc": Call(
        "spoke",
        {"project_name": "P", "environment": "dev", "vpc_config": {"subnet_ids": [], "security_group_ids": []}},
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
                "EveryQueue": {"class": "QueueAge", "at_runtime": {"queue": ["a"], "hours": ["*"]}},
                "OneQueue": {"class": "QueueAge", "arguments": {"queue": "a"}},
                "TwoQueues": {
                    "class": "QueueAge",
                    "arguments": {"queue": "a", "step": "60", "share": "0.25", "strict": "TRUE", "filters": "{}"},
                    "at_runtime": {
                        "queue": ["b", "a"],
                        "hours": ["1", "48"],
                        "step": ["300"],
                        "statistic": ["Average"],
                    },
                },
                "Regions": {
                    "class": "TaggedBuckets",
                    "arguments": {"prefix": "models"},
                    "at_runtime": {"prefix": ["data", "logs"]},
                },
            },
        },
    ),
    "families": Call(
        "spoke",
        {
            "project_name": "Project1",
            "environment": "dev",
            "metrics": ["TotalCompletedTrainingJobs", "@training", "@queues", "@buckets"],
            "metric_instances": {
                "TaggedBuckets": {"class": "TaggedBuckets", "arguments": {"prefix": "models"}},
            },
        },
    ),
    "no-alarms": Call("hub", {"dashboard": True, "disabled_alarms": _ALARMS}),
    **_in_china(),
    **_installation(LONGEST),
    **_installation(SHORT),
}
