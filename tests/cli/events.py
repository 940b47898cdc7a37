"""Events as the spokes send them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ds_dashboard import dates

RESULT, FAILURE, RUN = "metric_extractor", "metric_extractor_failure", "metric_extractor_run"
_numbers = itertools.count()


def event(detail: Mapping[str, Any], *, kind: str, account: str) -> str:
    """An event as EventBridge delivers it; values of the class `Exact` keep their spelling."""
    number = next(_numbers)
    envelope = {
        "version": "0",
        "id": f"event-{number}",
        "detail-type": kind,
        "source": "metric_extractor",
        "account": account,
        "time": "2026-11-24T11:00:01Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {key: str(value) if isinstance(value, Exact) else value for key, value in detail.items()},
    }
    text = json.dumps(envelope)
    for value in detail.values():
        if isinstance(value, Exact):
            text = text.replace(json.dumps(str(value)), str(value))
    return text


class Exact(str):
    """The JSON text of a number, which is not to go through a float."""


def ago(**span: float) -> str:
    """An instant of the past in the contract's form."""
    return dates.format_instant(dates.now() - timedelta(**span))


def result(**changes: Any) -> dict[str, Any]:
    """The detail of a result."""
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
    """The detail of a failure."""
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
    """The detail of a run that has ended."""
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
