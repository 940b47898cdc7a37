"""How a function's failure is reported.

On AWS the payload of a failed invocation names the exception's class in `errorType`, with message, request id and stack
trace; the same goes to a destination.

The engine says `Runtime.HandlerError` for every exception.

Replaces `lambda_runtime.Worker.invoke` (to keep what the worker told) and `lambda_svc._execute_function_warm` (to put
it into the payload and the log).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class _Message(str):
    """An error message that remembers the exception it came from."""

    __slots__ = ("failure",)
    failure: dict[str, Any]


def close(engine: Any, state: Path) -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    invoke = lambda_runtime.Worker.invoke
    execute = lambda_svc._execute_function_warm

    def remembering(self: Any, *arguments: Any, **named: Any) -> Any:
        answer = invoke(self, *arguments, **named)
        if answer.get("failure"):
            message = _Message(answer["error"])
            message.failure = answer["failure"]
            answer["error"] = message
            answer["trace"] = ""  # the log below has it, in the function's format
        return answer

    def _execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> Any:
        result = execute(func, event, request_id)
        body = result.get("body")
        message = body.get("errorMessage") if result.get("error") and isinstance(body, dict) else None
        if isinstance(message, _Message):
            body = {
                "errorMessage": str(message),
                "errorType": message.failure["type"],
                "requestId": request_id,
                "stackTrace": message.failure["stack"],
            }
            configuration = func.get("config") or func
            line = _log_line(body, (configuration.get("LoggingConfig") or {}).get("LogFormat") == "JSON")
            # The engine puts the message in place of the trace that is empty.
            written = str(result.get("log", "")).removesuffix(str(message)).rstrip("\n")
            result = {**result, "body": body, "log": f"{written}\n{line}".lstrip("\n")}
        return result

    lambda_runtime.Worker.invoke = remembering
    lambda_svc._execute_function_warm = _execute_function_warm


def _log_line(body: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps({"level": "ERROR", **body})
    trace = "".join(body["stackTrace"]).rstrip("\n")
    return f"[ERROR] {body['errorType']}: {body['errorMessage']}\nTraceback (most recent call last):\n{trace}"
