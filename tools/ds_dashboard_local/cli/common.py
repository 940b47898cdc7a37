"""What the commands of `ds-dashboard local` share: the port, the call to the cloud on it, and the error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import click

from ds_dashboard_local import settings
from ds_dashboard_local.client.endpoint import LocalCloudError, RunningCloud

Answer = TypeVar("Answer")

port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=settings.DEFAULT_PORT,
    show_default=True,
    help="The port of the local cloud.",
    metavar="PORT",
)


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with an error that names the cause and the fix."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(code)


def running_cloud(port: int) -> RunningCloud:
    """Return the local cloud on a port, whether it runs or not."""
    return RunningCloud(f"http://{settings.HOST}:{port}")


def call(port: int, control: Callable[[RunningCloud], Answer], code: int = 1) -> Answer:
    """Call the local cloud on a port; on an error the command ends with `code`."""
    try:
        return control(running_cloud(port))
    except LocalCloudError as error:
        fail(str(error), code)
