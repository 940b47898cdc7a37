"""The server's process: `python -m ds_dashboard_local.server --state DIR --port 0`.

One process, one port on the loopback interface. It ends on SIGTERM, on SIGINT or, with `--stop-with-stdin`, when its
standard input is closed, so that it does not outlive the process that started it. If it is stuck then, it ends by
force.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import socket
import sys
from pathlib import Path

from ds_dashboard_local import settings


def main() -> None:
    """Read the command line and serve until the end."""
    parser = argparse.ArgumentParser(prog="python -m ds_dashboard_local.server", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the only folder that the server writes to")
    parser.add_argument("--port", type=int, default=settings.DEFAULT_PORT, help="0 takes a free port")
    parser.add_argument("--organization", action="append", default=[], metavar="ID=ACCOUNT,ACCOUNT")
    parser.add_argument(
        "--without-gap", action="append", default=[], metavar="NAME", help="leave a gap of the engine open"
    )
    parser.add_argument("--stop-with-stdin", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()

    state: Path = arguments.state.resolve()
    listener = _listen(arguments.port)
    port: int = listener.getsockname()[1]
    state.mkdir(parents=True, exist_ok=True)
    settings.remove_leftovers(state)
    (state / "tmp").mkdir()
    environment = {**settings.process_environment(state, os.environ), **settings.engine_environment(state, port)}
    os.environ.clear()
    os.environ.update(environment)

    # The engine reads the environment when it is imported, so its first import comes here.
    from ds_dashboard_local.server import app

    asyncio.run(
        app.serve(
            listener,
            state,
            organization_flags=arguments.organization,
            without_gaps=arguments.without_gap,
            stop_with_stdin=arguments.stop_with_stdin,
        )
    )


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


if __name__ == "__main__":
    main()
