"""Values of your own: SSM parameters and CloudWatch metrics that other programs write, and CloudWatch alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from ds_dashboard.metrics import Metric
from ds_dashboard.metrics._aws import METRIC_DATA
from ds_dashboard.metrics.cloudwatch import Series, Statistic, whole
from ds_dashboard.metrics.errors import IncompleteAnswer
from ds_dashboard.metrics.paging import operation_model
from ds_dashboard.metrics.reader import Window

_FIVE_MINUTES = timedelta(minutes=5)
_ONLY_HOURLY_AFTER = timedelta(days=62)
# Statistics of a window that follow from those of its periods.
_FROM_PERIODS: dict[str, Callable[[Iterable[float]], float]] = {
    "Sum": sum,
    "SampleCount": sum,
    "Minimum": min,
    "Maximum": max,
}
# Type of an alarm -> name of its list in the answer of DescribeAlarms.
_ALARMS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms", "LogAlarm": "LogAlarms"}


class SSMParameterValue(Metric):
    """The value of a parameter in SSM Parameter Store, as text.

    It reads no SecureString: everybody who reads the hub would see the secret. It does not say when the parameter was
    written last: a program that stopped writing it leaves the last value.
    """

    calls = "1"
    arguments = {
        "parameter_name": {
            "type": "string",
            "required": True,
            "description": "The parameter's name, with or without a slash in front: /team/quality or quality.",
        }
    }
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "ssm:GetParameter",
            "Resource": "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:"
            "parameter/**ARG:parameter_name|no-leading-slash**",
        }
    ]

    def _compute_value(self) -> Any:
        name = self.arguments["parameter_name"]
        parameter = self.client("ssm").get_parameter(Name=name)["Parameter"]
        # Without decryption, the value is the ciphertext. With it, everybody who reads the hub would see a secret.
        if parameter["Type"] == "SecureString":
            raise ValueError(f"{name} is a SecureString; choose a parameter that is not a secret")
        return parameter["Value"]


class CloudWatchMetricValue(Metric):
    """A statistic of a CloudWatch metric of your choice over the last minutes.

    The window ends at the last full five minutes. Sum, SampleCount, Minimum, Maximum and Average are computed from its
    five-minute periods, and other statistics, such as p95, by CloudWatch for the whole window.

    No data is a failure and not 0: CloudWatch finds a metric only by its exact set of dimensions, and returns nothing
    for another set. Past instants of more than 62 days ago need full hours.
    """

    historical = True
    calls = "1 GetMetricData, together with the other metrics of the run"
    arguments = {
        "namespace": {"type": "string", "description": "The metric's namespace, such as Team/Models."},
        "metric_name": {"type": "string", "description": "The metric's name in CloudWatch."},
        "dimensions": {
            "type": "json",
            "default": {},
            "description": 'All dimensions of the metric, as JSON: {"Model": "churn"}.',
        },
        "statistic": {
            "type": "string",
            "default": "Average",
            "description": "Average, Sum, Minimum, Maximum, SampleCount, or another one, such as p95.",
        },
        "minutes": {
            "type": "integer",
            "default": 60,
            "minimum": 5,
            "maximum": 1440,
            "description": "The length of the window in minutes, which is rounded up to a multiple of five.",
        },
    }
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> Any:
        window = self._window()
        statistic = self.arguments["statistic"]
        if statistic in _FROM_PERIODS:
            series = self._series(window, statistic)[0]
            value = _FROM_PERIODS[statistic](series.values) if series.values else None
        elif statistic == "Average":
            total, samples = (one.total for one in self._series(window, "Sum", "SampleCount"))
            value = (total or 0) / samples if samples else None
        else:
            length = int((window.until - window.since).total_seconds())
            value = self._series(window, statistic, period=length)[0].newest
        if value is None:
            raise ValueError(
                f"CloudWatch has no {statistic} of {self.arguments['namespace']} {self.arguments['metric_name']} with "
                f"exactly the dimensions {self._exact_dimensions()} in {self.arguments['minutes']} minutes; correct "
                "the arguments, or report the metric more often"
            )
        return whole(value)

    def _window(self) -> Window:
        length = timedelta(minutes=self.arguments["minutes"])
        length = -(-length // _FIVE_MINUTES) * _FIVE_MINUTES
        until = self.now()
        if self.present() - (until - length) > _ONLY_HOURLY_AFTER and length % timedelta(hours=1):
            raise ValueError(
                f"CloudWatch has hourly values of {until:%Y-%m-%d}, and none of {self.arguments['minutes']} minutes; "
                "set minutes to a multiple of 60"
            )
        return Window(until - length, until)

    def _series(self, window: Window, *statistics: str, period: int | None = None) -> list[Series]:
        namespace, name = self.arguments["namespace"], self.arguments["metric_name"]
        queries = [Statistic(namespace, name, self._exact_dimensions(), one) for one in statistics]
        return self.statistics(queries, window, period=period)

    def _exact_dimensions(self) -> dict[str, str]:
        given = self.arguments["dimensions"]
        if not isinstance(given, Mapping) or not all(isinstance(value, str) for value in given.values()):
            raise ValueError(f'the dimensions are {given!r}; write an object of texts, such as {{"Model": "churn"}}')
        return dict(given)


class AlarmsInAlarm(Metric):
    """CloudWatch alarms in the state ALARM: metric alarms, composite alarms and log alarms.

    A composite alarm counts beside the alarms that it is made of. Alarms with insufficient data are not counted.
    """

    unit = "Count"
    calls = "1 per 100 alarms in alarm"
    may_read = "names, thresholds and actions of all alarms"
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": "*",
            "Reason": "CloudWatch returns composite alarms only to a permission on `*`",
        }
    ]

    def _compute_value(self) -> int:
        client = self.client("cloudwatch")
        unknown = set(_ALARMS.values()) - set(operation_model(client, "describe_alarms").output_shape.members)
        if unknown:
            raise IncompleteAnswer(f"this botocore does not read {', '.join(unknown)}; package a newer boto3")
        # Without AlarmTypes, CloudWatch returns metric alarms only.
        pages = client.get_paginator("describe_alarms").paginate(
            StateValue="ALARM", AlarmTypes=list(_ALARMS), MaxRecords=100
        )
        return sum(len(page.get(key, ())) for page in pages for key in _ALARMS.values())
