"""The words for states of newest values and of spokes, alike in pages, reports and commands."""

from __future__ import annotations

from enum import IntEnum

# The word for a spoke that reports, and some of whose metrics fail.
WITH_FAILURES = "with failures"


class State(IntEnum):
    """The state of a newest value, worst first."""

    FAILING = 0
    ABOVE = 1
    BELOW = 2
    SILENT = 3
    STALE = 4
    NOTHING = 5
    FRESH = 6

    @property
    def is_current(self) -> bool:
        """Whether the value is the present one."""
        return self in (State.ABOVE, State.BELOW, State.NOTHING, State.FRESH)

    @property
    def word(self) -> str:
        """The word for the state, in pages and in their addresses."""
        return self.name.lower()
