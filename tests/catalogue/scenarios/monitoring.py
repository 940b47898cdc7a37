"""Monitoring executions: every status, and the edges of the window."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from tests.support.listings import listing

from ds_dashboard.testing import NOW, Scenario

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FOUND = "CompletedWithViolations"
# Status, type (None: a schedule without a definition of its own), time before now for which it was scheduled.
EXECUTIONS: list[tuple[str, str | None, timedelta]] = [
    *((FOUND, "DataQuality", n * HOUR) for n in range(1, 12)),
    (FOUND, "ModelBias", DAY),
    (FOUND, "ModelBias", DAY + SECOND),
    (FOUND, "ModelBias", 0 * HOUR),
    (FOUND, None, 2 * HOUR),
    (FOUND, "ModelQuality", 3 * DAY),
    ("Completed", "ModelQuality", HOUR),
    ("Failed", "ModelQuality", HOUR),
    ("InProgress", "ModelQuality", HOUR),
]
TYPES: Counter[str] = Counter()
for _status, _kind, _age in EXECUTIONS:
    if _status == FOUND and 0 * HOUR < _age <= DAY:
        TYPES[_kind or "unknown"] += 1
SCENARIOS = [
    Scenario(
        "ModelMonitorViolations24h",
        value=13,
        breakdown=TYPES,
        answers={
            "sagemaker.list_monitoring_executions": listing(
                "MonitoringExecutionSummaries",
                [
                    {"MonitoringExecutionStatus": status, "ScheduledTime": NOW - age}
                    | ({"MonitoringType": kind} if kind else {})
                    for status, kind, age in EXECUTIONS
                ],
                time="ScheduledTime",
                StatusEquals="MonitoringExecutionStatus",
                ScheduledTimeAfter="ScheduledTime",
            )
        },
    )
]
