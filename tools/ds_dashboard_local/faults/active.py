"""The injected faults, and which call runs into which of them."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Protocol

from ds_dashboard_local.faults.fault import DELIVERIES, Fault, Kind


class Call(Protocol):
    """A call or a delivery as faults match it."""

    @property
    def names(self) -> tuple[str, ...]:
        """`service:Operation`, in each spelling."""

    @property
    def account(self) -> str:
        """The caller's account."""

    @property
    def region(self) -> str:
        """The region of the call."""

    def resources(self) -> list[str]:
        """Return the ARNs that the call names."""

    def caller(self) -> str:
        """Return the caller's ARN."""

    def process(self) -> int | None:
        """Return the id of the function's process that calls."""


@dataclass(slots=True)
class ActiveFault:
    """An injected fault and its hits so far."""

    number: int
    fault: Fault
    since: float = field(default_factory=time.monotonic)
    hits: int = 0
    lifted: threading.Event = field(default_factory=threading.Event)
    _seen: Counter[int] = field(default_factory=Counter)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.fault.seed)

    def over(self) -> bool:
        """Whether the fault hits nothing any more."""
        count = self.fault.count
        return self.released() or (count is not None and self.hits >= count)

    def released(self) -> bool:
        """Whether the fault was lifted or its time is up, which ends the calls that hang in it."""
        duration = self.fault.duration
        return self.lifted.is_set() or (duration is not None and time.monotonic() - self.since > duration)

    def hit(self, call: Call) -> bool:
        """Match the call, and count it if it is hit."""
        if self.over() or not self._matches(call):
            return False
        process = call.process() if self.fault.kind is Kind.KILL else None
        if self.fault.kind is Kind.KILL and process is None:
            return False
        self._seen[process or 0] += 1
        if self._seen[process or 0] <= self.fault.skip or self._random.random() >= self.fault.chance:
            return False
        self.hits += 1
        return True

    def _matches(self, call: Call) -> bool:
        fault = self.fault
        return (
            any(fnmatchcase(name, fault.call) for name in call.names)
            and fault.account in (None, call.account)
            and fault.region in (None, call.region)
            and (fault.caller is None or _matches_arn(fault.caller, [call.caller()]))
            and (fault.resource is None or _matches_arn(fault.resource, call.resources()))
        )

    def description(self) -> dict[str, Any]:
        """Describe the fault as JSON: `id`, `call`, `kind`, the other given fields, `hits` and `over`."""
        values = {one.name: getattr(self.fault, one.name) for one in fields(Fault)}
        given = {one.name: values[one.name] for one in fields(Fault) if values[one.name] != one.default}
        return {"id": self.number, **given, "kind": self.fault.kind, "hits": self.hits, "over": self.over()}


def _matches_arn(pattern: str, arns: list[str]) -> bool:
    """Whether the pattern matches one of the ARNs as a whole, or a part of it that holds a name."""
    return any(fnmatchcase(part, pattern) for arn in arns for part in _parts(arn))


def _parts(arn: str) -> Iterator[str]:
    yield arn
    resource = arn.split(":", 5)[-1]
    yield resource
    yield from resource.split("/")
    yield resource.rsplit(":", 1)[-1]


_faults: dict[int, ActiveFault] = {}
_lock = threading.Lock()
_numbers = iter(range(1, 1_000_000_000))


def inject(fault: Fault) -> ActiveFault:
    """Inject a fault."""
    with _lock:
        one = ActiveFault(next(_numbers), fault)
        _faults[one.number] = one
        return one


def any_injected() -> bool:
    """Whether there is any fault."""
    return bool(_faults)


def all_faults() -> list[dict[str, Any]]:
    """Describe all faults that were injected and not lifted, also those that are over."""
    with _lock:
        return [one.description() for one in _faults.values()]


def lift(number: int | None = None) -> list[dict[str, Any]]:
    """Lift one fault, or all, and describe what was lifted.

    Raises:
        ValueError: There is no fault of that number.
    """
    with _lock:
        if number is not None and number not in _faults:
            raise ValueError(f"there is no fault {number}; `ds-dashboard local fault list` lists the faults")
        lifted = [_faults.pop(key) for key in ([number] if number is not None else list(_faults))]
        for one in lifted:
            one.lifted.set()
        return [one.description() for one in lifted]


def hit(call: Call, *, delivery: Kind | None = None) -> ActiveFault | None:
    """Return the fault that hits this call, the one injected first; with `delivery`, only of that kind."""
    with _lock:
        for one in _faults.values():
            kind = one.fault.kind
            if (kind if kind in DELIVERIES else None) is delivery and one.hit(call):
                return one
    return None
