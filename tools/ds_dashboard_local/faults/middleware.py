"""The middleware that lets calls run into faults, each call into one at most."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.iam_actions import access_denied_response

from ds_dashboard_local.engine.middleware import CallNext, Middleware, Request, Response
from ds_dashboard_local.engine.patching import wrap_entry
from ds_dashboard_local.faults import active
from ds_dashboard_local.faults.active import ActiveFault
from ds_dashboard_local.faults.call import ApiCall
from ds_dashboard_local.faults.fault import Fault, Kind

Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Send], Awaitable[None]]

_POLL_INTERVAL = 0.05
_BATCH_MEMBERS = {"events": "Entries", "dynamodb": "Statements", "sqs": "Entries"}

logger = logging.getLogger("ds_dashboard_local")


class Disconnect(Exception):
    """The connection of this request is to be cut without an answer."""


def with_disconnects(application: Application) -> Application:
    """Return an ASGI application that cuts the connection of a request that raises `Disconnect`.

    The web server (hypercorn) answers an exception with 500, which is an answer to every client. A client whose
    connection is cut does not know whether its call was executed.
    """

    async def disconnecting(scope: Any, receive: Any, send: Send) -> None:
        try:
            await application(scope, receive, send)
        except Disconnect:
            _transport(send).abort()

    return disconnecting


def _transport(send: Any) -> Any:
    """The transport of the connection: hypercorn's stream has its protocol, and that its server with the writer."""
    stream = send.__self__
    protocol = stream.send.__self__
    server = protocol.send.__self__
    return server.writer.transport


def inject_faults() -> Middleware:
    """Return the middleware; while no fault is injected it costs nothing."""
    for service in _BATCH_MEMBERS:
        wrap_entry(app, "SERVICE_HANDLERS", service, _handle_batch(service))

    async def middleware(request: Request, call_next: CallNext) -> Response:
        if not active.any_injected():
            return await call_next(request)
        call = ApiCall(request)
        found = active.hit(call)
        if found is None:
            return await call_next(request)
        logger.info("fault %d (%s) hits %s of %s", found.number, found.fault.kind, call.action, call.caller())
        return await _run_into(found, call, request, call_next)

    return middleware


async def _run_into(found: ActiveFault, call: ApiCall, request: Request, call_next: CallNext) -> Response:
    fault = found.fault
    match fault.kind:
        case Kind.ERROR:
            return _error(fault, call, request)
        case Kind.DELAY:
            await asyncio.sleep(fault.delay or 0)
            return await call_next(request)
        case Kind.HANG:
            while not found.released():
                await asyncio.sleep(_POLL_INTERVAL)
            raise Disconnect
        case Kind.RESET:
            raise Disconnect
        case Kind.PARTIAL:
            with _failing_entries(fault):
                return await call_next(request)
        case Kind.LOST:
            await call_next(request)
            if fault.code:
                return _error(fault, call, request)
            raise Disconnect
        case Kind.KILL:
            await call_next(request)
            _kill(call.process())
            raise Disconnect
        case Kind.REDELIVER | Kind.DUPLICATE:
            raise AssertionError(f"{fault.kind} hits deliveries, not calls")


def _error(fault: Fault, call: ApiCall, request: Request) -> Response:
    """The error in the protocol of the service."""
    service, form = call.service, "x-www-form-urlencoded" in request.headers.get("content-type", "")
    _, headers, body = access_denied_response(
        service,
        call.action,
        "",
        request.request_id,
        error_code=fault.error_code,
        message=fault.error_message,
        headers=request.headers,
    )
    if form and body.startswith(b"{"):
        # A service of moto's that speaks the query protocol, which the engine does not know.
        _, headers, body = access_denied_response(
            "iam", call.action, "", request.request_id, error_code=fault.error_code, message=fault.error_message
        )
    return fault.error_status, {**headers, "x-amzn-requestid": request.request_id}, body


def _kill(process: int | None) -> None:
    """Kill a function's process as Lambda does when memory runs out: at once and without a log line."""
    with lambda_runtime._lock:
        ours = {worker._proc.pid for workers in lambda_runtime._workers.values() for worker in workers if worker._proc}
    if process is not None and process in ours:
        os.kill(process, signal.SIGKILL)


# Entries that fail are removed from the batch between authorization and the service, and added to its answer.

_failing: ContextVar[Fault | None] = ContextVar("ds_dashboard_local_failing_entries", default=None)


@contextmanager
def _failing_entries(fault: Fault) -> Iterator[None]:
    token = _failing.set(fault)
    try:
        yield
    finally:
        _failing.reset(token)


def _handle_batch(service: str) -> Any:
    member, failed_answer = _BATCH_MEMBERS[service], _FAILED_ANSWERS[service]

    async def handle(
        original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any
    ) -> Any:
        fault = _failing.get()
        if fault is None:
            return await original(method, path, headers, body, query_params)
        request = json.loads(body)
        batch = request[member]
        # The last entries fail: a client that reads only the first ones is found out.
        passed = 0 if fault.entries is None else max(0, len(batch) - fault.entries)
        status, answer_headers, answer = 200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}"
        if passed:
            rest = json.dumps({**request, member: batch[:passed]}).encode()
            status, answer_headers, answer = await original(method, path, headers, rest, query_params)
        if status == 200:
            # DynamoDB's checksum is that of the service's own answer.
            answer_headers = {name: value for name, value in answer_headers.items() if name.lower() != "x-amz-crc32"}
            answer = json.dumps(failed_answer(json.loads(answer), batch[passed:], fault)).encode()
        return status, answer_headers, answer

    return handle


def _failed_events(answer: dict[str, Any], failed: Sequence[Any], fault: Fault) -> dict[str, Any]:
    error = {"ErrorCode": fault.error_code, "ErrorMessage": fault.error_message}
    return {
        "FailedEntryCount": answer.get("FailedEntryCount", 0) + len(failed),
        "Entries": [*answer.get("Entries", []), *[error] * len(failed)],
    }


def _failed_statements(answer: dict[str, Any], failed: Sequence[Any], fault: Fault) -> dict[str, Any]:
    error = {"Error": {"Code": fault.error_code, "Message": fault.error_message}}
    return {**answer, "Responses": [*answer.get("Responses", []), *[error] * len(failed)]}


def _failed_messages(answer: dict[str, Any], failed: Sequence[Any], fault: Fault) -> dict[str, Any]:
    error = {"Code": fault.error_code, "Message": fault.error_message, "SenderFault": False}
    return {**answer, "Failed": [*answer.get("Failed", []), *({"Id": entry["Id"], **error} for entry in failed)]}


_FAILED_ANSWERS = {"events": _failed_events, "dynamodb": _failed_statements, "sqs": _failed_messages}
