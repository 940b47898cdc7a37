"""Model Monitor."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from ds_dashboard.metrics import Metric, MetricValue


class ModelMonitorViolations24h(Metric):
    """Monitoring executions of the last 24 hours that found violations, by type of monitoring.

    Executions that were scheduled in the window and have the status CompletedWithViolations. How many violations one
    found is only in its processing job (assumed). It does not see executions that failed, or run.
    """

    unit = "Count"
    dimensions = ["MonitoringType"]
    calls = "1 per 100 such executions"
    _iam_permissions = Metric._iam_permissions + [{"Action": "sagemaker:ListMonitoringExecutions", "Resource": "*"}]

    def _compute_value(self) -> MetricValue:
        window = self.window(hours=24)
        # Whether AWS's bound belongs to the window is not documented: it is a second earlier, and the window decides.
        found = self.newest_first(
            "sagemaker",
            "list_monitoring_executions",
            "MonitoringExecutionSummaries",
            since=window.since,
            time="ScheduledTime",
            fields=("MonitoringType",),
            StatusEquals="CompletedWithViolations",
            ScheduledTimeAfter=window.since - timedelta(seconds=1),
            SortBy="ScheduledTime",
        )
        return self.value(
            breakdown=Counter(one.get("MonitoringType", "unknown") for one in found if one["ScheduledTime"] in window)
        )
