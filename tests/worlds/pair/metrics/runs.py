"""Metrics that use what a run offers: readings, dimensions, nothing to report, arguments, past instants."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, reading

ROWS = 6000


@reading(permissions=[{"Action": "ssm:DescribeParameters", "Resource": "*"}], calls="1 per 50 parameters")
def parameters(reader: Reader) -> Sequence[str]:
    """Names of all parameters."""
    return [one["Name"] for one in reader.pages("ssm", "describe_parameters", "Parameters", fields=["Name"])]


@reading(permissions=[], calls="none")
def endless(reader: Reader) -> int:
    """Never ends."""
    reader.now()
    threading.Event().wait()
    return 0


class CountedParameters(Metric):
    """Number of parameters."""

    unit = "Count"
    readings = [parameters]

    def _compute_value(self) -> int:
        return len(self.read(parameters))


class LongestParameter(Metric):
    """Length of the longest name of a parameter."""

    unit = "Count"
    readings = [parameters]

    def _compute_value(self) -> int:
        return max(map(len, self.read(parameters)), default=0)


class WaitsForever(Metric):
    """Needs a reading that never ends."""

    readings = [endless]

    def _compute_value(self) -> int:
        return self.read(endless)


class WaitsAsWell(WaitsForever):
    """Needs the same reading."""


class Wide(Metric):
    """More rows than an event has room for."""

    unit = "Count"
    dimensions = ["Row"]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown={f"row-{number:04}": number for number in range(ROWS)})


class Quiet(Metric):
    """Has nothing to report."""

    def _compute_value(self) -> int:
        raise NothingToReport("no job ended in the window")


class Dated(Metric):
    """Number of days between 1970 and the instant of the run."""

    unit = "Count"
    historical = True

    def _compute_value(self) -> int:
        return int(self.now().timestamp()) // 86400


class Chosen(Metric):
    """The number that it is given."""

    arguments = {"number": {"type": "integer", "default": 1, "minimum": 0}}

    def _compute_value(self) -> int:
        return int(self.arguments["number"])
