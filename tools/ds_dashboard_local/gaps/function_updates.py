"""A new configuration or new code while the function runs.

On AWS an invocation that is under way when its function is updated or deleted goes on in its environment; the next one
gets a new environment.

The engine ends the environments of the function at once, so that what was under way fails: "Worker process died".

Replaces `lambda_runtime.invalidate_worker` and `lambda_runtime.reset`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LOOK_SECONDS = 0.05
# What an environment may take beyond its function's time.
_GRACE_SECONDS = 5.0

_caller = threading.local()
_finishing: set[Any] = set()


def close(engine: Any, state: Path) -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    end, invalidate, reset = lambda_runtime.kill_workers, lambda_runtime.invalidate_worker, lambda_runtime.reset

    def end_idle(workers: list[Any]) -> None:
        if not getattr(_caller, "updates", False):
            end(workers)
            return
        busy = [worker for worker in workers if worker.in_use]
        end([worker for worker in workers if not worker.in_use])
        for worker in busy:
            _finishing.add(worker)
            threading.Thread(target=_end_later, args=(worker, end), daemon=True, name="lambda-finishing").start()

    def invalidate_worker(*names: Any, **more: Any) -> None:
        _caller.updates = True
        try:
            invalidate(*names, **more)
        finally:
            _caller.updates = False

    def end_all() -> None:
        reset()
        end(list(_finishing))

    lambda_runtime.kill_workers = end_idle
    lambda_runtime.invalidate_worker = lambda_svc.invalidate_worker = invalidate_worker
    lambda_runtime.reset = end_all


def _end_later(worker: Any, end: Callable[[list[Any]], None]) -> None:
    limit = time.monotonic() + float(worker.config.get("Timeout", 3)) + _GRACE_SECONDS
    while worker.in_use and time.monotonic() < limit:
        time.sleep(_LOOK_SECONDS)
    end([worker])
    _finishing.discard(worker)
