"""Batches that a function takes from a queue, and messages that come and go meanwhile.

On AWS a function takes up to the mapping's BatchSize messages at once (10,000 at most, over ten where there is a
batching window), and a queue loses nothing however many use it at one time.

The engine takes ten messages at most. Its poller's threads write a queue's list of messages anew when they delete or
sweep, while requests and rules append to the old one: such a message is lost.

Replaces `sqs._receive_messages_for_esm`, makes `sqs._queues_lock` one that a thread may take twice, and takes it for
every action on queues, where messages are received, and in `delivery.put_on_queue`.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_USED_BY_RECEIVING = ("_collect_msgs", "_dlq_sweep", "_expire_retained", "_refresh_counts")


def close(engine: Any, state: Path) -> None:
    from ministack.services import sqs

    sqs._queues_lock = threading.RLock()
    for name in _USED_BY_RECEIVING:
        setattr(sqs, name, _locked(getattr(sqs, name)))
    for operation, action in sqs._HANDLERS.items():
        if not asyncio.iscoroutinefunction(action):
            sqs._HANDLERS[operation] = _locked(action)
            setattr(sqs, action.__name__, sqs._HANDLERS[operation])

    def _receive_messages_for_esm(queue_url: str, max_number: int) -> Any:
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            sqs._expire_retained(queue)
            sqs._dlq_sweep(queue)
            visibility = int(queue["attributes"].get("VisibilityTimeout", "30"))
            return sqs._collect_msgs(queue, int(max_number or 1), visibility)

    sqs._receive_messages_for_esm = _receive_messages_for_esm


def _locked(function: Callable[..., Any]) -> Callable[..., Any]:
    from ministack.services import sqs

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        with sqs._queues_lock:
            return function(*arguments, **named)

    return call
