"""Rejection of requests that a web page sends.

A browser on this machine sends requests of any web page to the loopback interface. Their credentials are free to choose
here, so such a page could create a function and run it. SDKs, the AWS CLI and Terraform send neither `Origin` nor
`Sec-Fetch-Site`, which browsers add to requests of pages, and pages cannot remove them. A page whose own host name
resolves to this machine (DNS rebinding) sends that name as `Host`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[Any, Any, Callable[[Any], Awaitable[None]]], Awaitable[None]]

_LOOPBACK = re.compile(r"(127\.0\.0\.1|\[::1\]|([^\s:/@]+\.)?localhost)(:\d+)?", re.IGNORECASE)
_HEADERS_OF_BROWSERS = (b"origin", b"sec-fetch-site")
_MESSAGE = (
    "The local cloud answers only programs on this machine: Host must be 127.0.0.1, localhost, [::1] or *.localhost, "
    "and requests of web pages (with Origin or Sec-Fetch-Site) are rejected."
)


def without_web_pages(application: Application) -> Application:
    """Return an ASGI application that answers 403 to requests of web pages and of other hosts."""

    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or _is_from_a_program(scope["headers"]):
            await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
        else:
            body = json.dumps({"error": _MESSAGE}).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return refusing


def _is_from_a_program(headers: list[tuple[bytes, bytes]]) -> bool:
    if any(name.lower() in _HEADERS_OF_BROWSERS for name, _ in headers):
        return False
    hosts = [value.decode("latin-1") for name, value in headers if name.lower() == b"host"]
    return bool(hosts) and all(_LOOPBACK.fullmatch(host) for host in hosts)
