"""The faults of the soak: what goes wrong, for how long, and how it is put right again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from ds_dashboard_dev.testing import misconfigure
from ds_dashboard_dev.testing.pair import NAME, NORTH, PROJECTS, Pair

ARCHIVE = "*-archive"
BATCH = "dynamodb:BatchExecuteStatement"
_HISTORY, _LATEST, _SPOKES = (f"{NAME}-{table}" for table in ("metrics", "latest", "spokes"))
_QUEUE, _REJECTED, _RULE, _BUS = f"{NAME}-events", f"{NAME}-rejected", f"{NAME}-archive", f"{NAME}-spoke"
Fault = Callable[[Pair, random.Random], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault to come.

    Attributes:
        name: one of `FAULTS`.
        seconds: how long it lasts.
        pause: how long after its start the next one starts.
        seed: of its own random numbers.
    """

    name: str
    seconds: float
    pause: float
    seed: int


def plan(seed: int) -> Iterator[PlannedFault]:
    """Yield the faults of a soak without end: the same ones for the same seed."""
    dice = random.Random(seed)
    names = sorted(FAULTS)
    while True:
        # The next one starts before this one ends, or after it.
        seconds, pause = round(dice.uniform(0.5, 4), 1), round(dice.uniform(0.5, 9), 1)
        yield PlannedFault(dice.choice(names), seconds, pause, dice.randrange(1_000_000))


def inject(pair: Pair, planned: PlannedFault) -> None:
    """Inject one fault for as long as it is planned."""
    with FAULTS[planned.name](pair, random.Random(planned.seed)):
        time.sleep(planned.seconds)


def _fault(call: str | None = None, **settings: Any) -> Fault:
    """A fault that the local cloud injects; a setting that is a pair is drawn from the range between the two."""

    def make(pair: Pair, dice: random.Random) -> AbstractContextManager[Any]:
        drawn = {name: _between(value, dice) if isinstance(value, tuple) else value for name, value in settings.items()}
        fault: AbstractContextManager[Any] = pair.cloud.fault(call, seed=dice.randrange(1_000), **drawn)
        return fault

    return make


def _between(pair: tuple[float, float], dice: random.Random) -> float:
    low, high = pair
    return dice.randint(low, high) if isinstance(low, int) and isinstance(high, int) else dice.uniform(low, high)


def _bus_closed(pair: Pair, dice: random.Random) -> AbstractContextManager[None]:
    """The hub's bus denies access."""
    return misconfigure.bus_without_policy(pair.hub)


@contextmanager
def _unregistered(pair: Pair, dice: random.Random) -> Iterator[None]:
    """A project is not registered."""
    project = dice.choice(PROJECTS)
    pair.hub.unregister(project)
    yield
    pair.hub.register(project, NORTH)


@contextmanager
def _short_of_time(pair: Pair, dice: random.Random) -> Iterator[None]:
    """The archive has too little time for a table that is slow."""
    slow = pair.cloud.fault(BATCH, kind="delay", delay=6, chance=0.5, seed=dice.randrange(1_000))
    with misconfigure.function_with(pair.hub, "archive", Timeout=4), slow:
        yield


@contextmanager
def _new_package(pair: Pair, dice: random.Random) -> Iterator[None]:
    """The archive's code is replaced while it works."""
    functions, function, package = pair.hub.client("lambda"), pair.hub.function_name("archive"), pair.package_bytes()
    functions.update_function_code(FunctionName=function, ZipFile=package)
    yield
    functions.update_function_code(FunctionName=function, ZipFile=package)


@contextmanager
def _many_refreshes(pair: Pair, dice: random.Random) -> Iterator[None]:
    """All spokes get several refreshes at once."""
    for _ in range(dice.randint(2, 5)):
        pair.hub.client("lambda").invoke(
            FunctionName=pair.hub.function_name("refresh"), InvocationType="Event", Payload="{}"
        )
    yield


FAULTS: dict[str, Fault] = {
    "archive killed in a batch": _fault(BATCH, kind="kill", caller=ARCHIVE, skip=(0, 3), count=(1, 4)),
    "answers of the tables lost": _fault("dynamodb:*", kind="lost", caller=ARCHIVE, chance=(0.1, 0.5)),
    "tables unreachable": _fault("dynamodb:*", kind="reset", caller=ARCHIVE),
    "tables slow": _fault("dynamodb:*", kind="delay", caller=ARCHIVE, delay=(0.2, 2.0)),
    "tables throttle requests": _fault("dynamodb:*", code="ThrottlingException", caller=ARCHIVE, chance=(0.2, 0.8)),
    "tables throttle statements": _fault(BATCH, kind="partial", caller=ARCHIVE, entries=(1, 25), chance=(0.2, 0.8)),
    "tables deny access": _fault("dynamodb:*", code="AccessDeniedException", caller=ARCHIVE, chance=(0.2, 1.0)),
    "history missing": _fault("dynamodb:*", code="ResourceNotFoundException", resource=_HISTORY, caller=ARCHIVE),
    "latest denies access": _fault(BATCH, code="AccessDeniedException", resource=_LATEST, caller=ARCHIVE),
    "spokes deny access": _fault("dynamodb:UpdateItem", code="AccessDeniedException", resource=_SPOKES, caller=ARCHIVE),
    "registry unreachable": _fault("ssm:GetParameters", kind="reset", caller=ARCHIVE),
    "registry throttles": _fault("ssm:GetParameters", code="ThrottlingException", caller=ARCHIVE, chance=0.5),
    "rejected queue denies access": _fault("sqs:SendMessage", code="AccessDenied", resource=_REJECTED, caller=ARCHIVE),
    "messages redelivered": _fault(kind="redeliver", resource=_QUEUE, times=(1, 5)),
    "events duplicated": _fault(kind="duplicate", resource=_RULE, times=(2, 3)),
    "entries rejected": _fault("events:PutEvents", kind="partial", resource=_BUS, entries=(1, 9), chance=0.5),
    "events throttled": _fault("events:PutEvents", code="ThrottlingException", resource=_BUS, chance=(0.2, 0.8)),
    "answers of PutEvents lost": _fault("events:PutEvents", kind="lost", resource=_BUS, chance=(0.2, 0.8)),
    "hub's bus closed": _bus_closed,
    "project unregistered": _unregistered,
    "archive times out": _short_of_time,
    "archive upgraded": _new_package,
    "refreshes at once": _many_refreshes,
}
