"""Metrics that go wrong, each in another way. None of them may hold another one up."""

from __future__ import annotations

import threading
from typing import Any

from ds_dashboard.metrics import Metric


class Raises(Metric):
    """Raises what only its author can explain."""

    def _compute_value(self) -> int:
        raise LookupError("no table of that name")


class Denied(Metric):
    """Calls what it does not declare."""

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_notebook_instances", "NotebookInstances")


class Hangs(Metric):
    """Waits for what never happens."""

    def _compute_value(self) -> int:
        threading.Event().wait()
        return 1


class ReturnsNone(Metric):
    """Forgets to return."""

    def _compute_value(self) -> Any:
        return None


class ReturnsNan(Metric):
    """The quotient of nothing by nothing."""

    def _compute_value(self) -> float:
        return float("nan")


class ReturnsInfinity(Metric):
    """More than there is."""

    def _compute_value(self) -> float:
        return float("-inf")


class TooManyDigits(Metric):
    """A number of 400 digits."""

    def _compute_value(self) -> int:
        return int("7" * 400)


class LongText(Metric):
    """A text of 300 KB."""

    def _compute_value(self) -> str:
        return "x" * 300 * 1024


class Unknown(Metric):
    """An object of no type that anyone knows."""

    def _compute_value(self) -> Any:
        return object()
