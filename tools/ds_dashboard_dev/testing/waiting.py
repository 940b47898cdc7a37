"""Wait for what happens in another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
TIMEOUT_SECONDS = 60.0
_INTERVAL_SECONDS = 0.1


def eventually(probe: Callable[[], T], what: str, *, seconds: float = TIMEOUT_SECONDS) -> T:
    """Call `probe` until its answer is true, and return that answer.

    Raises:
        AssertionError: no answer was true within `seconds`. The message has `what` and the last answer.
    """
    limit = time.monotonic() + seconds
    while True:
        begun = time.monotonic()
        if answer := probe():
            return answer
        ended = time.monotonic()
        if ended > limit:
            raise AssertionError(f"not within {seconds:.0f} s: {what}; the last answer was {answer!r}")
        # A slow probe leaves as much time to what it waits for.
        time.sleep(max(_INTERVAL_SECONDS, ended - begun))
