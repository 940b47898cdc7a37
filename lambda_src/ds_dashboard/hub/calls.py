"""Calls of the archive and refresh functions: short attempts, repeated only while there is time.

One call that the SDK retries in adaptive mode can take two minutes under throttling, which is longer than these
functions may run. Their clients therefore make one attempt (`aws.client(..., brief=True)`), and the attempts after it
are counted here, where the deadline is known. What fails nevertheless is delivered again by the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected

from ds_dashboard import aws
from ds_dashboard.concurrency import call_in_batches
from ds_dashboard.deadline import Backoff, Deadline

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# Parts of the error codes of AWS services, which spell them in several ways.
_TRANSIENT = (
    "Internal",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttl",
    "TooManyRequests",
    "TransactionConflict",
)
_BACKOFF_MIN, _BACKOFF_MAX = 0.05, 2.0
# Time to return the answer: without it, Lambda would deliver the whole batch again.
_ANSWER_SECONDS = 3.0
# Functions with a short timeout keep a share of it instead.
_RESERVE_SHARE = 0.25


class OutOfTime(BotoCoreError):
    """The time for a call was over before the call."""

    fmt = "out of time"


class Conflict(BotoCoreError):
    """Somebody else changed the same item at the same time."""

    fmt = "another archive changes the same item"


def deadline_of(context: Any) -> Deadline:
    """Return until when a function may start calls, so that the last of them and the answer are in time.

    Args:
        context: the context that Lambda passes to a handler.
    """
    remaining = context.get_remaining_time_in_millis() / 1000
    return Deadline(context, min(aws.BRIEF_ATTEMPT_SECONDS + _ANSWER_SECONDS, _RESERVE_SHARE * remaining))


def is_transient_code(code: str) -> bool:
    """Return whether an error code says that the same call may succeed later."""
    return any(part in code for part in _TRANSIENT)


def is_transient(error: Exception) -> bool:
    """Return whether the same call may succeed later: it was throttled, or the service or network failed."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or is_transient_code(error.response.get("Error", {}).get("Code", ""))
    return isinstance(error, NotConnected | HTTPClientError | Conflict)


def call(operation: Callable[..., Answer], deadline: Deadline, **arguments: Any) -> Answer:
    """Call an operation of a client, and again after transient errors.

    Args:
        operation: the method of the client.
        deadline: no attempt starts after it.
        arguments: the arguments of the operation.

    Raises:
        OutOfTime: the deadline passed before the first attempt.
        botocore.exceptions.ClientError: the last attempt failed.
        botocore.exceptions.BotoCoreError: the same.
    """
    backoff = backoff_until(deadline)
    while True:
        if deadline.remaining() <= 0:
            raise OutOfTime
        try:
            return operation(**arguments)
        except (ClientError, BotoCoreError) as error:
            if not is_transient(error) or not backoff.wait():
                raise


def call_each_until(
    action: Callable[[Item], Answer], items: Sequence[Item], deadline: Deadline
) -> list[Answer | Exception]:
    """Call a function with each item, in parallel. Items with transient errors wait until all others had their turn.

    Args:
        action: makes the calls for one item, without retries of its own.
        items: what to call it with.
        deadline: no attempt starts after it.

    Returns:
        For each item, what the function returned, or what it raised in its last attempt.
    """

    def attempt(batch: Sequence[Item]) -> list[Answer | Exception]:
        if deadline.remaining() <= 0:
            return [OutOfTime()]
        try:
            return [action(batch[0])]
        except Exception as error:  # noqa: BLE001 - also a fault of ours fails only the item that it happened with
            return [error]

    return call_in_batches(
        attempt,
        items,
        split=_one_by_one,
        should_retry=lambda answer: isinstance(answer, Exception) and is_transient(answer),
        backoff=backoff_until(deadline),
    )


def backoff_until(deadline: Deadline) -> Backoff:
    """Return the pauses between the attempts of a call."""
    return Backoff(deadline, _BACKOFF_MIN, _BACKOFF_MAX)


def _one_by_one(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for item in items:
        yield [item]
