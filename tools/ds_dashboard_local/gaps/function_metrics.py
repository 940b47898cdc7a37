"""Invocations, Errors and Duration of functions.

AWS counts every invocation, whoever asked for it, and alarms on these metrics change state.

The engine counts what the Invoke call asks for and not what queues and events do, and lets no alarm look.

Replaces `lambda_svc._execute_function_dispatch`, which counts from here on, and `lambda_svc._emit_lambda_metrics`,
which is left with throttled invocations, since these are never executed.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ds_dashboard_local.service_metrics import record


def close(engine: Any, state: Path) -> None:
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function_dispatch

    def _execute_function_dispatch(
        func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
    ) -> Any:
        result = execute(func, config, event, request_id, started)
        dimensions = {"FunctionName": config.get("FunctionName", "")}
        failed = 1.0 if isinstance(result, dict) and result.get("error") else 0.0
        record("AWS/Lambda", {"Invocations": 1.0, "Errors": failed}, dimensions)
        record("AWS/Lambda", {"Duration": (time.time() - started) * 1000}, dimensions, "Milliseconds")
        return result

    def _emit_lambda_metrics(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        # With a duration it is the Invoke call, which tells a second time what was told when it was throttled.
        if throttle and not duration_ms:
            record("AWS/Lambda", {"Throttles": 1.0}, {"FunctionName": function_name})

    lambda_svc._execute_function_dispatch = _execute_function_dispatch
    lambda_svc._emit_lambda_metrics = _emit_lambda_metrics
