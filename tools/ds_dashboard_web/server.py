"""The server: on this machine's loopback interface, for one browser, until it is interrupted."""

from __future__ import annotations

import secrets
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable
from urllib.parse import quote

import uvicorn

from ds_dashboard.publish.last_read import LastRead
from ds_dashboard_web.app import application
from ds_dashboard_web.guard import Guard

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ANY = ("0.0.0.0", "::")


class Server:
    """A server that listens already, and answers when `serve` is called.

    Args:
        last_read: the last read of a hub.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        token: the token in the address; None makes one that works once.

    Raises:
        OSError: the port is taken, or there is no such address.
    """

    def __init__(self, last_read: LastRead, host: str, port: int, token: str | None = None) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._token = token or secrets.token_urlsafe(24)
        own = socket.gethostname()
        shown = own if host in _ANY else f"[{host}]" if ":" in host else host
        names = {*LOOPBACK, "[::1]", shown} if host in LOOPBACK else {shown, own}
        guarded = Guard(
            application(last_read),
            names,
            self.port,
            self._token,
            reusable=token is not None,
            any_address=host in _ANY,
        )
        config = uvicorn.Config(
            guarded,
            log_level="critical",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self.url = f"http://{shown}:{self.port}/?token={quote(self._token, safe='')}"

    def serve(self, *, open_browser: bool, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until the process is interrupted.

        Args:
            open_browser: whether to open the address in the user's browser.
            ready: is called before the first request is answered.
        """
        self._socket.listen(128)
        is_main = threading.current_thread() is threading.main_thread()
        # Also before uvicorn has a handler of its own, which calls this one at its end.
        handler = signal.signal(signal.SIGINT, lambda *_: self.stop()) if is_main else None
        try:
            ready()
            if open_browser:
                webbrowser.open(self.url)
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()
            if is_main:
                signal.signal(signal.SIGINT, handler)

    def stop(self) -> None:
        """End `serve`, which another thread has called."""
        self._server.should_exit = True
