"""Metrics that services publish about themselves."""

from __future__ import annotations

from typing import Any


def record(namespace: str, values: dict[str, float], dimensions: dict[str, str], unit: str = "Count") -> None:
    """Publish in the current account and region, and let the alarms look at it."""
    from ministack.services import cloudwatch

    described = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    data: list[dict[str, Any]] = [
        {"MetricName": name, "Dimensions": described, "Value": value, "Unit": unit} for name, value in values.items()
    ]
    cloudwatch._put_metric_data({}, {"Namespace": namespace, "MetricData": data}, False, True)


def count_of_events(metric: str, dimensions: dict[str, str]) -> None:
    """Count as EventBridge does: a rule of the default bus has no EventBusName."""
    names = {k: v for k, v in dimensions.items() if (k, v) != ("EventBusName", "default")}
    record("AWS/Events", {metric: 1.0}, names)
