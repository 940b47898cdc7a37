"""Clients of AWS services: one per service for the life of the process, created when first needed.

Importing boto3 dominates a cold start, and the first client of a service takes another 60 to 170 ms. Importing this
module does neither.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# Time-outs of brief clients. The service's own answers take milliseconds, and the largest requests less than a second.
_BRIEF_CONNECT_SECONDS, _BRIEF_READ_SECONDS = 2.0, 5.0
MAX_CONNECTIONS = 100
BRIEF_ATTEMPT_SECONDS = _BRIEF_CONNECT_SECONDS + _BRIEF_READ_SECONDS

_clients: dict[tuple[str, bool, str | None], Any] = {}
_replacements: dict[str, Any] = {}
# boto3 sessions are not thread-safe while they create clients. The clients are.
_lock = threading.RLock()


@overload
def client(service: Literal["dynamodb"], *, brief: bool = False) -> DynamoDBClient: ...
@overload
def client(service: Literal["events"], *, brief: bool = False) -> EventBridgeClient: ...
@overload
def client(service: Literal["sqs"], *, brief: bool = False) -> SQSClient: ...
@overload
def client(service: Literal["ssm"], *, brief: bool = False) -> SSMClient: ...
@overload
def client(service: str, *, brief: bool = False, region: str | None = None) -> Any: ...
def client(service: str, *, brief: bool = False, region: str | None = None) -> Any:
    """Return the process's client of a service, shared by all threads, with the runtime's region and credentials.

    Args:
        service: the service's name in boto3.
        brief: whether a call is one attempt with short time-outs, for a caller that knows its deadline and retries.
        region: the region of a service that has endpoints in few regions; None for the runtime's region.
    """
    key = (service, brief, region)
    found = _replacements.get(service) or _clients.get(key)
    if found is None:
        with _lock:
            found = _clients.get(key)
            if found is None:
                found = _clients[key] = _make(service, brief, region)
    return found


def use(service: str, replacement: Any) -> None:
    """Replace the clients of a service, such as by a stub in a test."""
    with _lock:
        _replacements[service] = replacement


def forget() -> None:
    """Drop every client, so that the next call creates a new one (after `use`, or when the environment has changed)."""
    with _lock:
        _clients.clear()
        _replacements.clear()


def _make(service: str, brief: bool, region: str | None) -> Any:
    import boto3.session
    from botocore.config import Config

    config = Config(
        # List calls are throttled at a few per second for everything in the account. The adaptive mode slows down
        # instead of using up its attempts at once.
        retries={"mode": "standard", "total_max_attempts": 1}
        if brief
        else {"mode": "adaptive", "total_max_attempts": 8},
        connect_timeout=_BRIEF_CONNECT_SECONDS if brief else 5,
        # The default of 60 s would let one silent connection take a function's whole time.
        read_timeout=_BRIEF_READ_SECONDS if brief else 30,
        # As many as metrics run in parallel. With fewer, botocore discards connections and logs a warning for each.
        max_pool_connections=MAX_CONNECTIONS,
        tcp_keepalive=True,
        # The archive builds its statements itself. Comparing a hundred of them with the service's model takes a
        # quarter of its processor time, and DynamoDB reports what is wrong anyway.
        parameter_validation=service != "dynamodb",
    )
    session: Any = boto3.session.Session()
    return session.client(service, region_name=region, config=config)
