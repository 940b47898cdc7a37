"""The end of an environment: at the function's memory, or because its process exits."""

from __future__ import annotations

import logging
import signal
import threading
import time
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from ds_dashboard_local.engine.patching import gap, wrap

_POLL_INTERVAL = 0.05
_DIED = "Worker process died"

logger = logging.getLogger("ds_dashboard_local")

_ended = threading.local()  # the exit status of the process that the current thread collected last


@gap
def lambda_memory() -> None:
    """End an environment that takes more memory than the function has.

    AWS: ends it, and the invocation fails with Runtime.OutOfMemory. If the process ends in another way, the invocation
    fails with Runtime.ExitError and the exit status or signal.

    Engine: has no limit, and fails with `Runtime.HandlerError` if the process ends.

    The patch compares the peak of the process's resident memory, on Linux only, 20 times a second and after each
    invocation.
    """
    wrap(lambda_runtime.Worker, "invoke", _invoke_within_memory)
    wrap(lambda_runtime, "_collect", _collect)
    if Path("/proc/self/status").exists():
        threading.Thread(target=_end_large_environments, daemon=True, name="lambda-memory").start()


def _invoke_within_memory(original: Any, self: Any, event: Any, request_id: str, **named: Any) -> Any:
    _ended.status = None
    answer = original(self, event, request_id, **named)
    if _end_if_too_large(self):  # a peak between two polls
        answer = {**answer, "status": "error", "error": _DIED}
        _ended.status = -int(signal.SIGKILL)
    if answer.get("error") != _DIED:
        return answer
    too_large = self.__dict__.pop("exceeded_memory", False)
    error = f"RequestId: {request_id} Error: Runtime exited with error: {_reason(_ended.status)}"
    failure: dict[str, Any] = {"type": "Runtime.OutOfMemory" if too_large else "Runtime.ExitError", "stack": []}
    return {**answer, "error": error, "failure": failure}


def _reason(status: int | None) -> str:
    if status is None or status >= 0:
        return f"exit status {status or 0}"
    names = {int(signal.SIGKILL): "killed", int(signal.SIGTERM): "terminated"}
    return f"signal: {names.get(-status, str(-status))}"


def _collect(original: Any, proc: Any, deadline: float) -> None:
    original(proc, deadline)
    _ended.status = getattr(proc, "returncode", None)


def _end_large_environments() -> None:
    while True:
        time.sleep(_POLL_INTERVAL)
        try:
            for workers in list(lambda_runtime._workers.values()):
                for worker in list(workers):
                    if worker.in_use:
                        _end_if_too_large(worker)
        except RuntimeError:
            continue  # the dictionary has just grown


def _end_if_too_large(worker: Any) -> bool:
    process, limit = worker._proc, int(worker.config.get("MemorySize", 128)) * 1024
    if process is None or process.poll() is not None or _peak_kilobytes(process.pid) <= limit:
        return False
    logger.warning("Lambda %s takes more than its %d MB: its environment is ended", worker.func_name, limit // 1024)
    worker.exceeded_memory = True
    process.kill()
    return True


def _peak_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
