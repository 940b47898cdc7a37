"""The manifest: the declarations of all metrics, as JSON for Terraform."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ds_dashboard.metrics import permissions
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.packaging import sandbox
from ds_dashboard_cli.packaging.metric_folders import MetricFolder
from ds_dashboard_cli.packaging.problems import located

_VERSION = 1
_INTROSPECTION = "ds_dashboard_cli.packaging.introspect"


def build(folders: Sequence[MetricFolder] = ()) -> dict[str, Any]:
    """Build the manifest of the metrics in the `ds_dashboard` library and in the given folders.

    Returns:
        `{"manifest_version", "base_permissions", "metrics": {name: entry}, "readings": {name: entry}}`, with sorted
        names. A reading's name begins with its module.

    Raises:
        UserError: a metric cannot be imported or has an invalid declaration; lists every problem with file and line.
    """
    described = _describe_metrics(folders)
    metrics, readings = described["metrics"], described["readings"]
    return {
        "manifest_version": _VERSION,
        "base_permissions": permissions.normalized("Metric", permissions.BASE_PERMISSIONS),
        "metrics": {name: metrics[name] for name in sorted(metrics)},
        "readings": {name: readings[name] for name in sorted(readings)},
    }


def _describe_metrics(folders: Sequence[MetricFolder]) -> dict[str, Any]:
    answer = sandbox.run(_INTROSPECTION, sandbox.request_for(folders), "import")
    if answer["problems"]:
        raise UserError(
            "Metrics",
            "the following problems were found:" if len(answer["problems"]) > 1 else "a problem was found:",
            "",
            details=tuple(located(one) for one in answer["problems"]),
        )
    metrics: dict[str, dict[str, Any]] = answer["metrics"]
    for folder in folders:
        if not any(entry["module"].startswith(f"{folder.module}.") for entry in metrics.values()):
            searched = ", ".join(path.name for _, path in folder.modules()) or "no file"
            raise UserError(
                display_path(folder.path),
                f"has no metric (searched: {searched}).",
                "A metric is a class that derives from ds_dashboard.metrics.Metric, in a file whose name does not "
                "begin with `_` or `test_`.",
            )
    return answer


def render_json(manifest: dict[str, Any]) -> str:
    """Render the manifest as JSON. The same metrics always give the same text."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
