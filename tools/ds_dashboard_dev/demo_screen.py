"""What the demo shows: its steps, and the commands that a user would type on AWS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False)


class Steps:
    """The numbered steps of the demo."""

    def __init__(self, of: int) -> None:
        self._of, self._number = of, 0
        self._begun = time.monotonic()

    def begin(self, title: str, *on_aws: str) -> None:
        """Announce a step with the commands of a user on AWS."""
        self._number += 1
        console.print(f"\n[bold]{self._number}/{self._of}  {escape(title)}[/bold]")
        for words in on_aws:
            command(words)

    @contextmanager
    def step(self, title: str, *on_aws: str) -> Iterator[None]:
        """Announce a step that is silent itself, run it, and say how long it took."""
        self.begin(title, *on_aws)
        begun = time.monotonic()
        with console.status(f"{title} ..."):
            yield
        console.print(f"     [green]done[/green] [dim]in {time.monotonic() - begun:.0f} s[/dim]")

    def total_seconds(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self._begun


def command(words: str) -> None:
    """A command that a user types."""
    console.print(f"     [dim]$[/dim] [cyan]{escape(words)}[/cyan]", soft_wrap=True)
    # What a program prints next must not come before it.
    console.file.flush()


def say(text: str) -> None:
    """A sentence of explanation."""
    console.print(f"     {escape(text)}", soft_wrap=True)
