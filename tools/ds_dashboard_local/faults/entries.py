"""Batches of which some entries fail: the service answers 200, and says of each entry what became of it.

The entries that are to fail are taken out of the batch between authorization and the service, and put into its answer
with their error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ds_dashboard_local.faults.fault import Fault

_fault: ContextVar[Fault | None] = ContextVar("ds_dashboard_local_failing_entries", default=None)
_LISTS = {"events": "Entries", "dynamodb": "Statements", "sqs": "Entries"}


@contextmanager
def failing(fault: Fault) -> Iterator[None]:
    """The call in this context runs into `fault`, which fails its entries."""
    token = _fault.set(fault)
    try:
        yield
    finally:
        _fault.reset(token)


def install(engine: Any) -> None:
    """Wrap the handlers of the services that have such batches."""
    for service in _LISTS:
        engine.SERVICE_HANDLERS[service] = _wrapped(service, engine.SERVICE_HANDLERS[service])


def _wrapped(service: str, handler: Any) -> Any:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        fault = _fault.get()
        if fault is None:
            return await handler(method, path, headers, body, query)
        request = json.loads(body)
        batch = request[_LISTS[service]]
        # The last ones: the first are where everybody looks.
        passed = 0 if fault.entries is None else max(0, len(batch) - fault.entries)
        status, answered, answer = 200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}"
        if passed:
            rest = json.dumps({**request, _LISTS[service]: batch[:passed]}).encode()
            status, answered, answer = await handler(method, path, headers, rest, query)
        if status == 200:
            # DynamoDB's checksum is of the answer as the service wrote it.
            answered = {name: value for name, value in answered.items() if name.lower() != "x-amz-crc32"}
            answer = json.dumps(_ANSWERS[service](json.loads(answer), batch[passed:], fault)).encode()
        return status, answered, answer

    return handle


def _events(answer: dict[str, Any], failed: Sequence[Any], fault: Fault) -> dict[str, Any]:
    error = {"ErrorCode": fault.error_code, "ErrorMessage": fault.error_message}
    return {
        "FailedEntryCount": answer.get("FailedEntryCount", 0) + len(failed),
        "Entries": [*answer.get("Entries", []), *[error] * len(failed)],
    }


def _statements(answer: dict[str, Any], failed: Sequence[Any], fault: Fault) -> dict[str, Any]:
    error = {"Error": {"Code": fault.error_code, "Message": fault.error_message}}
    return {**answer, "Responses": [*answer.get("Responses", []), *[error] * len(failed)]}


def _messages(answer: dict[str, Any], failed: Sequence[Any], fault: Fault) -> dict[str, Any]:
    error = {"Code": fault.error_code, "Message": fault.error_message, "SenderFault": False}
    return {**answer, "Failed": [*answer.get("Failed", []), *({"Id": entry["Id"], **error} for entry in failed)]}


_ANSWERS = {"events": _events, "dynamodb": _statements, "sqs": _messages}
