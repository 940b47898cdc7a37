"""Counts as CloudWatch metrics in the embedded metric format: a line of the log, without an API call.

Source: "Specification: Embedded metric format", Amazon CloudWatch User Guide.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

NAMESPACE = "DSDashboard"


def count(installation: str, counts: Mapping[str, int], unit: str = "Count") -> None:
    """Add numbers to the CloudWatch metrics of these names, in the dimension `Name` = `installation`.

    Args:
        installation: the installation's name.
        counts: metric name -> number.
        unit: the unit of all numbers, as CloudWatch spells it.
    """
    line = {
        "_aws": {
            "Timestamp": time.time_ns() // 1_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Name"]],
                    "Metrics": [{"Name": name, "Unit": unit} for name in counts],
                }
            ],
        },
        "Name": installation,
        **counts,
    }
    # Not through the logger: its JSON format would wrap the line, and CloudWatch would not find the metrics.
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
