"""The server's process: `python -m ds_dashboard_local.server --state DIR --port 0`.

One process, one port on the loopback interface. It ends on SIGTERM, SIGINT or, with `--stop-with-stdin`, when its
standard input is closed (so that it never outlives the process that started it).
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

from ds_dashboard_local import settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ds_dashboard_local.server", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the only folder that is written to")
    parser.add_argument("--port", type=int, default=settings.DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--organization", action="append", default=[], metavar="ID=ACCOUNT,ACCOUNT")
    parser.add_argument("--stop-with-stdin", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()

    state: Path = arguments.state.resolve()
    listener = _listen(arguments.port)
    port: int = listener.getsockname()[1]
    _prepare(state)
    # Everything below reads the environment when it is imported, so it is complete before the first import.
    environment = {**settings.process_environment(state, os.environ), **settings.engine_environment(state, port)}
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(_serve(listener, port, state, arguments.organization, arguments.stop_with_stdin))


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.HOST, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.stderr.write(f"port {port} is in use\n")
        sys.exit(settings.EXIT_PORT_IN_USE)
    listener.listen(256)
    return listener


def _prepare(state: Path) -> None:
    state.mkdir(parents=True, exist_ok=True)
    # Leftovers of a server that was killed; a running one has another port and with it another folder.
    for leftover in ("tmp", "engine", "s3", "python"):
        shutil.rmtree(state / leftover, ignore_errors=True)
    (state / "tmp").mkdir()


def _publish(state: Path, port: int) -> None:
    """Leave the address where the process that started this one looks for it, in one piece."""
    draft = state / "address.new"
    draft.write_text(f"http://{settings.HOST}:{port}")
    draft.rename(state / "address")


async def _serve(
    listener: socket.socket, port: int, state: Path, organizations: list[str], stop_with_stdin: bool
) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app as engine

    from ds_dashboard_local.faults.connection import cutting
    from ds_dashboard_local.server import app

    app.build(engine, state, port, organizations)

    _publish(state, port)

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if stop_with_stdin:
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, stopped), daemon=True).start()

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    # Clients end connections that they no longer need. Where the server does, a request that comes at that moment is
    # executed and not answered: Terraform then tries again, and finds that "it already exists".
    config.keep_alive_timeout = 24 * 60 * 60
    config.keep_alive_max_requests = 1_000_000
    config.graceful_timeout = 1
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    try:
        await serve(cutting(engine.app), config, shutdown_trigger=stopped.wait)
    finally:
        app.teardown(state)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    loop.call_soon_threadsafe(stopped.set)


if __name__ == "__main__":
    main()
