"""Notebook instances and Studio apps, in every state, and at the bounds of "running for long"."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import boto3

from ds_dashboard.testing import NOW, Scenario

ROLE = "arn:aws:iam::123456789012:role/any"
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
# Status, instance type, time since the last modification.
NOTEBOOKS = [
    *(("InService", "ml.t3.medium", n * HOUR) for n in range(12)),
    ("InService", "ml.g5.xlarge", 12 * HOUR),
    ("InService", "ml.g5.xlarge", 12 * HOUR - SECOND),
    ("InService", "ml.g5.xlarge", 90 * 24 * HOUR),
    ("Stopped", "ml.t3.medium", 50 * HOUR),
    ("Failed", "ml.t3.medium", 50 * HOUR),
    ("Pending", "ml.t3.medium", HOUR),
]
# Status, type, instance type (None: not told), time since the creation, owner.
APPS = [
    *(("InService", "JupyterLab", "ml.t3.medium", n * HOUR, "SpaceName") for n in range(11)),
    ("InService", "JupyterServer", "system", 900 * HOUR, "UserProfileName"),
    ("InService", "JupyterServer", None, 900 * HOUR, "UserProfileName"),
    ("InService", "KernelGateway", "system", 13 * HOUR, "UserProfileName"),
    ("InService", "KernelGateway", None, 12 * HOUR, "UserProfileName"),
    ("InService", "KernelGateway", "ml.g5.xlarge", 12 * HOUR - SECOND, "UserProfileName"),
    ("InService", "CodeEditor", "ml.m5.large", 48 * HOUR, "SpaceName"),
    ("InService", "Canvas", None, 48 * HOUR, "UserProfileName"),
    ("Deleted", "JupyterLab", "ml.g5.xlarge", 50 * HOUR, "SpaceName"),
    ("Failed", "JupyterLab", "ml.g5.xlarge", 50 * HOUR, "SpaceName"),
    ("Deleting", "CodeEditor", "ml.g5.xlarge", 50 * HOUR, "SpaceName"),
    ("Pending", "JupyterLab", "ml.g5.xlarge", HOUR, "SpaceName"),
]


def list_notebook_instances(parameters: dict[str, Any]) -> Any:
    """Answer ListNotebookInstances, with its filter."""
    return {
        "NotebookInstances": [
            {"NotebookInstanceStatus": status, "InstanceType": kind, "LastModifiedTime": NOW - age}
            for status, kind, age in NOTEBOOKS
            if status == parameters["StatusEquals"]
        ]
    }


LISTED_APPS = {
    "Apps": [
        {"Status": status, "AppType": app, "CreationTime": NOW - age, owner: "ada", "DomainId": "d-1"}
        | ({"ResourceSpec": {"InstanceType": kind}} if kind else {})
        for status, app, kind, age, owner in APPS
    ]
}


def notebooks(hours: float) -> Counter[str]:
    """Return the notebook instances that have run for so long."""
    found: Counter[str] = Counter()
    for status, kind, age in NOTEBOOKS:
        if status == "InService" and age.total_seconds() >= hours * 3600:
            found[kind] += 1
    return found


def twelve_notebook_instances_of_which_one_is_stopped() -> None:
    """Create notebook instances, which are in service at once in moto."""
    sagemaker = boto3.client("sagemaker")
    for number in range(12):
        sagemaker.create_notebook_instance(
            NotebookInstanceName=f"notebook-{number}", InstanceType="ml.t3.medium", RoleArn=ROLE
        )
    sagemaker.stop_notebook_instance(NotebookInstanceName="notebook-3")


ANSWERS = {"sagemaker.list_notebook_instances": list_notebook_instances}
APP_ANSWERS = {"sagemaker.list_apps": LISTED_APPS}
SCENARIOS = [
    Scenario("NotebookInstancesInService", value=15, breakdown=notebooks(0), answers=ANSWERS),
    Scenario(
        "NotebookInstancesInService",
        value=11,
        breakdown={"ml.t3.medium": 11},
        seed=twelve_notebook_instances_of_which_one_is_stopped,
        title="moto",
    ),
    Scenario(
        "NotebookInstancesRunningLong",
        value=11,
        breakdown={"ml.t3.medium": 11},
        arguments={"hours": "0"},
        seed=twelve_notebook_instances_of_which_one_is_stopped,
        title="moto",
    ),
    Scenario("NotebookInstancesRunningLong", value=2, breakdown=notebooks(12), answers=ANSWERS),
    Scenario(
        "NotebookInstancesRunningLong",
        value=13,
        breakdown=notebooks(1.5),
        arguments={"hours": "1.5"},
        answers=ANSWERS,
        title="90 minutes",
    ),
    Scenario(
        "StudioAppsInService",
        value=18,
        breakdown={
            ("JupyterLab", "ml.t3.medium"): 11,
            ("JupyterServer", "system"): 2,
            ("KernelGateway", "ml.t3.medium"): 2,
            ("KernelGateway", "ml.g5.xlarge"): 1,
            ("CodeEditor", "ml.m5.large"): 1,
            ("Canvas", "unknown"): 1,
        },
        answers=APP_ANSWERS,
    ),
    Scenario(
        "StudioAppsRunningLong",
        value=4,
        breakdown={"KernelGateway": 2, "CodeEditor": 1, "Canvas": 1},
        answers=APP_ANSWERS,
    ),
    Scenario(
        "StudioAppsRunningLong",
        value=11,
        breakdown={"JupyterLab": 6, "KernelGateway": 3, "CodeEditor": 1, "Canvas": 1},
        arguments={"hours": "5"},
        answers=APP_ANSWERS,
        title="5 hours",
    ),
]
