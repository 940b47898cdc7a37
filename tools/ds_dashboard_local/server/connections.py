"""The end of connections that the client has closed.

When the client closes a connection, the web server (hypercorn) goes on waiting for the end of its idle timer before it
closes its own side. Here that timer is a day (see `app.serve`): every client left an open file behind, every function
that timed out several, until the server could accept no more connections.
"""

from __future__ import annotations

from typing import Any

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Updated

from ds_dashboard_local.engine.patching import wrap

_ENDED = "ds_dashboard_local_ended"  # on hypercorn's server of a connection


def install() -> None:
    """Let the web server close a connection as soon as its client has closed it and the call has ended."""
    wrap(TCPServer, "_read_data", _read_data)
    wrap(TCPServer, "protocol_send", _protocol_send)


async def _read_data(original: Any, self: Any) -> None:
    await original(self)
    setattr(self, _ENDED, True)
    await self.idle_task.stop()


async def _protocol_send(original: Any, self: Any, event: Any) -> None:
    # A call that ends now would start the idle timer again.
    if not (isinstance(event, Updated) and getattr(self, _ENDED, False)):
        await original(self, event)
