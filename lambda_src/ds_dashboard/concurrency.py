"""API calls that wait for each other for no reason, made at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# A service is asked by many functions at once; each keeps to a few calls.
_MOST_CALLS = 8


def each(call: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """What `call` returns for each of `items`, in their order. An exception is raised when all have ended."""
    if len(items) < 2:
        return [call(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(len(items), _MOST_CALLS), thread_name_prefix="call") as pool:
        return list(pool.map(call, items))
