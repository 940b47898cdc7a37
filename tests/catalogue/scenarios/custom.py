"""Values of your own."""

from __future__ import annotations

import boto3
from botocore.exceptions import ClientError

from ds_dashboard.testing import Answer, Scenario
from ds_dashboard.testing.cloudwatch import Values, metric_data

PARAMETER = {"parameter_name": "/team/quality"}
ACCURACY = {"namespace": "Team/Models", "metric_name": "Accuracy", "dimensions": '{"Model": "churn"}', "minutes": "30"}
DIMENSIONS = {"Model": "churn"}
# Six periods of five minutes: one has no data, and the half hour before must not count.
SUMS = (900, 4, None, 2, 6, 0, 3)
SAMPLES = (1, 2, None, 1, 2, 1, 4)


def a_parameter() -> None:
    """Create the parameter."""
    boto3.client("ssm").put_parameter(Name=PARAMETER["parameter_name"], Value="0.93", Type="String")


def accuracy(**statistics: tuple[float | None, ...]) -> dict[str, Answer]:
    """Return the statistics of the metric, beside one that differs only by a dimension."""
    right = [Values("Team/Models", "Accuracy", DIMENSIONS, some, name) for name, some in statistics.items()]
    wrong = [
        Values("Team/Models", "Accuracy", {**DIMENSIONS, "Stage": "dev"}, (7,) * 7, one.statistic) for one in right
    ]
    return {"cloudwatch.get_metric_data": metric_data(*wrong, *right)}


def of_window(values: tuple[float | None, ...]) -> list[float]:
    """Return the values of the last half hour."""
    return [one for one in values[1:] if one is not None]


def alarms(kind: str, states: str) -> list[dict[str, str]]:
    """Return alarms in the state ALARM (A) or OK (O)."""
    return [{"AlarmName": f"{kind}-{i}", "StateValue": {"A": "ALARM", "O": "OK"}[one]} for i, one in enumerate(states)]


ALARMS = {
    "MetricAlarm": alarms("metric", "AAOAAAAOAAAAAAO"),
    "CompositeAlarm": alarms("composite", "OAA"),
    "LogAlarm": alarms("log", "AO"),
}


def describe_alarms(parameters: dict[str, object]) -> dict[str, object]:
    """Answer as CloudWatch does: only metric alarms, unless the request names types."""
    types = parameters.get("AlarmTypes", ["MetricAlarm"])
    return {
        f"{kind}s": [one for one in ALARMS[kind] if one["StateValue"] == parameters["StateValue"]]
        for kind in ALARMS
        if kind in types  # type: ignore[operator]
    }


def two_alarms() -> None:
    """Create alarms, one of which is in alarm."""
    cloudwatch = boto3.client("cloudwatch")
    for name in ("quiet", "loud"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Team/Models",
            MetricName="Accuracy",
            Statistic="Average",
            Period=300,
            EvaluationPeriods=1,
            Threshold=0.9,
            ComparisonOperator="LessThanThreshold",
        )
    cloudwatch.set_alarm_state(AlarmName="loud", StateValue="ALARM", StateReason="a test")


SCENARIOS = [
    Scenario("SSMParameterValue", value="0.93", arguments=PARAMETER, seed=a_parameter, empty=ClientError),
    # Everybody who can read the hub would see it, and its ciphertext would be useless.
    Scenario(
        "SSMParameterValue",
        fails="/team/quality is a SecureString",
        arguments=PARAMETER,
        answers={"ssm.get_parameter": {"Parameter": {"Value": "AQICAH", "Type": "SecureString"}}},
        title="a secret",
    ),
    *(
        Scenario(
            "CloudWatchMetricValue",
            value=value,
            arguments={**ACCURACY, "statistic": statistic},
            answers=accuracy(Sum=SUMS, SampleCount=SAMPLES, Maximum=SUMS, Minimum=SUMS, p95=(99, 0.5)),
            empty=ValueError,
            title=statistic,
        )
        for statistic, value in {
            "Sum": sum(of_window(SUMS)),
            "SampleCount": sum(of_window(SAMPLES)),
            "Maximum": max(of_window(SUMS)),
            "Minimum": min(of_window(SUMS)),
            # A mean of the means of the periods would be another number.
            "Average": sum(of_window(SUMS)) / sum(of_window(SAMPLES)),
        }.items()
    ),
    Scenario(
        "CloudWatchMetricValue",
        value=1,
        arguments={**ACCURACY, "statistic": "p95"},
        answers=accuracy(p95=(99, 1)),
        empty=ValueError,
        title="a percentile is computed by CloudWatch for the whole window",
    ),
    Scenario(
        "CloudWatchMetricValue",
        value=sum(of_window(SUMS)),
        arguments={**ACCURACY, "statistic": "Sum", "minutes": "28"},
        answers=accuracy(Sum=SUMS),
        empty=ValueError,
        title="28 minutes are 30",
    ),
    Scenario(
        "CloudWatchMetricValue",
        fails="CloudWatch has no Average of Team/Models Accuracy with exactly the dimensions {'Model': 'churn'}",
        arguments=ACCURACY,
        answers=accuracy(Sum=(5, None, None, None, None, None, None), SampleCount=(1, *(None,) * 6)),
        title="no data is not 0",
    ),
    Scenario(
        "CloudWatchMetricValue",
        fails="write an object of texts",
        arguments={**ACCURACY, "dimensions": '["Model"]'},
        answers=accuracy(Sum=SUMS, SampleCount=SAMPLES),
        title="dimensions that are none",
    ),
    Scenario(
        "AlarmsInAlarm",
        value=sum(one["StateValue"] == "ALARM" for some in ALARMS.values() for one in some),
        answers={"cloudwatch.describe_alarms": describe_alarms},
    ),
    Scenario("AlarmsInAlarm", value=1, seed=two_alarms, title="alarms of moto"),
]
