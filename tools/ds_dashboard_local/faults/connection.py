"""Cutting the connection of a client, which an answer cannot do.

A client whose connection is cut does not know whether its call was executed. The web server (hypercorn) answers 500 in
such a case, which every client takes for an answer; `Cut` raised by a link of `dispatch` ends the connection instead.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Send], Awaitable[None]]


class Cut(Exception):
    """This request's connection is to be ended without an answer."""


def cutting(app: App) -> App:
    """`app`, and where it raises `Cut` no answer but the end of the connection."""

    async def with_cuts(scope: Any, receive: Any, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Cut:
            _transport(send).abort()

    return with_cuts


def _transport(send: Any) -> Any:
    """The connection's transport: hypercorn's stream knows its protocol, and that its server with the writer."""
    stream = send.__self__
    protocol = stream.send.__self__
    server = protocol.send.__self__
    return server.writer.transport
