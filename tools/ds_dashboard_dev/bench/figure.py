"""A figure that was measured, and the aim it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Attributes:
        unit: of `measured` and `aim`; `times` is a ratio.
        aim: `None` where the figure only stands beside others.
        bound: whether the aim is the most or the least that is wanted.
        detail: what it was measured from, and its spread.
    """

    name: str
    measured: float
    unit: Literal["times", "s", "MB", "events/s"]
    detail: str
    aim: float | None = None
    bound: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; `None` where there is none."""
        if self.aim is None:
            return None
        return self.measured <= self.aim if self.bound == "at most" else self.measured >= self.aim

    @property
    def missed_by(self) -> float | None:
        """By which share of the aim it is missed; `None` where it is met or there is none."""
        return None if self.met is not False or self.aim is None else abs(self.measured - self.aim) / self.aim


def spread(seconds: Sequence[float]) -> str:
    """Least, median and most of measured seconds."""
    unit, factor = ("ms", 1000) if median(seconds) < 1 else ("s", 1)
    least, middle, most = (
        f"{value * factor:.{0 if value * factor >= 100 else 1}f}"
        for value in (min(seconds), median(seconds), max(seconds))
    )
    return f"{least} to {most} {unit}, median {middle} of {len(seconds)}"
