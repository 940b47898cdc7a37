"""Model packages: with and without versions, approved, rejected, pending."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import boto3

from ds_dashboard.testing import NOW, Scenario

DAY = timedelta(days=1)
PENDING = "PendingManualApproval"
# Group, approval (None: without versions), age.
PACKAGES: list[tuple[str | None, str | None, timedelta]] = [
    *(("churn", "Approved", n * DAY) for n in range(2, 13)),
    ("churn", "Rejected", DAY),
    ("churn", PENDING, 3 * DAY),
    ("churn", PENDING, 2 * DAY),
    ("fraud", PENDING, timedelta(minutes=90)),
    # It was created while the run went on.
    ("new", PENDING, -timedelta(seconds=1)),
    (None, None, 400 * DAY),
]
STATUSES = Counter(approval or "None" for _, approval, _ in PACKAGES)


def list_model_packages(parameters: dict[str, Any]) -> Any:
    """Answer ListModelPackages: without a type, only packages without versions."""
    wanted = parameters.get("ModelPackageType", "Unversioned")
    found = []
    for group, approval, age in PACKAGES:
        kind = "Versioned" if group else "Unversioned"
        if wanted in (kind, "Both"):
            optional = {"ModelPackageGroupName": group, "ModelApprovalStatus": approval}
            found.append({"CreationTime": NOW - age} | {name: one for name, one in optional.items() if one})
    return {"ModelPackageSummaryList": found}


def a_group_with_three_versions_and_a_package_without() -> None:
    """Create model packages."""
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    approvals: list[Any] = ["Approved", "Rejected", PENDING]
    for approval in approvals:
        sagemaker.create_model_package(ModelPackageGroupName="churn", ModelApprovalStatus=approval)
    specification: Any = {
        "Containers": [{"Image": "image"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    sagemaker.create_model_package(ModelPackageName="plain", InferenceSpecification=specification)


ANSWERS = {"sagemaker.list_model_packages": list_model_packages}
SCENARIOS = [
    Scenario("ModelPackagesByApproval", value=17, breakdown=STATUSES, answers=ANSWERS),
    Scenario(
        "ModelPackagesByApproval",
        value=4,
        breakdown={"Approved": 1, "Rejected": 1, PENDING: 1, "None": 1},
        seed=a_group_with_three_versions_and_a_package_without,
        title="moto",
    ),
    Scenario(
        "OldestPendingModelPackage",
        value=3 * 86400,
        breakdown={"churn": 3 * 86400, "fraud": 5400, "new": 0},
        answers=ANSWERS,
    ),
    Scenario(
        "OldestPendingModelPackage",
        value=0,
        answers={
            "sagemaker.list_model_packages": {
                "ModelPackageSummaryList": [{"ModelApprovalStatus": "Approved", "CreationTime": NOW - DAY}]
            }
        },
        title="nothing is pending",
    ),
]
