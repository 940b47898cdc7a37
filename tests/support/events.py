"""Details of events of the project P/dev, with values that a test changes one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ds_dashboard_dev.testing.events import FAILURE, RESULT, RUN, envelope, instant

__all__ = ["FAILURE", "RESULT", "RUN", "Exact", "ago", "event", "failure", "result", "run_event"]


class Exact(str):
    """The JSON text of a number that must not go through a float."""


def event(detail: Mapping[str, Any], *, kind: str, account: str) -> str:
    """Return an event as EventBridge delivers it to a queue; values of the class `Exact` keep their spelling."""
    text = json.dumps(detail)
    for value in detail.values():
        if isinstance(value, Exact):
            text = text.replace(json.dumps(value), value)
    return envelope(text, account=account, kind=kind)


def ago(**span: float) -> str:
    """Return a time in the past in the form of the event contract, such as `ago(minutes=5)`."""
    return instant(timedelta(**span))


def result(**changes: Any) -> dict[str, Any]:
    """Return the detail of a result."""
    return {
        "MetricName": "Jobs",
        "MetricValue": 1,
        "ExtractionDate": ago(minutes=5),
        "Metadata": {},
        "Environment": "dev",
        "ProjectName": "P",
        "Unit": "Count",
        **changes,
    }


def failure(**changes: Any) -> dict[str, Any]:
    """Return the detail of a failure."""
    return {
        "MetricName": "Broken",
        "ErrorType": "MetricDenied",
        "ErrorMessage": "Broken needs sagemaker:ListApps",
        "ExtractionDate": ago(minutes=5),
        "Environment": "dev",
        "ProjectName": "P",
        **changes,
    }


def run_event(**changes: Any) -> dict[str, Any]:
    """Return the detail of a run."""
    return {
        "RefreshId": "R1",
        "ProjectName": "P",
        "Environment": "dev",
        "StartedAt": ago(minutes=6),
        "FinishedAt": ago(minutes=5),
        "Emitted": 1,
        "Failed": 0,
        "Metrics": ["Jobs", "Broken"],
        "PackageVersion": "0.1.0",
        **changes,
    }
