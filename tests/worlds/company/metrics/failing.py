"""Metrics that fail, each for a different reason."""

from __future__ import annotations

import threading

from ds_dashboard.metrics import Metric


class Broken(Metric):
    """Raises an exception of its own."""

    def _compute_value(self) -> int:
        raise LookupError("no table of that name")


class Undeclared(Metric):
    """Calls an API that it does not declare."""

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_notebook_instances", "NotebookInstances")


class NotANumber(Metric):
    """Returns NaN."""

    def _compute_value(self) -> float:
        return float("nan")


class Hangs(Metric):
    """Never returns."""

    def _compute_value(self) -> int:
        threading.Event().wait()
        return 1
