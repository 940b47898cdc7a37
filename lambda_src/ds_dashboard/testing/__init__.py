"""Test kit for metrics: an account that answers calls, records them and makes them harder, at a time that stands still.

It is a part of the wheel, and not of the package that runs in AWS.
"""

from __future__ import annotations

from ds_dashboard.testing.account import NOW, FakeAccount, Measured
from ds_dashboard.testing.answers import Answer, NoAnswer
from ds_dashboard.testing.cloudwatch import Values, metric_data
from ds_dashboard.testing.recorder import DENIED, FAILED, THROTTLED, Call, Error, Fault, Recorder
from ds_dashboard.testing.scenario import Scenario
from ds_dashboard.testing.shapes import NotInModel

__all__ = [
    "DENIED",
    "FAILED",
    "NOW",
    "THROTTLED",
    "Answer",
    "Call",
    "Error",
    "FakeAccount",
    "Fault",
    "Measured",
    "NoAnswer",
    "NotInModel",
    "Recorder",
    "Scenario",
    "Values",
    "metric_data",
]
