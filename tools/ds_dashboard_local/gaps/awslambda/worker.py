"""Lambda workers: the script that runs in them, what a function can import, and how its errors are reported.

The engine runs one script in each worker. `worker_prologue.py` is written before it; the marked lines of the script
call the prologue.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from ds_dashboard_local import settings
from ds_dashboard_local.engine.patching import gap, replace, replace_text, wrap

_SCRIPT = "_PYTHON_WORKER_SCRIPT"
_PROLOGUE = Path(__file__).parent / "worker_prologue.py"
_EVENT_READ = '        event = _ms_msg["event"]\n'
_SUCCESS = '            _real_stdout.write(json.dumps({"status": "ok", "result": result}) + "\\n")\n'
_TRACE = '"trace": traceback.format_exc()'
_FAILURE = f'            _real_stdout.write(json.dumps({{"status": "error", "error": str(e), {_TRACE}}}) + "\\n")\n'
_BEGIN = '        local_begin(_ms_msg.get("ctx") or {})\n'
_END = "            local_end()\n            _real_stdout.write(_ms_answer)\n"
# What Lambda reports itself: the function's runtime is gone.
PLATFORM_ERRORS = ("Sandbox.Timedout", "Runtime.OutOfMemory", "Runtime.ExitError")
_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


@gap
def lambda_worker_script() -> None:
    """Run the prologue in each worker.

    AWS: the Python runtime sets up the import path, the log handler and the error report.

    Engine: runs a script of its own, which does not.

    The patch writes a prologue before it and lets three of its lines call the prologue; `lambda_imports`, `lambda_logs`
    and `lambda_errors` rely on it.
    """
    # Serialized before the end of the log is written: a result that cannot be serialized is the handler's failure.
    serialized = _SUCCESS.replace("_real_stdout.write(", "_ms_answer = (")
    failed = _FAILURE.replace("_real_stdout.write(", "_ms_answer = (")
    detailed = failed.replace(_TRACE, f'{_TRACE}, "failure": local_failure(e)')
    replace_text(lambda_runtime, _SCRIPT, _EVENT_READ, _EVENT_READ + _BEGIN)
    replace_text(lambda_runtime, _SCRIPT, _SUCCESS, serialized + _END)
    replace_text(lambda_runtime, _SCRIPT, _FAILURE, detailed + _END)
    replace(lambda_runtime, _SCRIPT, _PROLOGUE.read_text() + "\n" + lambda_runtime._PYTHON_WORKER_SCRIPT)


@gap
def lambda_imports() -> None:
    """Let a function import only what AWS's runtime has, and its package.

    AWS: a Python function finds the standard library, boto3 and what boto3 needs, its layers and its package. A
    dependency that is not packaged is an ImportError.

    Engine: a worker has the import path of the server's virtual environment, which hides that mistake, and lacks some
    variables of AWS's runtime.
    """
    folder = Path(os.environ[settings.WORKER_PACKAGES_VARIABLE])
    folder.mkdir(exist_ok=True)
    for name in _PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    wrap(lambda_runtime, "execution_credentials", _with_runtime_variables)
    wrap(lambda_svc, "execution_credentials", _with_runtime_variables)


def _with_runtime_variables(original: Any, config: dict[str, Any]) -> dict[str, str]:
    logging = config.get("LoggingConfig") or {}
    runtime = str(config.get("Runtime", ""))
    variables = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text"),
        "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel", "INFO"),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}",
        "_HANDLER": str(config.get("Handler", "")),
        settings.WORKER_PACKAGES_VARIABLE: os.environ[settings.WORKER_PACKAGES_VARIABLE],
    }
    return {**original(config), **variables}


class _Message(str):
    """An error message with the exception it came from."""

    __slots__ = ("failure",)
    failure: dict[str, Any]


@gap
def lambda_errors() -> None:
    """Report the class of a function's exception.

    AWS: the payload of a failed invocation has the exception's class in `errorType`, with message, request id and stack
    trace; so has the record for a destination.

    Engine: reports `Runtime.HandlerError` for every exception.
    """
    wrap(lambda_runtime.Worker, "invoke", _invoke_with_failure)
    wrap(lambda_svc, "_execute_function_warm", _execute_with_failure)


def _invoke_with_failure(original: Any, self: Any, *arguments: Any, **named: Any) -> Any:
    answer = original(self, *arguments, **named)
    if answer.get("failure"):
        message = _Message(answer["error"])
        message.failure = answer["failure"]
        answer["error"] = message
        answer["trace"] = ""  # `_execute_with_failure` logs it in the function's format
    return answer


def _execute_with_failure(original: Any, func: dict[str, Any], event: Any, request_id: str) -> Any:
    result = original(func, event, request_id)
    body = result.get("body")
    message = body.get("errorMessage") if result.get("error") and isinstance(body, dict) else None
    if not isinstance(message, _Message):
        return result
    body = {
        "errorMessage": str(message),
        "errorType": message.failure["type"],
        "requestId": request_id,
        "stackTrace": message.failure["stack"],
    }
    if body["errorType"] in PLATFORM_ERRORS:
        return {**result, "body": {name: body[name] for name in ("errorType", "errorMessage")}}
    configuration = func.get("config") or func
    line = _error_line(body, (configuration.get("LoggingConfig") or {}).get("LogFormat") == "JSON")
    # The engine logs the message in place of the empty trace.
    written = str(result.get("log", "")).removesuffix(str(message)).rstrip("\n")
    return {**result, "body": body, "log": f"{written}\n{line}".lstrip("\n")}


def _error_line(body: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps({"level": "ERROR", **body})
    trace = "".join(body["stackTrace"]).rstrip("\n")
    return f"[ERROR] {body['errorType']}: {body['errorMessage']}\nTraceback (most recent call last):\n{trace}"
