"""`ds-dashboard web`."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import hub_options
from ds_dashboard_cli.output.streams import note

if TYPE_CHECKING:
    from ds_dashboard.client import Hub

_EPILOG = """\b
Examples:
  ds-dashboard web --demo                            made-up data, without AWS
  ds-dashboard web --profile hub
  ds-dashboard web --no-browser --port 0 | head -1   the address, for another program

\b
The address has a token that works once, in the browser that opens it first. Only this machine can connect.
"""


@click.command("web", epilog=_EPILOG)
@click.option("--port", type=click.IntRange(0, 65535), default=8300, show_default=True, help="0 takes a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option("--demo", is_flag=True, help="Show made-up data, without any AWS account.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on. Others need --token.")
@click.option(
    "--manifest",
    "manifest_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The manifest of your own metrics, with their families and descriptions.",
)
@click.option("--token", help="The token in the address, for an address that several browsers may open.")
@hub_options
def web_command(
    hub: Hub, port: int, no_browser: bool, demo: bool, host: str, token: str | None, manifest_file: Path | None
) -> None:
    """Show a hub in the browser: what needs attention, the newest values, and their history.

    It reads the hub's tables once with your credentials, and again when you ask for it. Press Ctrl-C to end it.
    """
    try:
        from ds_dashboard.publish.last_read import LastRead
        from ds_dashboard_web.open_source import open_source
        from ds_dashboard_web.server import LOOPBACK, Server
    except ImportError as error:
        raise UserError(
            "ds-dashboard web", f"needs {error.name}, which is not installed.", 'Run: pip install "ds-dashboard[web]"'
        ) from error
    if host not in LOOPBACK and not token:
        raise UserError(
            f"--host {host}",
            "lets other machines connect, over a connection that is not encrypted.",
            "Set --token, or leave --host out and forward the port (ssh -L).",
            usage=True,
        )
    last_read = LastRead(open_source(hub, demo, manifest_file))
    try:
        server = Server(last_read, host, port, token)
    except OSError as error:
        is_taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        raise UserError(
            f"port {port} of {host}" if is_taken else f"--host {host}",
            f"cannot be used: {error.strerror}.",
            "Use --port 0 for a free one."
            if is_taken
            else "Use an address of this machine, or 0.0.0.0 for all of them.",
        ) from error
    if not demo:
        note("Reading the hub ...")
    last_read.read()

    def ready() -> None:
        click.echo(server.url)
        note("Press Ctrl-C to end.")

    server.serve(open_browser=not no_browser, ready=ready)
