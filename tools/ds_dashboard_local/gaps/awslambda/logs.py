"""A function's log in CloudWatch Logs."""

from __future__ import annotations

import hashlib
import json
import queue
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, lambda_svc

from ds_dashboard_local.engine.patching import gap, replace, wrap
from ds_dashboard_local.engine.permissions import function_role_allows
from ds_dashboard_local.gaps.awslambda.worker import PLATFORM_ERRORS

_END_OF_LOG = "\x00end-of-log"  # as in worker_prologue.py
_MAX_WAIT = 1.0

# What the platform reports of the invocation whose log is written next.
_failed: ContextVar[str | None] = ContextVar("ds_dashboard_local_failed", default=None)


@gap
def lambda_logs() -> None:
    """Write a function's log with its role, in one stream for each environment.

    AWS: writes the log with the execution role (no `logs:PutLogEvents`, no log; no `logs:CreateLogGroup`, no group), in
    one stream for each execution environment, which the context names. With the log format JSON the platform's own
    lines are JSON too: a time-out or lack of memory is only the `record.status` of `platform.report`, `timeout` or
    `error`, with `record.errorType`. As text, it is a line of its own and in REPORT.

    Engine: needs no permission, creates the group, opens a stream for every invocation, always writes START, END and
    REPORT as text, with a time-out as a line of the function, waits 50 ms for lines that may never come, and may write
    a late line into the next invocation's log.
    """
    wrap(lambda_runtime, "execution_credentials", _with_log_stream)
    replace(lambda_runtime.Worker, "_drain_stderr_bounded", _drain_stderr)
    wrap(lambda_svc, "_execute_function_warm", _execute_and_note_failure)
    replace(lambda_svc, "_emit_lambda_logs", _emit_lambda_logs)


def _execute_and_note_failure(original: Any, func: dict[str, Any], event: Any, request_id: str) -> Any:
    result = original(func, event, request_id)
    body = result.get("body")
    kind = body.get("errorType") if result.get("error") and isinstance(body, dict) else None
    _failed.set(kind if kind in PLATFORM_ERRORS else None)
    if not isinstance(body, dict) or kind not in PLATFORM_ERRORS:
        return result
    # The engine logs the platform's message as if the function had written it.
    message = str(body["errorMessage"])
    written = str(result.get("log", "")).removesuffix(message).rstrip("\n")
    if ((func.get("config") or func).get("LoggingConfig") or {}).get("LogFormat") != "JSON":
        line = f"{_now()} {request_id} {message}" if kind == "Sandbox.Timedout" else f"{message}\n{kind}"
        written = f"{written}\n{line}".lstrip("\n")
    return {**result, "log": written}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_log_stream(original: Any, config: dict[str, Any]) -> dict[str, str]:
    return {**original(config), "AWS_LAMBDA_LOG_STREAM_NAME": _stream_name(config)}


def _stream_name(config: dict[str, Any]) -> str:
    """Return one stream for each version of code and configuration, as an environment outlives neither."""
    day = str(config.get("LastModified", ""))[:10].replace("-", "/") or datetime.now(UTC).strftime("%Y/%m/%d")
    identity = f"{config.get('FunctionArn')} {config.get('CodeSha256')} {config.get('LastModified')}"
    digest = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
    return f"{day}/[{config.get('Version', '$LATEST')}]{digest}"


def _drain_stderr(self: Any, *_: Any, **__: Any) -> str:
    """Read the log of one invocation, up to the mark that the worker writes after it."""
    lines: list[str] = []
    limit = time.monotonic() + _MAX_WAIT
    while (left := limit - time.monotonic()) > 0:
        try:
            line = self._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        if line == _END_OF_LOG:
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
    config = func.get("config") or func
    logging = config.get("LoggingConfig") or {}
    group_name = logging.get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
    name = _stream_name(config)
    group_arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group_name}"
    stream_arn = f"{group_arn}:log-stream:{name}"
    now = int(time.time() * 1000)
    if group_name not in cloudwatch_logs._log_groups:
        if not function_role_allows(config, "logs:CreateLogGroup", group_arn):
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
        if not function_role_allows(config, "logs:CreateLogStream", stream_arn):
            return
        group["streams"][name] = {
            "events": [],
            "uploadSequenceToken": "1",
            "creationTime": now,
            "firstEventTimestamp": None,
            "lastEventTimestamp": None,
            "lastIngestionTime": None,
        }
    if not function_role_allows(config, "logs:PutLogEvents", stream_arn):
        return
    lines = [text for text in log_text.splitlines() if text and text != _END_OF_LOG]
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
    if kind := _failed.get():
        report += "\tStatus: timeout" if kind == "Sandbox.Timedout" else f"\tStatus: error\tError Type: {kind}"
    start = f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}"
    return [start], [f"END RequestId: {request_id}", report]


def _json_platform_lines(
    config: dict[str, Any], request_id: str, error: bool, duration_ms: int
) -> tuple[list[str], list[str]]:
    when = _now()

    def line(kind: str, record: dict[str, Any]) -> str:
        return json.dumps({"time": when, "type": kind, "record": {"requestId": request_id, **record}})

    metrics = {
        "durationMs": duration_ms,
        "billedDurationMs": duration_ms,
        "memorySizeMB": config.get("MemorySize", 128),
    }
    start = line("platform.start", {"version": config.get("Version", "$LATEST")})
    state = {"status": "error" if error else "success"}
    if kind := _failed.get():
        state = {"status": "timeout"} if kind == "Sandbox.Timedout" else {"status": "error", "errorType": kind}
    return [start], [line("platform.report", {"metrics": metrics, **state})]
