"""Metrics in log lines (embedded metric format).

On AWS a log line that is a JSON object with `_aws.CloudWatchMetrics` becomes metrics when it is ingested, whoever wrote
it, and alarms on them change state.

The engine stores the line.

Replaces `cloudwatch_logs._append_log_events`, through which every line passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def close(engine: Any, state: Path) -> None:
    from ministack.services import cloudwatch, cloudwatch_logs

    append = cloudwatch_logs._append_log_events

    def _append_log_events(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        append(stream, events)
        for event in events:
            for namespace, data in _metrics_in(event["message"]):
                cloudwatch._put_metric_data({}, {"Namespace": namespace, "MetricData": data}, False, True)

    cloudwatch_logs._append_log_events = _append_log_events


def _metrics_in(line: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if '"_aws"' not in line:
        return
    try:
        content = json.loads(line)
        directives = content["_aws"]["CloudWatchMetrics"]
        for directive in directives:
            yield directive["Namespace"], list(_data(directive, content))
    except (ValueError, KeyError, TypeError):
        return  # as on AWS: a line that is no valid metric is a line


def _data(directive: dict[str, Any], content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for names in directive.get("Dimensions") or [[]]:
        dimensions = [{"Name": name, "Value": str(content[name])} for name in names]
        for metric in directive["Metrics"]:
            value = content[metric["Name"]]
            for single in value if isinstance(value, list) else [value]:
                yield {
                    "MetricName": metric["Name"],
                    "Dimensions": dimensions,
                    "Value": float(single),
                    "Unit": metric.get("Unit", "None"),
                }
