"""Checks of metrics for their authors: what a metric calls, against what it declares and what IAM knows."""

from __future__ import annotations
