"""The axes and the thresholds of `ds-dashboard history --plot`."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import plotext  # type: ignore[import-untyped]
import pytest

from ds_dashboard.client import Limits, Value
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
    plots._drawn("t", {"P/dev": [(START, 1.0), (START + span, 2.0)]}, (), 100, 14, False)
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
    found = labels(plots._drawn("t", {"P/dev": points}, (), 100, dice.choice([12, 20, 30]), False))
    assert len(set(found)) == len(found) >= 1


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0, 35_801, ["35801", "26851", "17900", "8950", "0"]),
        (0, 1_234_567.5, ["1234568", "925926", "617284", "308642", "0"]),
        (0, 0.93, ["0.93", "0.70", "0.47", "0.23", "0.00"]),
        (-0.001, 35_801, ["35801", "26851", "17900", "8950", "0"]),
        (1e20, 3e20, ["3.0e20", "2.5e20", "2.0e20", "1.5e20", "1.0e20"]),
    ],
)
def test_values_are_labelled_as_people_write_them(low: float, high: float, shown: list[str]) -> None:
    """35801 was 3.6e4, and 35800 was not."""
    drawn = plots._drawn("t", {"P/dev": [(START, low), (START + 3600, high)]}, (), 100, 14, False)
    assert labels(drawn) == shown


def chart(
    capsys: pytest.CaptureFixture[str], numbers: Mapping[str, Sequence[float]], limits: Mapping[str, Limits]
) -> tuple[list[str], list[str]]:
    """Return the lines of the chart and those of the legend below it."""
    start = datetime.fromtimestamp(START, UTC)
    values = [
        Value(
            project=spoke.partition("/")[0],
            environment=spoke.partition("/")[2],
            metric="Jobs",
            time=start + timedelta(hours=hour),
            value=Decimal(str(number)),
            unit="Count",
            breakdown=(),
            metadata={},
            refresh_id=None,
            account=None,
            region=None,
            item={},
        )
        for spoke, found in numbers.items()
        for hour, number in enumerate(found)
    ]
    plots.print_chart("Jobs", values, lambda spokes: {one: limits[one] for one in spokes if one in limits})
    lines = capsys.readouterr().out.splitlines()
    end = next(number for number, line in enumerate(lines) if "└" in line)
    return lines[: end + 1], [line for line in lines[end + 2 :] if line]


def threshold_levels(lines: Sequence[str]) -> list[str]:
    """Return the labels of the rows that a threshold's line goes through."""
    return [line.lstrip().partition("┤")[0] for line in lines if "---" in line]


@pytest.mark.parametrize(
    ("above", "is_drawn"),
    [("10", True), ("7.5", True), ("12", True), ("12.001", False), ("500", False), ("-2", True), ("-2.001", False)],
)
def test_a_threshold_is_drawn_within_or_near_the_values(
    above: str, is_drawn: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """An axis up to a far limit would make a flat line of the values. The legend has the limit in any case."""
    lines, legend = chart(capsys, {"P/dev": [0, 4, 10, 2]}, {"P/dev": Limits(Decimal(above), None)})
    assert any("---" in line for line in lines) is is_drawn
    text = f"threshold above {above}"
    assert legend == ["  ● P/dev", f"  - {text}" if is_drawn else f"    {text}, outside of the plot"]


def test_the_line_is_at_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """Both limits of a threshold are lines, and equal values are a flat line with or without them."""
    lines, legend = chart(capsys, {"P/dev": [5, 5, 5]}, {"P/dev": Limits(Decimal(9), Decimal(1))})
    assert [float(label) for label in threshold_levels(lines)] == [9, 1]
    assert legend == ["  ● P/dev", "  - threshold above 9", "  - threshold below 1"]


def test_the_values_are_drawn_over_a_limit_that_they_are_equal_to(capsys: pytest.CaptureFixture[str]) -> None:
    """A value at the limit is within it, and would be hidden."""
    lines, _ = chart(capsys, {"P/dev": [0, 10, 10]}, {"P/dev": Limits(Decimal(10), None)})
    (row,) = (line for line in lines if "---" in line)
    assert re.fullmatch(r" *10(\.0+)?┤-+●+│", row)


def test_a_limit_of_some_spokes_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    """A threshold can have projects and environments."""
    numbers = {f"P/e{number}": [number, number + 5] for number in range(6)}
    some = {name: Limits(Decimal(7), None) for name in list(numbers)[:2]}
    many = {name: Limits(None, Decimal(1)) for name in list(numbers)[2:]}
    _, legend = chart(capsys, numbers, {**some, **many})
    assert legend[6:] == ["  - threshold above 7 (P/e0, P/e1)", "  - threshold below 1 (4 spokes)"]


def test_a_chart_without_a_threshold_has_no_word_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts compare charts."""
    lines, legend = chart(capsys, {"P/dev": [0, 4, 10], "Q/prod": [1, 2, 3]}, {})
    assert legend == ["  ● P/dev", "  x Q/prod"]
    assert not any("-" in line for line in lines)


def test_a_coloured_threshold_differs_from_the_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its mark as well as by its colour, in the chart and in the legend."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    numbers, limits = {"P/dev": [0, 4, 10]}, {"P/dev": Limits(Decimal(7), None)}
    plots_lines, legend = chart(capsys, numbers, limits)
    assert any("\x1b[38;5;11m---" in line for line in plots_lines)
    assert legend[-1] == "  \x1b[93m--\x1b[0m threshold above 7"
