"""API calls in parallel, and calls in batches in which items fail one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

from ds_dashboard.deadline import Backoff

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# Many functions call the same service at the same time, so each one makes only a few calls at once.
_MAX_CALLS = 8


def call_each(call: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """Call a function with each item, in parallel.

    Returns:
        The function's answers, in the order of `items`. An exception is raised after all calls have ended.
    """
    if len(items) < 2:
        return [call(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(len(items), _MAX_CALLS), thread_name_prefix="call") as pool:
        return list(pool.map(call, items))


def call_in_batches(
    call: Callable[[Sequence[Item]], Sequence[Answer]],
    items: Sequence[Item],
    *,
    split: Callable[[Sequence[Item]], Iterable[Sequence[Item]]],
    should_retry: Callable[[Answer], bool],
    backoff: Backoff,
) -> list[Answer]:
    """Call a function with batches of items, in parallel, and again with the items whose answers are to be retried.

    The SDK retries requests that fail as a whole. It does not retry items that fail inside a request that succeeds.

    Args:
        call: makes one request; returns one answer for each item of the batch, in order.
        items: what to send.
        split: cuts items into batches, without changing their order.
        should_retry: whether an answer is a failure that may pass.
        backoff: the pauses between attempts. When they end, the last answers count.

    Returns:
        The last answer for each item, in the order of `items`.
    """
    answers: dict[int, Answer] = {}
    waiting = list(range(len(items)))
    while waiting:
        batches = list(split([items[index] for index in waiting]))
        answers.update(zip(waiting, chain.from_iterable(call_each(call, batches)), strict=True))
        waiting = [index for index in waiting if should_retry(answers[index])]
        if waiting and not backoff.wait():
            break
    return [answers[index] for index in range(len(items))]
