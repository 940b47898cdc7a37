"""The first part of the script in a Lambda worker: import path, log handler and error report of AWS's Python runtime.

The gap `lambda_worker_script` writes it before the engine's script, which calls `local_begin`, `local_end` and
`local_failure`. Only the standard library can be imported here.
"""

from __future__ import annotations

import json as _json
import logging as _logging
import os as _os
import sys as _sys
import sysconfig as _sysconfig
import time as _time
import traceback as _traceback
from typing import Any as _Any

END_OF_LOG = "\x00end-of-log"

_request_id = ""
_standard_attributes = {
    *_logging.LogRecord("", 0, "", 0, "", (), None).__dict__,
    "message",
    "asctime",
    "aws_request_id",
}


def local_restrict_imports() -> None:
    """Restrict imports to the standard library, the packages of AWS's runtime and the function's own package."""
    # The name is `settings.WORKER_PACKAGES_VARIABLE`, which cannot be imported here.
    provided = _os.environ.pop("_DS_DASHBOARD_LOCAL_PYTHON", "")
    library = [_sysconfig.get_path("stdlib"), _sysconfig.get_path("platstdlib")]
    kept = [path for path in _sys.path if path in library or path.endswith(("lib-dynload", ".zip", "_worker"))]
    _sys.path[:] = [*kept, *([provided] if provided else [])]
    _sys.meta_path[:] = [finder for finder in _sys.meta_path if _module_of(finder).startswith("_frozen_importlib")]


def _module_of(finder: object) -> str:
    return str(getattr(finder, "__module__", type(finder).__module__))


class _JsonLines(_logging.Formatter):
    """One line of JSON for each record, with the keys of AWS's runtime."""

    def format(self, record: _logging.LogRecord) -> str:
        """Format a record."""
        line: dict[str, _Any] = {
            "timestamp": _time.strftime("%Y-%m-%dT%H:%M:%SZ", _time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": _request_id or None,
        }
        if record.exc_info and record.exc_info[0]:
            line["stackTrace"] = [text.rstrip("\n") for text in _traceback.format_tb(record.exc_info[2])]
            line["errorType"] = record.exc_info[0].__name__
            line["errorMessage"] = str(record.exc_info[1])
            line["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        extra = {k: v for k, v in record.__dict__.items() if k not in _standard_attributes and k not in line}
        return _json.dumps({k: v for k, v in {**line, **extra}.items() if v is not None}, default=str)


class _TextLines(_logging.Formatter):
    def format(self, record: _logging.LogRecord) -> str:
        """Format a record."""
        milliseconds = int(record.msecs)
        when = _time.strftime("%Y-%m-%dT%H:%M:%S", _time.gmtime(record.created))
        text = f"[{record.levelname}]\t{when}.{milliseconds:03d}Z\t{_request_id}\t{record.getMessage()}"
        return text + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def local_set_up_logging() -> None:
    """Set the root logger's handler and level: WARNING for text, for JSON as configured, INFO by default."""
    handler = _logging.StreamHandler(_sys.stderr)
    as_json = _os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    handler.setFormatter(_JsonLines() if as_json else _TextLines())
    root = _logging.getLogger()
    root.addHandler(handler)
    level = _os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO") if as_json else "WARNING"
    root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))


def local_begin(context: dict[str, _Any]) -> None:
    """Begin an invocation: its id is in every log line."""
    global _request_id
    _request_id = str(context.get("request_id", ""))


def local_end() -> None:
    """Mark the end of this invocation's log for the server."""
    _sys.stdout.flush()
    _sys.stderr.write(END_OF_LOG + "\n")
    _sys.stderr.flush()


def local_failure(error: BaseException) -> dict[str, _Any]:
    """Return the error as AWS's runtime reports it, without the frames of the worker itself."""
    frames = _traceback.format_tb(error.__traceback__)[1:]
    return {"type": type(error).__name__, "stack": frames}


# Faults recognize the process that makes a call by this; botocore puts it into the user agent.
_os.environ.setdefault("AWS_SDK_UA_APP_ID", f"local-worker-{_os.getpid()}")
local_restrict_imports()
local_set_up_logging()
