"""Metrics: `Metric` for authors, `registry` to find and create metrics, and one file for each family of metrics."""

from __future__ import annotations

from ds_dashboard.metrics.base import Metric
from ds_dashboard.metrics.errors import (
    ArgumentNotAllowed,
    MetricDeclarationError,
    MetricUnavailable,
    NothingToReport,
)
from ds_dashboard.metrics.reader import Reader, Window
from ds_dashboard.metrics.readings import Reading, reading
from ds_dashboard.metrics.value import MetricValue

__all__ = [
    "ArgumentNotAllowed",
    "Metric",
    "MetricDeclarationError",
    "MetricUnavailable",
    "MetricValue",
    "NothingToReport",
    "Reader",
    "Reading",
    "Window",
    "reading",
]
