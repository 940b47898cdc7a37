"""Where the other `lambda_*` gaps reach into a Lambda worker.

The engine runs one script in each worker, a text in `lambda_runtime._PYTHON_WORKER_SCRIPT`.

Replaces that text: `lambda_worker/prologue.py` comes in front of it, and four of its lines get a neighbour. A line that
is not found exactly once is an error at start, so that another version of the engine is noticed at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ds_dashboard_local.lambda_worker

_EVENT_READ = '        event = _ms_msg["event"]\n'
_SUCCESS = '            _real_stdout.write(json.dumps({"status": "ok", "result": result}) + "\\n")\n'
_FAILURE = (
    '            _real_stdout.write(json.dumps({"status": "error", "error": str(e), '
    '"trace": traceback.format_exc()}) + "\\n")\n'
)


def close(engine: Any, state: Path) -> None:
    from ministack.core import lambda_runtime

    folder = Path(ds_dashboard_local.lambda_worker.__file__).parent
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    for line, replacement in (
        (_EVENT_READ, f'{_EVENT_READ}        local_begin(_ms_msg.get("ctx") or {{}})\n'),
        # Serialized before the end of the log is told: what cannot be serialized is the handler's failure.
        (_SUCCESS, _SUCCESS.replace("_real_stdout.write(", "_ms_answer = (") + _THEN_ANSWER),
        (_FAILURE, _FAILURE.replace("_real_stdout.write(", "_ms_answer = (").replace(_TRACE, _DETAILS) + _THEN_ANSWER),
    ):
        if script.count(line) != 1:
            raise RuntimeError(f"this version of the engine has another worker script: {line.strip()!r} is not in it")
        script = script.replace(line, replacement)
    lambda_runtime._PYTHON_WORKER_SCRIPT = (folder / "prologue.py").read_text() + "\n" + script


_TRACE = '"trace": traceback.format_exc()'
_DETAILS = f'{_TRACE}, "failure": local_failure(e)'
_THEN_ANSWER = "            local_end()\n            _real_stdout.write(_ms_answer)\n"
