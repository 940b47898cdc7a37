"""The faults that are set, and whether a call runs into one."""

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
    """What a fault asks about a call, or about a delivery."""

    @property
    def names(self) -> tuple[str, ...]:
        """`service:Operation`, in each spelling."""

    @property
    def account(self) -> str:
        """The caller's."""

    @property
    def region(self) -> str:
        """Where it is made."""

    def resources(self) -> list[str]:
        """The ARNs that it names."""

    def caller(self) -> str:
        """The ARN of who calls."""

    def process(self) -> int | None:
        """The process of a function that calls."""


@dataclass(slots=True)
class ActiveFault:
    """A fault that is set, and whom it has hit so far."""

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
        """Whether it hits nobody any more."""
        count = self.fault.count
        return self.over_by_time() or (count is not None and self.hits >= count)

    def over_by_time(self) -> bool:
        """Whether it was lifted or its time is up, however many it has hit: until then a call that hangs does."""
        duration = self.fault.duration
        return self.lifted.is_set() or (duration is not None and time.monotonic() - self.since > duration)

    def hit(self, call: Call) -> bool:
        """Whether it hits this call, which is then counted."""
        if self.over() or not self._means(call):
            return False
        process = call.process() if self.fault.kind is Kind.KILL else None
        if self.fault.kind is Kind.KILL and process is None:
            return False
        self._seen[process or 0] += 1
        if self._seen[process or 0] <= self.fault.skip or self._random.random() >= self.fault.chance:
            return False
        self.hits += 1
        return True

    def _means(self, call: Call) -> bool:
        fault = self.fault
        return (
            any(fnmatchcase(name, fault.call) for name in call.names)
            and fault.account in (None, call.account)
            and fault.region in (None, call.region)
            and (fault.caller is None or _fits(fault.caller, [call.caller()]))
            and (fault.resource is None or _fits(fault.resource, call.resources()))
        )

    def described(self) -> dict[str, Any]:
        """It as JSON: `id`, `call`, `kind`, what else was given, `hits` and `over`."""
        given = {one.name: getattr(self.fault, one.name) for one in fields(Fault)}
        told = {one.name: given[one.name] for one in fields(Fault) if given[one.name] != one.default}
        return {"id": self.number, **told, "kind": self.fault.kind, "hits": self.hits, "over": self.over()}


def _fits(pattern: str, arns: list[str]) -> bool:
    """Whether the pattern means one of the ARNs: as a whole, or a part of it that a name stands in."""
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
    """Set a fault."""
    with _lock:
        one = ActiveFault(next(_numbers), fault)
        _faults[one.number] = one
        return one


def any_set() -> bool:
    """Whether any fault is set."""
    return bool(_faults)


def everything() -> list[dict[str, Any]]:
    """All faults that were set and not lifted, those that are over too."""
    with _lock:
        return [one.described() for one in _faults.values()]


def lift(number: int | None = None) -> list[dict[str, Any]]:
    """Lift one fault, or all; returns what was lifted.

    Raises:
        ValueError: there is none of that number.
    """
    with _lock:
        if number is not None and number not in _faults:
            raise ValueError(f"there is no fault {number}; `ds-dashboard local fault list` shows those that are set")
        gone = [_faults.pop(key) for key in ([number] if number is not None else list(_faults))]
        for one in gone:
            one.lifted.set()
        return [one.described() for one in gone]


def hit(call: Call, *, delivery: Kind | None = None) -> ActiveFault | None:
    """The fault that hits this call, the one set first; with `delivery` only of that kind."""
    with _lock:
        for one in _faults.values():
            kind = one.fault.kind
            if (kind if kind in DELIVERIES else None) is delivery and one.hit(call):
                return one
    return None
