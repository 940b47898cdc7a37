"""The application that the server runs: the engine with its gaps patched and the middlewares before it."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hypercorn.asyncio
from hypercorn.config import Config
from ministack import app as engine
from ministack.core import lambda_runtime

from ds_dashboard_local import settings
from ds_dashboard_local.engine import middleware, organizations
from ds_dashboard_local.faults import deliveries
from ds_dashboard_local.faults.middleware import inject_faults, with_disconnects
from ds_dashboard_local.gaps import order
from ds_dashboard_local.server import connections
from ds_dashboard_local.server.control import control_middleware
from ds_dashboard_local.server.sdk_retries import replay_answers
from ds_dashboard_local.server.shutdown import Shutdown
from ds_dashboard_local.server.web_pages import without_web_pages


def build(state: Path, port: int, organization_flags: Sequence[str], without_gaps: Sequence[str]) -> Any:
    """Patch the engine and return its ASGI application, before the first request."""
    for flag in organization_flags:
        identifier, accounts = organizations.parse_flag(flag)
        organizations.set_members(identifier, accounts)
    order.apply_all(without_gaps)
    deliveries.install()
    connections.install()
    # The control API comes before the faults, or nobody could lift them.
    middleware.install([control_middleware(state, port), replay_answers(), inject_faults()])
    return without_web_pages(with_disconnects(engine.app))


def teardown(state: Path) -> None:
    """End the Lambda workers and remove what they left: no child process outlives the server."""
    lambda_runtime.reset()
    settings.remove_leftovers(state)


async def serve(
    listener: socket.socket,
    state: Path,
    *,
    organization_flags: Sequence[str],
    without_gaps: Sequence[str],
    stop_with_stdin: bool,
) -> None:
    """Serve on a listening socket until SIGTERM, SIGINT or the end of standard input."""
    port: int = listener.getsockname()[1]
    application = build(state, port, organization_flags, without_gaps)
    _publish_address(state, port)
    shutdown = Shutdown(lambda: teardown(state))
    if stop_with_stdin:
        shutdown.follow_stdin()

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    # Clients close connections that they no longer need. If the server did, a request that comes at that moment would
    # be executed and not answered; Terraform retries it and finds that "it already exists".
    config.keep_alive_timeout = 24 * 60 * 60
    config.keep_alive_max_requests = 1_000_000
    config.graceful_timeout = 1
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    try:
        await hypercorn.asyncio.serve(application, config, shutdown_trigger=shutdown.requested.wait)
    finally:
        teardown(state)


def _publish_address(state: Path, port: int) -> None:
    """Write the address, in one piece, for the process that started this one."""
    draft = state / "address.new"
    draft.write_text(f"http://{settings.HOST}:{port}")
    draft.rename(state / "address")
