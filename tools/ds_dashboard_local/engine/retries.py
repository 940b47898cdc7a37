"""Failed deliveries of events, and when they are retried."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

# AWS starts with about a second; here a test would wait for it.
BACKOFF_MIN = 0.1
BACKOFF_MAX = 30.0

_DEFAULT_ATTEMPTS = 185
_DEFAULT_AGE = 86_400

logger = logging.getLogger("ds_dashboard_local")


class DeliveryFailed(Exception):
    """A delivery failed.

    Attributes:
        code: One of the error codes that EventBridge writes to dead letters.
        retried: Whether AWS retries: not if a permission, the target or the role is missing.
    """

    def __init__(self, code: str, message: str, *, retried: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retried = retried


GiveUp = Callable[[DeliveryFailed, int, str | None], None]


def attempt_and_retry(attempt: Callable[[], None], policy: dict[str, Any], give_up: GiveUp) -> None:
    """Attempt a delivery now, and retry it in the background if AWS would.

    Args:
        attempt: Delivers, or raises `DeliveryFailed`.
        policy: A retry policy as targets and schedules have it.
        give_up: Receives the last failure, the number of retries, and the limit that ended them (None if no limit did).
    """
    failure = _try(attempt)
    if failure is None:
        return
    attempts = int(policy.get("MaximumRetryAttempts", _DEFAULT_ATTEMPTS))
    age = int(policy.get("MaximumEventAgeInSeconds", _DEFAULT_AGE))
    if not failure.retried or attempts == 0:
        give_up(failure, 0, "MaximumRetryAttempts" if failure.retried else None)
        return

    def retry() -> None:
        last, begun, pause = failure, time.monotonic(), BACKOFF_MIN
        for number in range(1, attempts + 1):
            if time.monotonic() + pause - begun > age:
                give_up(last, number - 1, "MaximumEventAgeInSeconds")
                return
            time.sleep(pause)
            pause = min(pause * 2, BACKOFF_MAX)
            again = _try(attempt)
            if again is None:
                return
            last = again
            if not last.retried:
                give_up(last, number, None)
                return
        give_up(last, attempts, "MaximumRetryAttempts")

    threading.Thread(target=copy_context().run, args=(retry,), daemon=True, name="delivery-retry").start()


def _try(attempt: Callable[[], None]) -> DeliveryFailed | None:
    try:
        attempt()
    except DeliveryFailed as failure:
        return failure
    except Exception as error:
        logger.exception("a delivery failed inside the local cloud")
        return DeliveryFailed("INTERNAL_ERROR", str(error), retried=True)
    return None
