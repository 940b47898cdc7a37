"""Readings: what several metrics of a run read, declared once with its permissions and computed once.

@reading(permissions=[{"Action": "sagemaker:ListEndpoints", "Resource": "*"}], calls="1 per 100 endpoints")
def endpoints(reader: Reader) -> list[dict[str, Any]]:
    \"\"\"Name, status and creation time of every endpoint.\"\"\"
    return list(reader.pages("sagemaker", "list_endpoints", "Endpoints", fields=("EndpointName", "EndpointStatus")))

class EndpointsByStatus(Metric):
    readings = [endpoints]

    def _compute_value(self):
        return self.value(breakdown=Counter(one["EndpointStatus"] for one in self.read(endpoints)))

The decorator makes a `Reading` of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from ds_dashboard.metrics.permissions import Statement

if TYPE_CHECKING:
    from typing import Concatenate

    from ds_dashboard.metrics.reader import Reader

Result_co = TypeVar("Result_co", covariant=True)
Parameters = ParamSpec("Parameters")


class Reading(Generic[Parameters, Result_co]):
    """A reading: a function of a `Reader` and of arguments, which a run calls once for the same arguments.

    Attributes:
        name: the function's name.
        function: the function.
        permissions: the statements that its own calls need.
        calls: how many calls it makes, for people.
        readings: the readings that it reads itself.
        usd: what AWS charges for its calls, in USD.
        may_read: what its permissions may read and it does not keep, for people.
        description: the first line of its docstring.
    """

    def __init__(
        self,
        function: Callable[Concatenate[Reader, Parameters], Result_co],
        permissions: Sequence[Statement],
        calls: str,
        readings: Sequence[Reading[Any, Any]] = (),
        usd: float | Decimal = 0,
        may_read: str = "",
    ) -> None:
        self.name: str = function.__name__
        self.function = function
        self.permissions = list(permissions)
        self.calls = calls
        self.readings = tuple(readings)
        self.usd = usd
        self.may_read = may_read
        self.description = next((line.strip() for line in (function.__doc__ or "").splitlines() if line.strip()), "")

    def __repr__(self) -> str:
        return f"<reading {self.name}>"


def reading(
    *,
    permissions: Sequence[Statement],
    calls: str,
    readings: Sequence[Reading[Any, Any]] = (),
    usd: float | Decimal = 0,
    may_read: str = "",
) -> Callable[[Callable[Concatenate[Reader, Parameters], Result_co]], Reading[Parameters, Result_co]]:
    """Declare a reading.

    Args:
        permissions: the statements that its own calls need, as in a metric's `_iam_permissions`.
        calls: how many calls it makes, for the documentation: "1 per 100 endpoints".
        readings: other readings that it reads.
        usd: what AWS charges for its calls, in USD.
        may_read: what its permissions may read and it does not keep, for the documentation: "environment variables".
    """
    return lambda function: Reading(function, permissions, calls, readings, usd, may_read)


def with_their_readings(readings: Iterable[Reading[Any, Any]]) -> Iterator[Reading[Any, Any]]:
    """Yield readings and those that they read, each once."""
    found: dict[int, Reading[Any, Any]] = {}
    waiting = list(readings)
    while waiting:
        one = waiting.pop(0)
        if id(one) not in found:
            found[id(one)] = one
            waiting.extend(one.readings)
    yield from found.values()
