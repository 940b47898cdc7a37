"""Middlewares: what a request passes before the engine dispatches it to a service.

A middleware sees every call of an AWS service, and of the control API, before authorization. It answers the call,
changes it, or passes it on with `call_next`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack import app

from ds_dashboard_local.engine.patching import wrap

Response = tuple[int, dict[str, str], bytes]  # status, headers, body


@dataclass(frozen=True)
class Request:
    """An HTTP request as the engine parsed it; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    request_id: str


CallNext = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Request, CallNext], Awaitable[Response]]

_current: ContextVar[Request | None] = ContextVar("ds_dashboard_local_request", default=None)


def current_request() -> Request | None:
    """Return the request that is being served, which the engine does not pass to its authorization."""
    return _current.get()


def install(middlewares: Sequence[Middleware]) -> None:
    """Put middlewares, the outermost first, before the engine's dispatch."""
    wrap(app, "_dispatch_service_request", _dispatch_through([*middlewares, _remember_request]))


async def _remember_request(request: Request, call_next: CallNext) -> Response:
    token = _current.set(request)
    try:
        return await call_next(request)
    finally:
        _current.reset(token)


def _dispatch_through(middlewares: Sequence[Middleware]) -> Any:
    async def dispatch(
        original: Any,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, list[str]],
        request_id: str,
    ) -> Response:
        async def call_engine(request: Request) -> Response:
            answer: Response = await original(
                request.method, request.path, request.headers, request.body, request.query, request.request_id
            )
            return answer

        call_next: CallNext = call_engine
        for middleware in reversed(middlewares):
            call_next = _bind(middleware, call_next)
        return await call_next(Request(method, path, headers, body, query_params, request_id))

    return dispatch


def _bind(middleware: Middleware, call_next: CallNext) -> CallNext:
    async def call(request: Request) -> Response:
        return await middleware(request, call_next)

    return call
