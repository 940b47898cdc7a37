"""Metrics: `Metric` for authors, `registry` to find and create metrics, and one file for each family of metrics."""

from __future__ import annotations

from ds_dashboard.metrics.base import Metric, MetricValue
from ds_dashboard.metrics.errors import ArgumentNotAllowed, MetricDeclarationError, MetricUnavailable

__all__ = ["ArgumentNotAllowed", "Metric", "MetricDeclarationError", "MetricUnavailable", "MetricValue"]
