"""Alarms in CloudWatch's query protocol, which Terraform's AWS provider 5 speaks.

On AWS an alarm reads back as it was put: period, statistic, dimensions, actions, description, metric queries.

In the query protocol the engine's DescribeAlarms leaves most of these out, so that no plan is ever empty, and its
PutMetricAlarm drops InsufficientDataActions; in every protocol it drops `Metrics` and gives an alarm that has none a
statistic and a period. Its JSON branch is complete otherwise.

Replaces `cloudwatch._describe_alarms`, `_describe_alarms_for_metric` and `_put_metric_alarm`: a query is read by the
service's model, answered by the JSON branch, and written as XML by the model. An alarm on `Metrics` is kept but, as
in the engine, never evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine import query_protocol

_KEPT = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit", "Dimensions")


def close(engine: Any, state: Path) -> None:
    from ministack.services import cloudwatch

    for name, operation in (
        ("_describe_alarms", "DescribeAlarms"),
        ("_describe_alarms_for_metric", "DescribeAlarmsForMetric"),
        ("_put_metric_alarm", "PutMetricAlarm"),
    ):
        handler = getattr(cloudwatch, name)
        if operation == "PutMetricAlarm":
            handler = _keeping_metrics(handler)
        setattr(cloudwatch, name, _through_json(handler, operation))


def _keeping_metrics(handler: Callable[..., Any]) -> Callable[..., Any]:
    def put(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        from ministack.services import cloudwatch

        answer = handler(params, data, is_cbor, is_json)
        alarm = cloudwatch._alarms.get(data.get("AlarmName", ""))
        if answer[0] == 200 and alarm is not None:
            alarm.update({name: data[name] for name in _KEPT if data.get(name)})
            if data.get("Metrics"):
                alarm.update(dict.fromkeys(_OF_ONE_METRIC))
            elif data.get("ExtendedStatistic"):
                alarm["Statistic"] = None
        return answer

    return put


def _through_json(handler: Callable[..., Any], operation: str) -> Callable[..., Any]:
    def handle(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return handler(params, data, is_cbor, is_json)
        given = query_protocol.parse("cloudwatch", operation, params)
        status, _headers, body = handler(params, given, False, True)
        if status != 200:
            # The engine's own query branch words the error, and has changed nothing.
            return handler(params, given, False, False)
        text = query_protocol.serialize("cloudwatch", operation, json.loads(body or b"{}"))
        return 200, {"Content-Type": "text/xml"}, text.encode()

    return handle
