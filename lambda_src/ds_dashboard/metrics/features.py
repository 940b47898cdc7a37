"""The feature store."""

from __future__ import annotations

from collections import Counter

from ds_dashboard.metrics import Metric, MetricValue


class FeatureGroups(Metric):
    """Feature groups by their status and that of their offline store.

    Active, Blocked or Disabled, and None for a group without an offline store. Blocked needs attention: SageMaker does
    not write to the store (assumed). It does not see whether records arrive.
    """

    unit = "Count"
    dimensions = ["Status", "OfflineStoreStatus"]
    calls = "1 per 100 feature groups"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListFeatureGroups", "Resource": "*"}]

    def _compute_value(self) -> MetricValue:
        groups = self.pages(
            "sagemaker",
            "list_feature_groups",
            "FeatureGroupSummaries",
            fields=("FeatureGroupStatus", "OfflineStoreStatus"),
        )
        return self.value(
            breakdown=Counter(
                (one.get("FeatureGroupStatus", "unknown"), one.get("OfflineStoreStatus", {}).get("Status", "None"))
                for one in groups
            )
        )
