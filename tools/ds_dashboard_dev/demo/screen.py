"""What the demo prints: its steps, the commands that a user would type on AWS, and the memory that it took."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False)
# Each sample reads all processes of the machine. Terraform's providers, which need most of the memory, run for longer.
_SAMPLE_SECONDS = 2


class Steps:
    """The numbered steps of the demo."""

    def __init__(self, of: int) -> None:
        self._of, self._number = of, 0
        self._started = time.monotonic()

    def begin(self, title: str, *on_aws: str) -> None:
        """Print the heading of a step, with the commands of a user on AWS."""
        self._number += 1
        console.print(f"\n[bold]{self._number}/{self._of}  {escape(title)}[/bold]")
        for words in on_aws:
            command(words)

    @contextmanager
    def step(self, title: str, *on_aws: str) -> Iterator[None]:
        """Print the heading of a step that prints nothing itself, run it, and print how long it took."""
        self.begin(title, *on_aws)
        started = time.monotonic()
        with console.status(f"{title} ..."):
            yield
        console.print(f"     [green]done[/green] [dim]in {time.monotonic() - started:.0f} s[/dim]")

    def total_seconds(self) -> float:
        """Return the seconds since the demo started."""
        return time.monotonic() - self._started


def command(words: str) -> None:
    """Print a command that a user types."""
    console.print(f"     [dim]$[/dim] [cyan]{escape(words)}[/cyan]", soft_wrap=True)
    # The output of the program that runs next must not appear before it.
    console.file.flush()


def say(text: str) -> None:
    """Print a sentence of explanation."""
    console.print(f"     {escape(text)}", soft_wrap=True)


class PeakMemory:
    """Samples the memory of this process and its descendants while in use.

    Attributes:
        megabytes: The largest sample; `None` on systems without `/proc`.
    """

    def __init__(self) -> None:
        self.megabytes: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> PeakMemory:
        if Path("/proc/self/smaps_rollup").exists():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()

    def _sample(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            total = sum(_proportional_kilobytes(pid) for pid in _descendants(os.getpid())) / 1024
            self.megabytes = max(self.megabytes or 0.0, total)


def _descendants(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses can contain anything. The parent is the second field after it.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    found = {pid}
    grown = True
    while grown:
        children = {child for child, parent in parents.items() if parent in found}
        grown = not children <= found
        found |= children
    return found


def _proportional_kilobytes(pid: int) -> int:
    """Return the memory of one process; of memory that it shares with other processes, only its proportion."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0
