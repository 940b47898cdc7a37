"""What is said beside the data, on stderr: notes, and progress of what takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

from ds_dashboard_cli.output.text import visible

# Where no line can be rewritten, one now and then says that something goes on.
_PAUSE_SECONDS = 10.0


def note(text: str) -> None:
    """A sentence beside the data."""
    click.echo(visible(text), err=True)


class Progress(Protocol):
    """Says how far something has come."""

    def __call__(self, text: str) -> None: ...


@contextmanager
def progress(every_change: bool = False) -> Iterator[Progress]:
    """Show how far something has come: in one line of a terminal, else a line now and then (or at each change)."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, color_system=None, highlight=False)
        with console.status("") as status:
            yield lambda text: status.update(Text(visible(text)))
        return
    yield _Lines(0.0 if every_change else _PAUSE_SECONDS)


class _Lines:
    def __init__(self, pause: float) -> None:
        self._pause, self._last, self._at = pause, "", time.monotonic()

    def __call__(self, text: str) -> None:
        if text == self._last or time.monotonic() - self._at < self._pause:
            return
        self._last, self._at = text, time.monotonic()
        note(text)
