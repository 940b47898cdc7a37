"""What the demo shows: its steps, the commands a user would type on AWS, and tables."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

console = Console(highlight=False)


class Steps:
    """The numbered steps of the demo, each with its time."""

    def __init__(self, of: int) -> None:
        self._of, self._number = of, 0
        self._begun = time.monotonic()

    @contextmanager
    def step(self, title: str, *on_aws: str) -> Iterator[None]:
        """Announce a step with the commands of a user on AWS, run it, and say how long it took."""
        self._number += 1
        console.print(f"\n[bold]{self._number}/{self._of}  {escape(title)}[/bold]")
        for command in on_aws:
            console.print(f"     [dim]$[/dim] [cyan]{escape(command)}[/cyan]", soft_wrap=True)
        begun = time.monotonic()
        with console.status(f"{title} ..."):
            yield
        console.print(f"     [green]done[/green] [dim]in {time.monotonic() - begun:.0f} s[/dim]")

    def total_seconds(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self._begun


def say(text: str) -> None:
    """A sentence of explanation."""
    console.print(f"     {escape(text)}", soft_wrap=True)


def tell(heading: str, *texts: str) -> None:
    """Texts of any length under a heading, wrapped to the width of the screen."""
    console.print(f"[bold]{escape(heading)}[/bold]")
    for text in texts:
        console.print(Padding(escape(text), (0, 0, 0, 5)))


def show(title: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """A table of ``rows``; ``columns`` maps a row's key to the heading of its column."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for key, heading in columns.items():
        table.add_column(heading, justify="right" if key == "MetricValue" else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(row.get(key, ""))) for key in columns))
    console.print(table)
