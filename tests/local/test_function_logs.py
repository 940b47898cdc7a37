"""Logs of functions: their lines, those of the platform, metrics in them, and the permissions that they need."""

from __future__ import annotations

import json

import pytest

from ds_dashboard_local.client.accounts import Account, allow

LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents"])
WRITE = """
import json, logging
log = logging.getLogger("mine")
def handler(event, context):
    log.info("hello %s", "there", extra={"batch": 3})
    log.debug("not this")
    print("plain")
    print(json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "N", "Dimensions": [["D"]],
        "Metrics": [{"Name": "M", "Unit": "Count"}]}]}, "D": "d", "M": 2}))
    return [context.log_group_name, context.log_stream_name, context.aws_request_id]
"""


def test_a_json_log_has_lines_of_json_that_can_be_followed_by_request(account: Account) -> None:
    """Ids in the log lead from the spoke to the table; they must be fields, not text."""
    account.logs.create_log_group(logGroupName="/aws/lambda/f")
    account.function("f", WRITE, LOGS, LoggingConfig={"LogFormat": "JSON"})
    group, stream, request = account.invoke("f")
    start, record, plain, _, report = account.log_lines(group)
    assert json.loads(start)["type"] == "platform.start"
    line = json.loads(record)
    assert line.pop("timestamp")
    assert line == {"level": "INFO", "message": "hello there", "logger": "mine", "requestId": request, "batch": 3}
    assert plain == "plain"
    assert json.loads(report)["record"]["status"] == "success"
    streams = account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [found["logStreamName"] for found in streams] == [stream]


FAIL_BY = """
import os, sys, time
def handler(event, context):
    print("begun")
    if event == "time": time.sleep(30)
    if event == "memory": return len(bytearray(b"x") * (200 * 2 ** 20)) and time.sleep(5)
    if event == "exit": sys.exit(3)
    if event == "exception": raise ValueError("no")
    if event == "signal": os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(
    ("event", "error", "status"),
    [
        (None, None, {"status": "success"}),
        ("exception", "ValueError", {"status": "error"}),
        ("time", "Sandbox.Timedout", {"status": "timeout"}),
        ("memory", "Runtime.OutOfMemory", {"status": "error", "errorType": "Runtime.OutOfMemory"}),
        ("exit", "Runtime.ExitError", {"status": "error", "errorType": "Runtime.ExitError"}),
        ("signal", "Runtime.ExitError", {"status": "error", "errorType": "Runtime.ExitError"}),
    ],
)
@pytest.mark.parametrize("log_format", ["JSON", "Text"])
def test_the_platform_reports_how_an_invocation_ended(
    account: Account, event: str | None, error: str | None, status: dict[str, str], log_format: str
) -> None:
    """A time-out or lack of memory is in no line of the function, and in JSON in none with the word ERROR."""
    account.logs.create_log_group(logGroupName="/aws/lambda/f")
    account.function("f", FAIL_BY, LOGS, LoggingConfig={"LogFormat": log_format}, Timeout=2, MemorySize=128)
    answer = account.invoke("f", event)
    assert (answer or {}).get("errorType") == error
    _, begun, *own, report = account.log_lines("/aws/lambda/f")
    assert begun == "begun"
    if log_format == "JSON":
        record = json.loads(report)["record"]
        assert {name: record[name] for name in ("status", "errorType") if name in record} == status
        assert len(own) == (event == "exception")
    elif event not in (None, "exception"):
        expected = "Status: " + status["status"]
        assert report.endswith("\tError Type: ".join([expected, *filter(None, [status.get("errorType")])]))
        (line,) = [
            line for line in own if "timed out after 2.00 seconds" in line or "Runtime exited with error" in line
        ]
        reasons = {"time": "timed out", "memory": "signal: killed", "exit": "exit status 3", "signal": "signal: killed"}
        assert reasons[str(event)] in line


def test_a_metric_in_a_log_line_triggers_its_alarm(account: Account) -> None:
    """The archive's alarms use embedded metrics, as a partial batch response is not a Lambda error."""
    account.logs.create_log_group(logGroupName="/aws/lambda/f")
    account.function("f", WRITE, LOGS)
    account.cloudwatch.put_metric_alarm(
        AlarmName="a",
        Namespace="N",
        MetricName="M",
        Dimensions=[{"Name": "D", "Value": "d"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    account.invoke("f")
    (alarm,) = account.cloudwatch.describe_alarms(AlarmNames=["a"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"


def test_a_log_needs_a_permission_and_a_group(account: Account) -> None:
    """Without `logs:PutLogEvents` there is no log; without `logs:CreateLogGroup` no group remains after destroy."""
    account.function("f", WRITE)
    account.invoke("f")
    assert account.log_lines("/aws/lambda/f") == []
    account.permit("f-role", LOGS)
    account.invoke("f")
    assert account.logs.describe_log_groups()["logGroups"] == []
    account.logs.create_log_group(logGroupName="/aws/lambda/f")
    account.invoke("f")
    assert "plain" in account.log_lines("/aws/lambda/f")
