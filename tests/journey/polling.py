"""Waiting for what happens elsewhere: until it is there, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2


def eventually(look: Callable[[], Found], what: str, *, seconds: float = PATIENCE_SECONDS) -> Found:
    """The first true answer of `look`.

    Raises:
        AssertionError: there was none in time; the message says `what` was waited for, and the last answer.
    """
    limit = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {seconds:.0f} s: {what}; the last answer was {found!r}")
        time.sleep(_PAUSE_SECONDS)
    return found
