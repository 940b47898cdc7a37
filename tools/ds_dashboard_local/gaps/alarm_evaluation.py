"""What an alarm looks at.

AWS compares the metric with exactly the alarm's dimensions, period by period, rings when as many of the periods breach
as the alarm asks for, treats missing data as it is told, and looks again each minute.

The engine throws the values of all dimensions together (one queue's message rings every queue's alarm), all periods
too, and looks only when a metric is put, so that an alarm never gets from INSUFFICIENT_DATA or ALARM to OK by itself.

Replaces `cloudwatch._evaluate_alarm`, and adds a thread that looks every ten seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

SECONDS = 10.0

_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}

logger = logging.getLogger("ds_dashboard_local")


def close(engine: Any, state: Path) -> None:
    from ministack.services import cloudwatch

    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=_look_again, daemon=True, name="alarms").start()


def _look_again() -> None:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch

    while True:
        time.sleep(SECONDS)
        for account, region, _ in {(account, region, "") for (account, region, _), _ in cloudwatch._alarms.all_items()}:
            with request_scope(account, region):
                cloudwatch._evaluate_all_alarms()


def evaluate(alarm: dict[str, Any]) -> None:
    """Bring the alarm into the state its metric asks for, with history and actions."""
    from ministack.services import cloudwatch

    breaches = _BREACHES.get(alarm.get("ComparisonOperator") or "")
    if not alarm.get("Namespace") or not alarm.get("MetricName") or breaches is None:
        return  # a metric expression or an anomaly band, which are kept but not evaluated
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
    """The statistic of each period, newest first; None where there is no data."""
    from ministack.services import cloudwatch

    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points = list(cloudwatch._metrics.get(key) or [])
    period, now = int(alarm["Period"]), time.time()
    values: list[float | None] = []
    for number in range(int(alarm["EvaluationPeriods"])):
        end = now - number * period
        # What has come just now belongs to the newest period, whatever the clocks say.
        within = [p for p in points if end - period <= p["Timestamp"] and (number == 0 or p["Timestamp"] < end)]
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        values.append(cloudwatch._stat_value(cloudwatch._calc_stats(within), statistic, within) if within else None)
    return values


def _state(alarm: dict[str, Any], breaching: list[bool | None]) -> str:
    before: str = alarm["StateValue"]
    missing = alarm.get("TreatMissingData") or "missing"
    if all(each is None for each in breaching):
        # Without any data, "ignore" keeps the state.
        return {"notBreaching": "OK", "breaching": "ALARM", "ignore": before}.get(missing, "INSUFFICIENT_DATA")
    filled = [missing == "breaching" if each is None else each for each in breaching]
    wanted = int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"])
    return "ALARM" if sum(filled) >= wanted else "OK"
