"""What the commands of `ds-dashboard local` have in common: the port, the question to the cloud on it, the error."""

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
    """End the command with an error that names the cause and the cure."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(code)


def running(port: int) -> RunningCloud:
    """The local cloud on a port."""
    return RunningCloud(f"http://{settings.HOST}:{port}")


def ask(port: int, question: Callable[[RunningCloud], Answer], code: int = 1) -> Answer:
    """What the local cloud on a port answers; where it does not, the command ends with `code`."""
    try:
        return question(running(port))
    except LocalCloudError as error:
        fail(str(error), code)
