"""Metrics: `Metric` for their authors, `registry` for whoever computes them, and one file per family of metrics."""

from __future__ import annotations

from ds_dashboard.metrics.base import Metric
from ds_dashboard.metrics.errors import MetricDeclarationError, MetricUnavailable
from ds_dashboard.metrics.value import MetricValue

__all__ = ["Metric", "MetricDeclarationError", "MetricUnavailable", "MetricValue"]
