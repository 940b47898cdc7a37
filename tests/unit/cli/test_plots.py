"""The axes of `ds-dashboard history --plot`."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from typing import Any

import plotext  # type: ignore[import-untyped]
import pytest

from ds_dashboard_cli.output import plots

START = datetime(2026, 11, 20, 7, 30, 15, 250_000, tzinfo=UTC).timestamp()
# Seconds that an axis shows, from a microsecond to years.
SPANS = [0, 1e-6, 3e-6, 2e-5, 0.001, 0.04, 0.7, 1, 3, 9, 60, 599, 601, 7200, 86_400, 4 * 86_400, 5 * 86_400, 4e7]


def labels(drawn: str) -> list[str]:
    """Return the labels of the axis of values."""
    return [match[1] for match in re.finditer(r"^ *(\S+)┤", drawn, re.MULTILINE)]


def times(span: float, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the labels of the axis of times for two values that are `span` seconds apart."""
    found: list[str] = []
    ruler = type(plotext.figure.ruler("x"))
    original = ruler.ticks

    def record(self: Any, positions: Any, texts: Any) -> Any:
        found.extend(texts)
        return original(self, positions, texts)

    monkeypatch.setattr(ruler, "ticks", record)
    plots._drawn("t", {"P/dev": [(START, 1.0), (START + span, 2.0)]}, 100, 14, False)
    return found


@pytest.mark.parametrize("span", SPANS)
def test_no_two_times_read_alike(span: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """An axis of five times 00:00:00 says nothing."""
    found = times(span, monkeypatch)
    assert len(set(found)) == len(found) >= 2


def test_the_labels_have_no_more_digits_than_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most histories have days or hours."""
    assert times(5 * 86_400, monkeypatch)[0] == "2026-11-20"
    monkeypatch.undo()
    assert times(7200, monkeypatch)[0] == "11-20 07:30"
    monkeypatch.undo()
    assert times(40, monkeypatch)[0] == "07:30:15"
    monkeypatch.undo()
    assert times(0.4, monkeypatch)[0] == "07:30:15.2"


@pytest.mark.parametrize("seed", range(60))
def test_no_two_values_read_alike(seed: int) -> None:
    """Values that differ only in their last digits are a flat line, and the labels say so."""
    dice = random.Random(seed)
    base, step = dice.choice([-1, 1]) * 10 ** dice.uniform(-9, 18), 10 ** dice.uniform(-12, 3)
    points = [(START + 3600 * hour, base + step * dice.randint(0, 9)) for hour in range(6)]
    found = labels(plots._drawn("t", {"P/dev": points}, 100, dice.choice([12, 20, 30]), False))
    assert len(set(found)) == len(found) >= 1
