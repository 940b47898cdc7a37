"""The model registry: packages by approval, and those that wait for it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, Reader, reading


@reading(
    permissions=[{"Action": "sagemaker:ListModelPackages", "Resource": "*"}],
    calls="1 per 100 model packages",
    may_read="the descriptions of model packages",
)
def packages(reader: Reader) -> list[dict[str, Any]]:
    """Group, approval and time of creation of every model package, with and without versions."""
    fields = ("ModelPackageGroupName", "ModelApprovalStatus", "CreationTime")
    # Without the type, SageMaker lists only packages without versions, and a registry looks empty.
    found = reader.pages(
        "sagemaker", "list_model_packages", "ModelPackageSummaryList", fields=fields, ModelPackageType="Both"
    )
    return list(found)


class ModelPackagesByApproval(Metric):
    """Model packages by approval: Approved, Rejected, PendingManualApproval, or None for those without versions.

    Every version of every group counts, and packages without a group, which need no approval. It does not see where a
    package is deployed.
    """

    unit = "Count"
    dimensions = ["ApprovalStatus"]
    readings = [packages]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown=Counter(one.get("ModelApprovalStatus", "None") for one in self.read(packages)))


class OldestPendingModelPackage(Metric):
    """How long the oldest model package has been waiting for approval, by group; 0 if none waits.

    The time since its creation. The headline is the longest. It does not see a package that was approved before and
    is pending again: that waits since its creation.
    """

    unit = "Seconds"
    dimensions = ["ModelPackageGroupName"]
    readings = [packages]

    def _compute_value(self) -> MetricValue:
        now = self.now()
        waits: dict[str, Decimal] = {}
        for one in self.read(packages):
            if one.get("ModelApprovalStatus") == "PendingManualApproval":
                group = one.get("ModelPackageGroupName", "None")
                wait = Decimal((now - one["CreationTime"]) // timedelta(milliseconds=1)) / 1000
                # A package that is created while the run goes on waits for 0 seconds.
                waits[group] = max(waits.get(group, Decimal(0)), wait)
        return self.value(max(waits.values(), default=0), breakdown=waits, other=max)
