"""Limits of calls per second for each operation, so that a run leaves the account's quotas to others.

AWS throttles operations for the whole account. ListTrainingJobs has 2 calls per second, which AWS does not raise
(aws-solutions/deepracer-on-aws#87 quotes Service Quotas). The limits of other SageMaker operations are not published
and are assumed to be the same for lists and Search, and 5 per second for Describe.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

# Service (its name in boto3), operation, calls per second. The first match counts.
_RATES = (
    ("sagemaker", "List*", 2.0),
    ("sagemaker", "Search", 2.0),
    ("sagemaker", "*", 5.0),
    ("securityhub", "GetFindings", 3.0),
    ("logs", "DescribeLogGroups", 5.0),
    ("ce", "*", 5.0),
    ("*", "*", 10.0),
)
_HANDLER_ID = "ds-dashboard-rate"


class TokenBucket:
    """Tokens that are added at a steady rate, up to those of one second.

    Args:
        rate: tokens per second.
        clock: the time in seconds.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._lock = threading.Lock()
        self._tokens, self._at = rate, clock()

    def take(self) -> float:
        """Take a token, and return the seconds to wait until it is there."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
            self._at = now
            self._tokens -= 1.0
            return max(0.0, -self._tokens / self._rate)


_buckets: dict[tuple[str, str, str], TokenBucket] = {}
_lock = threading.Lock()


def calls_per_second(service: str, operation: str) -> float:
    """Return the limit of an operation, such as `("sagemaker", "ListTrainingJobs")`."""
    return next(rate for s, o, rate in _RATES if fnmatchcase(service, s) and fnmatchcase(operation, o))


def limit(client: Any, wait: Callable[[float], None]) -> Any:
    """Make each call of a client wait for its turn, and return the client.

    Args:
        client: a boto3 client. A replacement without botocore's events is returned as it is.
        wait: receives the seconds to wait before a call. The first one that was given for a client counts.
    """
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:

        def before_call(model: Any, **_: Any) -> None:
            service, operation = str(model.service_model.service_name), str(model.name)
            wait(_bucket(service, operation, str(client.meta.region_name)).take())

        # Once for each call, and not for its retries. A handler whose ID is registered is not registered again.
        events.register("before-parameter-build", before_call, unique_id=_HANDLER_ID)
    return client


def forget() -> None:
    """Forget all calls, for a test with a clock of its own."""
    with _lock:
        _buckets.clear()


def _bucket(service: str, operation: str, region: str) -> TokenBucket:
    with _lock:
        key = service, operation, region
        if key not in _buckets:
            _buckets[key] = TokenBucket(calls_per_second(service, operation))
        return _buckets[key]
