"""Alarms: how they read back, and when they change state."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from ministack.core.responses import get_region, request_scope
from ministack.services import cloudwatch

from ds_dashboard_local.engine import query_protocol
from ds_dashboard_local.engine.patching import gap, replace, wrap
from ds_dashboard_local.settings import PARTITION

_EVALUATION_INTERVAL = 10.0
_ACTION_FIELDS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_EXTRA_FIELDS = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
_SINGLE_METRIC_FIELDS = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit", "Dimensions")
_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


@gap
def alarm_actions() -> None:
    """Refuse alarm actions of another region or partition.

    AWS: rejects an alarm with an action whose ARN is of another region or partition, such as an SNS topic, with
    ValidationError.

    Engine: stores it, and the alarm notifies nobody.
    """
    wrap(cloudwatch, "_put_metric_alarm", _put_with_valid_actions)
    wrap(cloudwatch, "_put_composite_alarm", _put_with_valid_actions)


def _put_with_valid_actions(
    original: Any, params: Any, cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Any:
    data = cbor_data or query_protocol.parse("cloudwatch", "PutMetricAlarm", params)
    for arn in (arn for name in _ACTION_FIELDS for arn in data.get(name) or []):
        _, partition, _, region, *_ = [*str(arn).split(":"), "", "", "", ""]
        error = None
        if partition != PARTITION:
            error = f"Invalid arn syntax: {arn}"
        elif region not in ("", get_region()):
            error = f"Invalid region {region} specified. Only {get_region()} is supported."
        if error:
            return cloudwatch._error("ValidationError", error, 400, is_json, is_cbor)
    return original(params, cbor_data, is_cbor, is_json)


@gap
def alarms_query_protocol() -> None:
    """Return the whole alarm in the query protocol, which Terraform's AWS provider 5 uses.

    AWS: an alarm reads back as it was put: period, statistic, dimensions, actions, description, metric queries.

    Engine: in the query protocol DescribeAlarms leaves most of them out, so that no plan is ever empty, and
    PutMetricAlarm drops InsufficientDataActions. In every protocol it drops `Metrics` and gives such an alarm a
    statistic and a period.

    The patch goes through the engine's JSON protocol, which is complete otherwise. An alarm on `Metrics` is stored and
    never evaluated.
    """
    wrap(cloudwatch, "_put_metric_alarm", _put_with_metrics)
    for name, operation in (
        ("_describe_alarms", "DescribeAlarms"),
        ("_describe_alarms_for_metric", "DescribeAlarmsForMetric"),
        ("_put_metric_alarm", "PutMetricAlarm"),
    ):
        wrap(cloudwatch, name, _through_json(operation))


def _put_with_metrics(
    original: Any, params: Any, cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Any:
    answer = original(params, cbor_data, is_cbor, is_json)
    alarm = cloudwatch._alarms.get(cbor_data.get("AlarmName", ""))
    if answer[0] == 200 and alarm is not None:
        alarm.update({name: cbor_data[name] for name in _EXTRA_FIELDS if cbor_data.get(name)})
        if cbor_data.get("Metrics"):
            alarm.update(dict.fromkeys(_SINGLE_METRIC_FIELDS))
        elif cbor_data.get("ExtendedStatistic"):
            alarm["Statistic"] = None
    return answer


def _through_json(operation: str) -> Any:
    def handle(original: Any, params: Any, cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return original(params, cbor_data, is_cbor, is_json)
        parsed = query_protocol.parse("cloudwatch", operation, params)
        status, _, body = original(params, parsed, False, True)
        if status != 200:
            # The engine's own query branch writes the error, and has changed nothing.
            return original(params, parsed, False, False)
        text = query_protocol.serialize("cloudwatch", operation, json.loads(body or b"{}"))
        return 200, {"Content-Type": "text/xml"}, text.encode()

    return handle


@gap
def alarm_evaluation() -> None:
    """Evaluate an alarm by its own dimensions, period by period, and again later.

    AWS: compares the metric with exactly the alarm's dimensions, changes to ALARM when as many periods breach as the
    alarm requires, treats missing data as configured, and evaluates again each minute.

    Engine: mixes the values of all dimensions (one queue's message triggers every queue's alarm) and of all periods,
    and evaluates only when a metric is put, so that an alarm never returns to OK by itself.

    The patch evaluates every ten seconds.
    """
    replace(cloudwatch, "_evaluate_alarm", _evaluate)
    threading.Thread(target=_evaluate_periodically, daemon=True, name="alarms").start()


def _evaluate_periodically() -> None:
    while True:
        time.sleep(_EVALUATION_INTERVAL)
        for account, region in {(account, region) for (account, region, _), _ in cloudwatch._alarms.all_items()}:
            with request_scope(account, region):
                cloudwatch._evaluate_all_alarms()


def _evaluate(alarm: dict[str, Any]) -> None:
    breaches = _BREACHES.get(alarm.get("ComparisonOperator") or "")
    if not alarm.get("Namespace") or not alarm.get("MetricName") or breaches is None:
        return  # a metric expression or an anomaly band
    values = _values(alarm)
    state = _state(alarm, [None if value is None else breaches(value, alarm["Threshold"]) for value in values])
    before = alarm["StateValue"]
    if state == before:
        return
    shown = ", ".join("missing" if value is None else str(value) for value in values)
    reason = f"Threshold Crossed: {shown} against {alarm['ComparisonOperator']} {alarm['Threshold']}"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _values(alarm: dict[str, Any]) -> list[float | None]:
    """The statistic of each period, newest first; None for a period without data."""
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points = list(cloudwatch._metrics.get(key) or [])
    period, now = int(alarm["Period"]), time.time()
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    values: list[float | None] = []
    for number in range(int(alarm["EvaluationPeriods"])):
        end = now - number * period
        # A point that has just come belongs to the newest period, even if its clock is ahead.
        within = [p for p in points if end - period <= p["Timestamp"] and (number == 0 or p["Timestamp"] < end)]
        values.append(cloudwatch._stat_value(cloudwatch._calc_stats(within), statistic, within) if within else None)
    return values


def _state(alarm: dict[str, Any], breaching: list[bool | None]) -> str:
    before: str = alarm["StateValue"]
    missing = alarm.get("TreatMissingData") or "missing"
    if all(each is None for each in breaching):
        return {"notBreaching": "OK", "breaching": "ALARM", "ignore": before}.get(missing, "INSUFFICIENT_DATA")
    filled = [missing == "breaching" if each is None else each for each in breaching]
    required = int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"])
    return "ALARM" if sum(filled) >= required else "OK"
