"""What a metric may return or raise, on purpose or by mistake."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from ds_dashboard.metrics import MetricValue


class Unreadable(dict[str, Any]):
    """A dict that raises when it is read."""

    def items(self) -> NoReturn:
        raise RuntimeError("dictionary changed size during iteration")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("dictionary changed size during iteration")

    def __bool__(self) -> bool:
        return True


class Scalar:
    """A scalar, as numerical libraries have it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Colour(enum.IntEnum):
    """A number with a name."""

    RED = 3


class Unprintable(Exception):
    """An error that raises when it is formatted."""

    def __str__(self) -> str:
        raise ValueError("unprintable")


class LooksLikeAWS(Exception):
    """An error with a `response` that does not come from AWS."""

    def __init__(self, response: Any) -> None:
        super().__init__("looks like an error of AWS")
        self.response = response


class Odd(str):
    """A text that differs from its own `str()`."""

    __slots__ = ()

    def __str__(self) -> str:
        return "another text"


def _endless() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


# Valid values.
numbers = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.floats(allow_nan=False, allow_infinity=False, min_value=1e-120, max_value=1e120),
    st.floats(-1000, 1000).filter(lambda number: number == 0 or abs(number) > 1e-130),
    st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**20), max_value=10**20),
    st.sampled_from([0, -0.0, 0.1, 1e22, 5e-324 * 1e200, 10**38 - 1, Decimal("1E+2"), Decimal("-0E+5"), Colour.RED]),
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=60)

# By name, because reports cannot print them; as functions, because some can be used only once.
RETURNS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "NaN": lambda: math.nan,
    "infinity": lambda: -math.inf,
    "signalling NaN": lambda: Decimal("sNaN"),
    "exponent": lambda: Decimal("1E+400000"),
    "400 digits": lambda: 10**400 + 1,
    "fraction": lambda: Fraction(1, 3),
    "complex": lambda: 1 + 2j,
    "bytes": lambda: b"bytes",
    "dict": dict,
    "list": list,
    "set": lambda: {1, 2},
    "object": object,
    "class": lambda: Unreadable,
    "iterator": lambda: iter(()),
    "surrogate": lambda: "\ud800",
    "noncharacter": lambda: "a\uffffb",
    "300 KB": lambda: "x" * 300_000,
    "unreadable": Unreadable,
    "item of None": lambda: Scalar(None),
    "item of NaN": lambda: Scalar(math.nan),
    "item of an item": lambda: Scalar(Scalar(1)),
    "item that raises": lambda: Scalar(RuntimeError("no scalar")),
    "no breakdown": lambda: MetricValue(1, None),  # type: ignore[arg-type]
    "rows of None": lambda: MetricValue(1, [None]),  # type: ignore[list-item]
    "number as dimension": lambda: MetricValue(1, [{"Dimensions": {"a": 1}, "Value": 1}]),
    "unreadable dimensions": lambda: MetricValue(1, [{"Dimensions": Unreadable(), "Value": 1}]),
    "endless dimensions": lambda: MetricValue(1, [{"Dimensions": _endless(), "Value": 1}]),
    "value of a value": lambda: MetricValue(MetricValue(1, []), []),
}
METADATA: dict[str, Callable[[], Any]] = {
    "list": lambda: ["list"],
    "text": lambda: "text",
    "number": lambda: 7,
    "unreadable inside": lambda: {"a": Unreadable()},
    "number as key": lambda: {1: 2},
    "surrogate as key": lambda: {"\ud800": 1},
    "noncharacter as key": lambda: {"\ufffe": 1},
    "endless": lambda: {"a": _endless()},
    "object": lambda: {"a": object()},
    "300 KB": lambda: {"a": "x" * 300_000},
}
UNITS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "number": lambda: 5,
    "long": lambda: "x" * 65,
    "surrogate": lambda: "\ud800",
    "noncharacter": lambda: "\ufffe",
    "unreadable": Unreadable,
    "object": object,
}
RAISES: dict[str, Callable[[], BaseException]] = {
    "unprintable": Unprintable,
    "response None": lambda: LooksLikeAWS(None),
    "response text": lambda: LooksLikeAWS({"Error": "text"}),
    "response number": lambda: LooksLikeAWS({"Error": {"Code": 5}}),
    "response unreadable": lambda: LooksLikeAWS({"Error": Unreadable()}),
    "long and odd": lambda: Exception("\ud800\uffff\x00\x1b[31m" * 2000),
    "denied": lambda: ClientError({"Error": {"Code": "AccessDenied", "Message": "\ud800"}}, "ListJobs"),
    "empty answer": lambda: ClientError({}, "ListJobs"),
    "exit": lambda: SystemExit(1),
    "interrupt": KeyboardInterrupt,
    "generator": GeneratorExit,
    "recursion": RecursionError,
    "stop": StopIteration,
    "unicode": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "long name": lambda: type("E" * 300, (Exception,), {})("long name"),
    "odd name": lambda: type("Ünïcödé#\n", (Exception,), {})(),
}


def exact(value: Any) -> Decimal | str:
    """Return the exact value: a float is the shortest decimal that reads back as the same float."""
    return (
        str(value) if isinstance(value, str) else Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    )
