"""Feature groups by the states of the group and of its offline store."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ds_dashboard.testing import Scenario

GROUPS = [
    *[("Created", "Active")] * 11,
    ("Created", "Blocked"),
    ("Created", "None"),
    ("Created", "Disabled"),
    ("CreateFailed", "None"),
]


def summary(status: str, store: str) -> dict[str, Any]:
    """Return a feature group."""
    offline = {} if store == "None" else {"OfflineStoreStatus": {"Status": store}}
    return {"FeatureGroupStatus": status, **offline}


SCENARIOS = [
    Scenario(
        "FeatureGroups",
        value=15,
        breakdown=Counter(GROUPS),
        answers={"sagemaker.list_feature_groups": {"FeatureGroupSummaries": [summary(*one) for one in GROUPS]}},
    )
]
