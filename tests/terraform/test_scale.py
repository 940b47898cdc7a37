"""The time that a plan of many connections takes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .planner import Call, Workshop

pytestmark = pytest.mark.nightly


class Stopwatch:
    """Elapsed seconds, and seconds of CPU time, which hardly depend on the load of the machine."""

    elapsed = cpu = 0.0


@contextmanager
def _measured() -> Iterator[Stopwatch]:
    watch, clock, before = Stopwatch(), time.monotonic(), os.times()
    yield watch
    after = os.times()
    watch.elapsed = time.monotonic() - clock
    watch.cpu = after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize(
    ("spokes", "variables", "seconds"),
    [(290, {}, 30), (1500, {"rules_quota": 1502, "organization_ids": ["o-a1b2c3d4e5"]}, 90)],
    ids=["quota by default", "quota raised"],
)
def test_many_spokes_are_planned_in_acceptable_time(
    workshop: Workshop, spokes: int, variables: dict[str, Any], seconds: float
) -> None:
    """Every apply of the hub's connection plans all spokes. Other designs of the module take minutes."""
    projects = {f"Project{number:04}": {"dev": str(900_000_000_000 + number)} for number in range(spokes)}
    call = Call("connection", {"monitors": {}, "monitored_projects": projects, **variables})
    root = workshop.root(f"scale-{spokes}", {"connection": call})
    root.init()
    with _measured() as watch:
        run = root.plan()
    print(f"{spokes} spokes: planned in {watch.elapsed:.0f} s, {watch.cpu:.0f} s of CPU time")
    assert sum(address.endswith("aws_cloudwatch_event_rule.this") for address in run.of("create")) == spokes
    assert watch.cpu < seconds
