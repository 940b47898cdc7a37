"""A fault as seen by who set it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any


class InjectedFault:
    """A fault that is set; as a context manager it is lifted at the end."""

    def __init__(self, control: Callable[..., dict[str, Any]], described: dict[str, Any]) -> None:
        self._control = control
        self.id: int = described["id"]
        self._last = described

    @property
    def hits(self) -> int:
        """How many calls, messages or events have run into it so far."""
        for found in self._control("faults/list")["faults"]:
            if found["id"] == self.id:
                self._last = found
        return int(self._last["hits"])

    def lift(self) -> None:
        """Let everything pass again; nothing happens where it was lifted already."""
        if any(found["id"] == self.id for found in self._control("faults/list")["faults"]):
            (self._last,) = self._control("faults/lift", {"id": self.id})["faults"]

    def __enter__(self) -> InjectedFault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.lift()
