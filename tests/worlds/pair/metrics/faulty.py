"""Metrics that fail, each in another way. None of them may delay another one."""

from __future__ import annotations

import threading
from typing import Any

from ds_dashboard.metrics import Metric


class Raises(Metric):
    """Raises an error of its own."""

    def _compute_value(self) -> int:
        raise LookupError("no table of that name")


class Denied(Metric):
    """Calls an API without declaring the permission."""

    def _compute_value(self) -> int:
        return self.count("sagemaker", "list_notebook_instances", "NotebookInstances")


class Hangs(Metric):
    """Waits forever."""

    def _compute_value(self) -> int:
        threading.Event().wait()
        return 1


class ReturnsNone(Metric):
    """Forgets to return."""

    def _compute_value(self) -> Any:
        return None


class ReturnsNan(Metric):
    """Returns 0 / 0."""

    def _compute_value(self) -> float:
        return float("nan")


class ReturnsInfinity(Metric):
    """Returns minus infinity."""

    def _compute_value(self) -> float:
        return float("-inf")


class TooManyDigits(Metric):
    """Returns a number of 400 digits."""

    def _compute_value(self) -> int:
        return int("7" * 400)


class LongText(Metric):
    """Returns a text of 300 KB."""

    def _compute_value(self) -> str:
        return "x" * 300 * 1024


class Unknown(Metric):
    """Returns a value of an unsupported type."""

    def _compute_value(self) -> Any:
        return object()
