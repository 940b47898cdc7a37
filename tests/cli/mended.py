"""What a test breaks is mended, also where the test fails."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import ParamSpec

_Given = ParamSpec("_Given")


def mended(function: Callable[_Given, Iterator[None]]) -> Callable[_Given, AbstractContextManager[None]]:
    """A context manager from a function that breaks something, yields, and mends it."""

    @contextmanager
    @functools.wraps(function)
    def wrapped(*given: _Given.args, **named: _Given.kwargs) -> Iterator[None]:
        steps = function(*given, **named)
        next(steps)
        try:
            yield
        finally:
            next(steps, None)

    return wrapped
