"""The faults of the soak: what may go wrong, for how long, and how it is put right again."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from ds_dashboard_dev.soak.installation import PROJECTS, Installation

ARCHIVE = "*-archive"
BATCH = "dynamodb:BatchExecuteStatement"
Trouble = Callable[[Installation, random.Random], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault that is to come: which, for how long, how long until the next; `seed` is of its own dice."""

    name: str
    seconds: float
    pause: float
    seed: int


def plan(seed: int) -> Iterator[Planned]:
    """The faults of a soak, without an end: the same for the same seed."""
    dice = random.Random(seed)
    names = sorted(TROUBLES)
    while True:
        # The next one comes before this one ends, or after it.
        seconds, pause = round(dice.uniform(0.5, 4), 1), round(dice.uniform(0.5, 9), 1)
        yield Planned(dice.choice(names), seconds, pause, dice.randrange(1_000_000))


@contextmanager
def trouble(installation: Installation, planned: Planned) -> Iterator[None]:
    """One fault, from now until the end of the block."""
    with TROUBLES[planned.name](installation, random.Random(planned.seed)):
        yield


def endure(installation: Installation, planned: Planned) -> None:
    """One fault for as long as it is planned."""
    with trouble(installation, planned):
        time.sleep(planned.seconds)


def _fault(call: str | None = None, **settings: Any) -> Trouble:
    """A fault at the local cloud's door; settings that are a pair are thrown between the two."""

    def make(installation: Installation, dice: random.Random) -> AbstractContextManager[Any]:
        thrown = {
            name: _between(value, dice) if isinstance(value, tuple) else value for name, value in settings.items()
        }
        fault: AbstractContextManager[Any] = installation.cloud.fault(call, seed=dice.randrange(1_000), **thrown)
        return fault

    return make


def _between(pair: tuple[float, float], dice: random.Random) -> float:
    least, most = pair
    return dice.randint(least, most) if isinstance(least, int) and isinstance(most, int) else dice.uniform(least, most)


@contextmanager
def _bus_closed(installation: Installation, dice: random.Random) -> Iterator[None]:
    """The hub's bus lets nobody in."""
    events, bus = installation.hub.client("events"), f"{installation.hub.name}-hub"
    policy = events.describe_event_bus(Name=bus)["Policy"]
    events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    try:
        yield
    finally:
        events.put_permission(EventBusName=bus, Policy=policy)


@contextmanager
def _unregistered(installation: Installation, dice: random.Random) -> Iterator[None]:
    """The hub forgets a project."""
    project = dice.choice(PROJECTS)
    installation.hub.unregister(project)
    try:
        yield
    finally:
        installation.hub.register(project, installation.north.account)


@contextmanager
def _short_of_time(installation: Installation, dice: random.Random) -> Iterator[None]:
    """The archive has too little time for a table that is slow."""
    function = {"FunctionName": installation.hub.outputs["archive_function_name"]}
    functions = installation.hub.client("lambda")
    timeout = functions.get_function_configuration(**function)["Timeout"]
    functions.update_function_configuration(**function, Timeout=4)
    try:
        with installation.cloud.fault(BATCH, kind="delay", delay=6, chance=0.5, seed=dice.randrange(1_000)):
            yield
    finally:
        functions.update_function_configuration(**function, Timeout=timeout)


@contextmanager
def _new_package(installation: Installation, dice: random.Random) -> Iterator[None]:
    """The archive's code is replaced while it works."""
    function = installation.hub.outputs["archive_function_name"]
    functions, package = installation.hub.client("lambda"), installation.package_bytes()
    functions.update_function_code(FunctionName=function, ZipFile=package)
    yield
    functions.update_function_code(FunctionName=function, ZipFile=package)


@contextmanager
def _rush(installation: Installation, dice: random.Random) -> Iterator[None]:
    """Everybody is asked several times at once."""
    for _ in range(dice.randint(2, 5)):
        installation.hub.client("lambda").invoke(
            FunctionName=installation.hub.outputs["refresh_function_name"],
            InvocationType="Event",
            Payload=json.dumps({}),
        )
    yield


TROUBLES: dict[str, Trouble] = {
    "archive killed in the middle": _fault(BATCH, kind="kill", caller=ARCHIVE, skip=(0, 3), count=(1, 4)),
    "answers of the tables lost": _fault("dynamodb:*", kind="lost", caller=ARCHIVE, chance=(0.1, 0.5)),
    "tables unreachable": _fault("dynamodb:*", kind="reset", caller=ARCHIVE),
    "tables slow": _fault("dynamodb:*", kind="delay", caller=ARCHIVE, delay=(0.2, 2.0)),
    "tables throttle requests": _fault("dynamodb:*", code="ThrottlingException", caller=ARCHIVE, chance=(0.2, 0.8)),
    "tables throttle statements": _fault(BATCH, kind="partial", caller=ARCHIVE, entries=(1, 25), chance=(0.2, 0.8)),
    "tables refuse": _fault("dynamodb:*", code="AccessDeniedException", caller=ARCHIVE, chance=(0.2, 1.0)),
    "history refuses": _fault("dynamodb:*", code="ResourceNotFoundException", resource="soak-metrics", caller=ARCHIVE),
    "latest refuses": _fault(BATCH, code="AccessDeniedException", resource="soak-latest", caller=ARCHIVE),
    "spokes refuse": _fault(
        "dynamodb:UpdateItem", code="AccessDeniedException", resource="soak-spokes", caller=ARCHIVE
    ),
    "registry unreachable": _fault("ssm:GetParameters", kind="reset", caller=ARCHIVE),
    "registry throttles": _fault("ssm:GetParameters", code="ThrottlingException", caller=ARCHIVE, chance=0.5),
    "rejected queue refuses": _fault("sqs:SendMessage", code="AccessDenied", resource="soak-rejected", caller=ARCHIVE),
    "messages come again": _fault(kind="redeliver", resource="soak-events", times=(1, 5)),
    "events come again": _fault(kind="duplicate", resource="soak-archive", times=(2, 3)),
    "entries refused": _fault("events:PutEvents", kind="partial", resource="soak-spoke", entries=(1, 9), chance=0.5),
    "events throttled": _fault(
        "events:PutEvents", code="ThrottlingException", resource="soak-spoke", chance=(0.2, 0.8)
    ),
    "events taken and not answered": _fault("events:PutEvents", kind="lost", resource="soak-spoke", chance=(0.2, 0.8)),
    "hub's bus closed": _bus_closed,
    "project unregistered": _unregistered,
    "archive out of time": _short_of_time,
    "archive upgraded": _new_package,
    "refreshes at once": _rush,
}
