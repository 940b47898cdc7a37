"""CloudWatch metrics in the embedded metric format: a line of the log, without an API call.

Source: "Specification: Embedded metric format", Amazon CloudWatch User Guide.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

# What the functions count about their own work, and the values of metrics, whose names their authors choose.
NAMESPACE, VALUES_NAMESPACE = "DSDashboard", "DSDashboard/Values"


def count(installation: str, counts: Mapping[str, int], unit: str = "Count") -> None:
    """Add numbers to the CloudWatch metrics of these names, in the dimension `Name` = `installation`.

    Args:
        installation: the installation's name.
        counts: metric name -> number.
        unit: the unit of all numbers, as CloudWatch spells it.
    """
    write(NAMESPACE, {"Name": installation}, counts, dict.fromkeys(counts, unit))


def write(namespace: str, dimensions: Mapping[str, str], values: Mapping[str, float], units: Mapping[str, str]) -> None:
    """Add a value to each of some CloudWatch metrics.

    Args:
        namespace: the namespace of the metrics.
        dimensions: the dimensions of all of them.
        values: metric name -> value, of at most 100 metrics. No metric has the name of a dimension.
        units: metric name -> its unit, as CloudWatch spells it.
    """
    line = {
        "_aws": {
            "Timestamp": time.time_ns() // 1_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": namespace,
                    "Dimensions": [list(dimensions)],
                    "Metrics": [{"Name": name, "Unit": units[name]} for name in values],
                }
            ],
        },
        **dimensions,
        **values,
    }
    # Not through the logger: its JSON format would wrap the line, and CloudWatch would not find the metrics.
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
