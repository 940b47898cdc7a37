"""How much memory a process and all that it starts take together, at the most."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

_SECONDS = 0.5


class PeakMemory:
    """Samples this process and its descendants while in use; `megabytes` is `None` where there is no `/proc`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.megabytes: float | None = None

    def __enter__(self) -> PeakMemory:
        if Path("/proc/self/smaps_rollup").exists():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()

    def _sample(self) -> None:
        while not self._stop.wait(_SECONDS):
            total = sum(_proportional_kilobytes(pid) for pid in _descendants(self._pid)) / 1024
            self.megabytes = max(self.megabytes or 0.0, total)


def _descendants(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may hold anything; the parent is the second field behind it.
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
    """Memory of one process, what it shares with others counted in parts."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0
