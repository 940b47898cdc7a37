"""What the manifest says about one metric."""

from __future__ import annotations

import json
from typing import Any, cast

from ds_dashboard.metrics import Metric, MetricDeclarationError, arguments, permissions
from ds_dashboard_cli.packaging.probing import probed_permissions
from ds_dashboard_cli.packaging.sandbox import REGION


def of(cls: type) -> dict[str, Any]:
    """The manifest's entry of a metric, in the manifest's order of keys. Raises MetricDeclarationError."""
    metric = cast("type[Metric]", cls)
    name = metric.__name__
    declared = arguments.normalized(name, metric.arguments)
    required = [argument for argument, spec in declared.items() if spec["required"]]
    statements: Any = metric._iam_permissions
    if metric.get_iam_permissions is not Metric.get_iam_permissions:
        statements = probed_permissions(metric, list(declared))
    base = permissions.normalized("Metric", permissions.BASE_PERMISSIONS)
    asked = [one for one in permissions.normalized(name, statements, required) if one not in base]
    entry = {
        "description": _first_line(metric.__dict__.get("__doc__")) or name,
        "unit": metric.unit,
        "module": metric.__module__,
        "permissions": asked,
        "arguments": declared,
        "dimensions": list(metric.dimensions),
    }
    _check_plain(name, entry)
    return entry


def _first_line(docstring: str | None) -> str:
    return next((line.strip() for line in (docstring or "").splitlines() if line.strip()), "")


def _check_plain(name: str, entry: dict[str, Any]) -> None:
    try:
        text = json.dumps(entry)
    except (TypeError, ValueError) as error:
        raise MetricDeclarationError(
            name, f"a default or a Condition cannot be written as JSON ({error})", "Use strings, numbers and lists."
        ) from error
    if REGION in text:
        raise MetricDeclarationError(
            name,
            "the region was read from the environment while the file was imported, and there is none",
            "Write **REGION** where the region belongs.",
        )
