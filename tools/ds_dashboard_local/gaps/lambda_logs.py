"""A function's log in CloudWatch Logs.

On AWS the log is written with the execution role (no `logs:PutLogEvents`, no log; no `logs:CreateLogGroup`, no group),
an execution environment has one stream, which the context names, and with the log format JSON the platform's own lines
are JSON too.

The engine needs no permission, makes the group, opens a stream for every invocation, always writes START, END and
REPORT as text, waits 50 ms for lines that may never come, and may give a late line to the next invocation.

Replaces `lambda_svc._emit_lambda_logs` and `lambda_runtime.Worker._drain_stderr_bounded`.
"""

from __future__ import annotations

import hashlib
import json
import queue
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ds_dashboard_local.lambda_role import may

END_OF_LOG = "\x00end-of-log"  # as in lambda_worker/prologue.py
LONGEST_WAIT = 1.0


def close(engine: Any, state: Path) -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    credentials = lambda_runtime.execution_credentials

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        return {**credentials(config), "AWS_LAMBDA_LOG_STREAM_NAME": stream_name(config)}

    lambda_runtime.execution_credentials = execution_credentials
    lambda_runtime.Worker._drain_stderr_bounded = _drain
    lambda_svc._emit_lambda_logs = _emit_lambda_logs


def stream_name(config: dict[str, Any]) -> str:
    """One stream for each version of code and configuration, as an environment never outlives either."""
    day = str(config.get("LastModified", ""))[:10].replace("-", "/") or datetime.now(UTC).strftime("%Y/%m/%d")
    identity = f"{config.get('FunctionArn')} {config.get('CodeSha256')} {config.get('LastModified')}"
    digest = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
    return f"{day}/[{config.get('Version', '$LATEST')}]{digest}"


def _drain(self: Any, *_: Any, **__: Any) -> str:
    lines: list[str] = []
    limit = time.monotonic() + LONGEST_WAIT
    while (left := limit - time.monotonic()) > 0:
        try:
            line = self._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        if line == END_OF_LOG:
            break
        lines.append(line)
    return "\n".join(lines)


def _emit_lambda_logs(
    func: dict[str, Any],
    request_id: str,
    log_text: str,
    error: bool,
    duration_ms: int,
    *,
    log_source: str | None = None,
) -> None:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import cloudwatch_logs

    config = func.get("config") or func
    logging = config.get("LoggingConfig") or {}
    group_name = logging.get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
    name = stream_name(config)
    group_arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group_name}"
    stream_arn = f"{group_arn}:log-stream:{name}"
    now = int(time.time() * 1000)
    if group_name not in cloudwatch_logs._log_groups:
        if not may(config, "logs:CreateLogGroup", group_arn):
            return
        cloudwatch_logs._log_groups[group_name] = {
            "arn": cloudwatch_logs._make_group_arn(group_name),
            "creationTime": now,
            "retentionInDays": None,
            "tags": {},
            "subscriptionFilters": {},
            "streams": {},
        }
    group = cloudwatch_logs._log_groups[group_name]
    if name not in group["streams"]:
        if not may(config, "logs:CreateLogStream", stream_arn):
            return
        group["streams"][name] = {
            "events": [],
            "uploadSequenceToken": "1",
            "creationTime": now,
            "firstEventTimestamp": None,
            "lastEventTimestamp": None,
            "lastIngestionTime": None,
        }
    if not may(config, "logs:PutLogEvents", stream_arn):
        return
    lines = [text for text in log_text.splitlines() if text and text != END_OF_LOG]
    as_json = logging.get("LogFormat") == "JSON"
    platform = _json_platform_lines if as_json else _text_platform_lines
    first, last = platform(config, request_id, error, duration_ms)
    events = [{"timestamp": now, "message": line, "ingestionTime": now} for line in [*first, *lines, *last]]
    cloudwatch_logs._append_log_events(group["streams"][name], events)
    plain = [{"timestamp": now, "message": event["message"]} for event in events]
    cloudwatch_logs._fanout_to_subscription_filters(group_name, name, plain)


def _text_platform_lines(
    config: dict[str, Any], request_id: str, error: bool, duration_ms: int
) -> tuple[list[str], list[str]]:
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {duration_ms} ms\tBilled Duration: {duration_ms} ms\t"
        f"Memory Size: {config.get('MemorySize', 128)} MB\tMax Memory Used: {config.get('MemorySize', 128)} MB"
    )
    start = f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}"
    return [start], [f"END RequestId: {request_id}", report]


def _json_platform_lines(
    config: dict[str, Any], request_id: str, error: bool, duration_ms: int
) -> tuple[list[str], list[str]]:
    when = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def line(kind: str, record: dict[str, Any]) -> str:
        return json.dumps({"time": when, "type": kind, "record": {"requestId": request_id, **record}})

    metrics = {
        "durationMs": duration_ms,
        "billedDurationMs": duration_ms,
        "memorySizeMB": config.get("MemorySize", 128),
    }
    start = line("platform.start", {"version": config.get("Version", "$LATEST")})
    status = "error" if error else "success"
    return [start], [line("platform.report", {"status": status, "metrics": metrics})]
