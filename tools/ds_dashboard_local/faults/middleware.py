"""The fault door: the outermost link of a call's way through the local cloud. A call runs into at most one fault."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

from ds_dashboard_local.engine.middleware import CallNext, Middleware, Request, Response
from ds_dashboard_local.faults import active, entries
from ds_dashboard_local.faults.active import ActiveFault
from ds_dashboard_local.faults.call import ApiCall
from ds_dashboard_local.faults.connection import Cut
from ds_dashboard_local.faults.fault import Fault, Kind

logger = logging.getLogger("ds_dashboard_local")

_LOOK_SECONDS = 0.05


def inject_faults(engine: Any) -> Middleware:
    """The link; without a fault that is set it costs nothing."""
    entries.install(engine)

    async def link(request: Request, then: CallNext) -> Response:
        if not active.any_set():
            return await then(request)
        call = ApiCall(engine, request)
        found = active.hit(call)
        if found is None:
            return await then(request)
        logger.info("fault %d (%s) hits %s of %s", found.number, found.fault.kind, call.action, call.caller())
        return await _run_into(found, call, request, then)

    return link


async def _run_into(found: ActiveFault, call: ApiCall, request: Request, then: CallNext) -> Response:
    fault = found.fault
    match fault.kind:
        case Kind.ERROR:
            return _error(fault, call, request)
        case Kind.DELAY:
            await asyncio.sleep(fault.delay or 0)
            return await then(request)
        case Kind.HANG:
            while not found.over_by_time():
                await asyncio.sleep(_LOOK_SECONDS)
            raise Cut
        case Kind.RESET:
            raise Cut
        case Kind.PARTIAL:
            with entries.failing(fault):
                return await then(request)
        case Kind.LOST:
            await then(request)
            if fault.code:
                return _error(fault, call, request)
            raise Cut
        case Kind.KILL:
            await then(request)
            _kill(call.process())
            raise Cut
        case Kind.REDELIVER | Kind.DUPLICATE:
            raise AssertionError(f"{fault.kind} hits deliveries, no calls")


def _error(fault: Fault, call: ApiCall, request: Request) -> Response:
    """The error in the protocol of the service."""
    from ministack.core.iam_actions import access_denied_response

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
    """End a function's process as the platform does when memory runs out: at once, and without a word."""
    from ministack.core import lambda_runtime

    with lambda_runtime._lock:
        ours = {worker._proc.pid for workers in lambda_runtime._workers.values() for worker in workers if worker._proc}
    if process is not None and process in ours:
        os.kill(process, signal.SIGKILL)
