"""Metrics that have no value, each for another reason."""

from __future__ import annotations

import threading

from ds_dashboard.metrics import Metric


class Broken(Metric):
    """Raises what only its author can explain."""

    def _compute_value(self) -> int:
        raise LookupError("no table of that name")


class Undeclared(Metric):
    """Calls what it does not declare."""

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_notebook_instances", "NotebookInstances")


class NotANumber(Metric):
    """The quotient of nothing by nothing."""

    def _compute_value(self) -> float:
        return float("nan")


class Hangs(Metric):
    """Waits for what never happens."""

    def _compute_value(self) -> int:
        threading.Event().wait()
        return 1
