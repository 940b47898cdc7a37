"""The manifest: what every metric is, asks for and can be told, for Terraform to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ds_dashboard.metrics import permissions
from ds_dashboard_cli.packaging.introspection import described_metrics
from ds_dashboard_cli.packaging.metric_folders import Folder

MANIFEST_VERSION = 1


def build(folders: Sequence[Folder] = ()) -> dict[str, Any]:
    """The manifest of this package's metrics and those in the folders. Raises UserError."""
    metrics = described_metrics(folders)
    return {
        "manifest_version": MANIFEST_VERSION,
        "base_permissions": permissions.normalized("Metric", permissions.BASE_PERMISSIONS),
        "metrics": {name: metrics[name] for name in sorted(metrics)},
    }


def render(manifest: dict[str, Any]) -> str:
    """The manifest's text: the same for the same metrics, so that a difference in git is a difference in metrics."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
