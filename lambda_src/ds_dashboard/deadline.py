"""How long an invocation may still work, and pauses between retries within that time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Self


class Deadline:
    """An instant by which work must be done.

    Args:
        context: the context that Lambda passes to a handler.
        reserve: seconds to keep back before Lambda ends the invocation.
    """

    __slots__ = ("_at", "_clock")

    def __init__(self, context: Any, reserve: float = 0.0) -> None:
        self._clock: Callable[[], float] = time.monotonic
        self._at: float = self._clock() + context.get_remaining_time_in_millis() / 1000 - reserve

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Self:
        """Return the deadline that is `seconds` from now, by a monotonic clock in seconds."""
        deadline = cls.__new__(cls)
        deadline._clock = clock
        deadline._at = clock() + seconds
        return deadline

    def remaining(self) -> float:
        """Return the seconds until the deadline; negative after it."""
        return self._at - self._clock()

    def less(self, seconds: float) -> Self:
        """Return the deadline that is `seconds` earlier than this one."""
        return self.after(self.remaining() - seconds, self._clock)

    def share(self, fraction: float) -> Self:
        """Return the deadline at which `fraction` of the time that remains now will have passed."""
        return self.after(self.remaining() * fraction, self._clock)

    def within(self, seconds: float) -> Self:
        """Return the deadline that is `seconds` from now, or this one if it is earlier."""
        return self.after(min(self.remaining(), seconds), self._clock)


class Backoff:
    """Pauses between the attempts of a call: each twice as long as the one before, with jitter, until a deadline.

    Args:
        deadline: no pause may end after it.
        minimum: upper limit of the first pause, in seconds.
        maximum: upper limit of every pause, in seconds.
    """

    __slots__ = ("_deadline", "_maximum", "_pause")

    def __init__(self, deadline: Deadline, minimum: float, maximum: float) -> None:
        self._deadline, self._pause, self._maximum = deadline, minimum, maximum

    def wait(self) -> bool:
        """Sleep before the next attempt; returns False at once if the pause would end after the deadline."""
        if self._deadline.remaining() <= self._pause:
            return False
        # Jitter, so that callers that were throttled together do not call again together.
        time.sleep(self._pause * random.uniform(0.5, 1.0))
        self._pause = min(2 * self._pause, self._maximum)
        return True
