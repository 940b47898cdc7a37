"""Numbers, changes and ages as people read them: three significant digits and a unit. The exact value stands beside."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from ds_dashboard.text import visible

THOUSANDS = ("", "k", "M", "G", "T", "P", "E")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
# Counts below this one change by their difference.
SMALL_COUNT = 20
_MILLION, _HUGE = Decimal("1e6"), Decimal("1e20")
_MAX_UNIT = 24
_WITHOUT_NAME = (None, "None", "Count", "Percent", "USD", "Seconds", "Bytes", "Milliseconds", "Microseconds")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MILLISECOND = Decimal("0.001")
# From this share of the value before, a change is dark. Nobody knows whether up is good, so it has no colour.
LARGE_CHANGE = 0.5
_MULTIPLE = 10


class Figure(NamedTuple):
    """A number for people: `before` (a currency sign), the digits, and the unit, which is smaller."""

    before: str
    digits: str
    unit: str

    def __str__(self) -> str:
        return f"{self.before}{self.digits}{f' {self.unit}' if self.unit else ''}"


class Change(NamedTuple):
    """A change between two values.

    Attributes:
        text: such as "+2", "12%", "22x" or "from 0"; "=" if there is none.
        direction: 1 if it grew, -1 if it shrank, 0 if it is the same.
        is_large: whether it is at least half of the value before.
        share: the change as a share of the value before; None if that was zero.
    """

    text: str
    direction: int
    is_large: bool
    share: float | None


def figure(value: Decimal, unit: str | None) -> Figure:
    """Return a number with three significant digits in a unit that fits its size.

    Args:
        value: the exact number.
        unit: the metric's unit, such as `Count`, `Seconds`, `Bytes`, `USD` or `Percent`; others are shown as they are.
    """
    if unit not in _WITHOUT_NAME:
        unit = visible(unit or "")[:_MAX_UNIT]
    if abs(value) >= _HUGE:
        return Figure("", _scientific(value), unit if unit not in _WITHOUT_NAME else "")
    if unit == "Bytes":
        return Figure("", *_scaled(value, BINARY, 1024))
    if unit == "Seconds":
        return Figure("", *_duration(value))
    if unit == "Milliseconds":
        return figure(value / 1000, "Seconds") if abs(value) >= 1000 else Figure("", _digits(value), "ms")
    if unit == "Microseconds":
        return figure(value / 1000, "Milliseconds") if abs(value) >= 1000 else Figure("", _digits(value), "µs")
    if unit == "USD":
        sign, amount = ("−" if value < 0 else ""), abs(value)
        if 0 < amount < Decimal("0.01"):
            return Figure(f"{sign}<$", "0.01", "")
        if amount < 100:
            return Figure(f"{sign}$", f"{amount:.2f}", "")
        digits, scale = _scaled(amount, THOUSANDS, 1000)
        return Figure(f"{sign}$", digits, scale)
    digits, scale = _scaled(value, THOUSANDS, 1000)
    if unit == "Percent":
        return Figure("", digits, f"{scale}%")
    suffix = "" if unit in _WITHOUT_NAME else unit
    return Figure("", digits, " ".join(part for part in (scale, suffix) if part))


def _scaled(value: Decimal, names: tuple[str, ...], base: int) -> tuple[str, str]:
    size, index = abs(value), 0
    # A number that would be rounded up to the next unit is shown in that unit.
    while index < len(names) - 1 and _rounded(size) >= base:
        size, index = size / base, index + 1
    return f"{'−' if value < 0 else ''}{_digits(size)}", names[index]


def _digits(value: Decimal) -> str:
    rounded = _rounded(value)
    if rounded and abs(rounded) < Decimal("0.001"):
        return _scientific(rounded)
    return trimmed(f"{rounded:f}").replace("-", "−")


def trimmed(number: str) -> str:
    """Return a number without the zeros at the end of its fraction."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _scientific(value: Decimal) -> str:
    return f"{value:.2e}".replace("e+", "e").replace("-", "−")


def _rounded(value: Decimal) -> Decimal:
    """Return a number with three significant digits; digits before the point stay."""
    if value == value.to_integral_value() and abs(value) < 1000:
        return value.to_integral_value()
    places = max(0, 2 - value.adjusted())
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def _duration(value: Decimal) -> tuple[str, str]:
    size = abs(value)
    if _rounded(size) < _MINUTE:
        if size and size < 1:
            return (_digits(value * 1000), "ms") if size >= _MILLISECOND else (_digits(value * 1_000_000), "µs")
        return _digits(value), "s"
    sign, seconds = ("−" if value < 0 else ""), round(size)
    for unit, larger, smaller, name in (
        (_DAY, "d", "h", _HOUR),
        (_HOUR, "h", "m", _MINUTE),
        (_MINUTE, "m", "s", 1),
    ):
        if seconds >= unit:
            whole, rest = divmod(seconds, unit)
            part = rest // name
            if larger == "d" and whole >= 100:
                return f"{sign}{whole}", "d"
            # Both units of two parts are alike: "19 h 41 m".
            return (f"{sign}{whole} {larger} {part} {smaller}", "") if part else (f"{sign}{whole}", larger)
    return f"{sign}{seconds}", "s"


def change(before: Decimal, now: Decimal) -> Change:
    """Return how a value has changed: small counts by their difference, others by their share."""
    difference = now - before
    if difference == 0:
        return Change("=", 0, False, 0.0)
    direction = 1 if difference > 0 else -1
    share = float(difference / abs(before)) if before else None
    is_large = share is None or abs(share) >= LARGE_CHANGE
    if is_small_count(before) and is_small_count(now):
        return Change(f"{'+' if direction > 0 else '−'}{figure(abs(difference), None)}", direction, is_large, share)
    if share is None:
        return Change("from 0", direction, True, None)
    if abs(share) >= _MULTIPLE:
        multiple = now / before
        text = _digits(round(multiple, 1)) if abs(multiple) < _MILLION else _scientific(multiple)
        return Change(f"{text}x", direction, True, share)
    percent = round(abs(share) * 100)
    return Change(f"{percent}%" if percent else "<1%", direction, is_large, share)


def ago(passed: timedelta) -> str:
    """Return how long ago something was: "2 h ago", or "now"."""
    text = age(passed)
    return text if text == "now" else f"{text} ago"


def is_small_count(value: Decimal) -> bool:
    """Return whether a number counts a few things."""
    return abs(value) < SMALL_COUNT and value == value.to_integral_value()


def age(passed: timedelta) -> str:
    """Return an age in its largest unit: "2 h", "11 d"; "now" for less than a minute, and for a date ahead."""
    seconds = passed.total_seconds()
    if seconds < _MINUTE:
        return "now"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return "now"
