"""What is left of a function's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def seconds_left(context: Any, reserve: float = 0.0) -> Callable[[], float]:
    """A function that tells the seconds until this invocation is cut off, less `reserve`."""
    return lambda: context.get_remaining_time_in_millis() / 1000 - reserve
