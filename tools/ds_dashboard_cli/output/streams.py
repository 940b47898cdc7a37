"""What a command prints besides tables: JSON lines on stdout; notes and progress on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import click

from ds_dashboard.text import json_line, visible

# Without a terminal, progress is a line from time to time.
_PROGRESS_INTERVAL = 10.0


def write_json(record: Mapping[str, Any]) -> None:
    """Print one record on stdout, as one line of JSON with exact numbers."""
    click.echo(json_line(record))


def note(text: str) -> None:
    """Print a sentence on stderr."""
    click.echo(visible(text), err=True)


class Progress(Protocol):
    """Shows the state of a command that takes long."""

    def __call__(self, text: str) -> None:
        """Show a state."""


@contextmanager
def progress(every_change: bool = False) -> Iterator[Progress]:
    """Show progress on stderr while the block runs.

    On a terminal, the state is one line that changes. Elsewhere it is a new line every ten seconds, or for each change
    if `every_change` is set.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, color_system=None, highlight=False)
        with console.status("") as status:
            yield lambda text: status.update(Text(visible(text)))
        return
    yield _Lines(0.0 if every_change else _PROGRESS_INTERVAL)


class _Lines:
    """Prints a changed state as a line, at most once per interval."""

    def __init__(self, interval: float) -> None:
        self._interval, self._last, self._at = interval, "", time.monotonic()

    def __call__(self, text: str) -> None:
        if text == self._last or time.monotonic() - self._at < self._interval:
            return
        self._last, self._at = text, time.monotonic()
        note(text)
