"""Who may ask: only the browser that was opened for this server. The loopback interface is no boundary by itself.

Another user of the machine can connect, a page of the internet can make the browser send requests, and a name that
resolves to 127.0.0.1 makes such a page seem to be the same origin.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import threading
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TOKEN = "token"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")


class Guard:
    """Middleware that answers only who has the token of this server, or the cookie for which it was exchanged.

    Args:
        app: what to protect.
        hosts: the names in the `Host` header that are accepted, without the port.
        port: the port that the server listens on. A tunnel may have another one at the browser's end.
        token: the token in the address that is opened. It can be exchanged once.
        reusable: whether the token can be exchanged again, for a server that others may use.
        any_address: whether every IP address in `Host` is accepted, for a server that listens on all of the machine's.
            No name that somebody else controls leads to it then either.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        port: int,
        token: str,
        *,
        reusable: bool = False,
        any_address: bool = False,
    ) -> None:
        self._any_address = any_address
        self._app, self._token, self._reusable = app, token, reusable
        self._hosts = frozenset(map(str.casefold, hosts))
        # Cookies are shared by all ports of a host.
        self._cookie_name = f"ds-dashboard-{port}"
        self._session = secrets.token_urlsafe(32)
        self._used = False
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    if name != "Cache-Control" or "cache-control" not in headers:
                        headers[name] = value
            await send(message)

        refused = self._refused(Request(scope))
        await (refused or self._app)(scope, receive, send_with_headers)

    def _refused(self, request: Request) -> Response | None:
        host = _host_name(Headers(scope=request.scope).get("host", ""))
        if host not in self._hosts and not (self._any_address and _is_address(host)):
            names = ", ".join(sorted(self._hosts))
            return PlainTextResponse(f"This server answers for these names only: {names}.", 421)
        site = request.headers.get("sec-fetch-site", "none")
        is_reading = request.method in ("GET", "HEAD")
        if site not in ("same-origin", "none") and not (
            is_reading and request.headers.get("sec-fetch-mode") == "navigate"
        ):
            return PlainTextResponse("Requests of other sites are refused.", 403)
        if not is_reading and site != "same-origin" and not _same_origin(request):
            return PlainTextResponse("Requests of other sites are refused.", 403)
        given = request.query_params.get(_TOKEN)
        cookie = request.cookies.get(self._cookie_name, "")
        is_known = secrets.compare_digest(cookie.encode(), self._session.encode())
        if given is not None and is_reading:
            return _without_token(request) if is_known else self._exchange(request, given)
        if not is_known:
            return PlainTextResponse(
                "Open the address that `ds-dashboard web` has printed. It works once, in one browser.", 401
            )
        return None

    def _exchange(self, request: Request, given: str) -> Response:
        with self._lock:
            right = secrets.compare_digest(given.encode(), self._token.encode())
            if right and (self._reusable or not self._used):
                self._used = True
                response = _without_token(request)
                response.set_cookie(self._cookie_name, self._session, httponly=True, samesite="strict", path="/")
                return response
        return PlainTextResponse("The token is not valid, or was used before. Start `ds-dashboard web` again.", 401)


def _without_token(request: Request) -> Response:
    rest = [(key, value) for key, value in parse_qsl(request.url.query) if key != _TOKEN]
    # Two slashes would begin with another host.
    path = f"/{request.url.path.lstrip('/')}"
    return RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)


def _host_name(host: str) -> str:
    """Return the name in a `Host` header; empty if it is not valid."""
    found = _HOST.fullmatch(host)
    return found[1].casefold() if found else ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _same_origin(request: Request) -> bool:
    """Return whether a browser without Sec-Fetch-Site sends a request from this server's own pages."""
    origin = request.headers.get("origin", "")
    return origin != "" and origin.partition("://")[2] == request.headers.get("host", "")
