"""The way of a request through the local cloud: a chain of links in front of the engine's dispatch.

A link sees every call of an AWS service (and of the control door) before authorization, and may answer it, change it,
or pass it on. Whatever has to stand between a client and all services belongs here as one more link, as the fault door
(`faults/`) does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Response = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Request:
    """One HTTP request as the engine parsed it; header names are lower case."""

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
    """The request that is being served, for what the engine does not hand to its authorization."""
    return _current.get()


async def remember_request(request: Request, then: CallNext) -> Response:
    """Keep the request where `current_request` finds it."""
    token = _current.set(request)
    try:
        return await then(request)
    finally:
        _current.reset(token)


def install(engine: Any, links: Sequence[Middleware]) -> None:
    """Put `links`, first one outermost, in front of `ministack.app._dispatch_service_request`."""
    original = engine._dispatch_service_request

    async def innermost(request: Request) -> Response:
        answer: Response = await original(
            request.method, request.path, request.headers, request.body, request.query, request.request_id
        )
        return answer

    chain: CallNext = innermost
    for link in reversed(links):
        chain = _linked(link, chain)

    async def dispatch(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]], request_id: str
    ) -> Response:
        return await chain(Request(method, path, headers, body, query, request_id))

    engine._dispatch_service_request = dispatch


def _linked(link: Middleware, then: CallNext) -> CallNext:
    async def call(request: Request) -> Response:
        return await link(request, then)

    return call
