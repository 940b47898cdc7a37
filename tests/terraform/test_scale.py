"""The time that a plan of many connections, or of many metrics, takes."""

from __future__ import annotations

import json
import math
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


def _eighty() -> dict[str, Any]:
    """Return the metrics of a large library: each with its own actions, and a fifth of them with arguments."""
    arguments = {
        "hours": {"type": "integer", "required": False, "default": 24, "minimum": 1, "maximum": 48},
        "queue": {"type": "string", "required": False},
    }
    return {
        f"Metric{number:02}WithAUsualName": {
            "family": f"family{number % 10}",
            "permissions": [
                {"Action": [f"sagemaker:List{chr(65 + number % 26)}{n}" for n in range(2)], "Resource": ["*"]},
                {"Action": ["s3:ListBucket"], "Resource": [f"arn:**PARTITION**:s3:::**ACCOUNT_ID**-{number % 20}"]},
                {"Action": ["sqs:ListQueues"], "Resource": [f"arn:**PARTITION**:sqs:**REGION**::{_QUEUE[number % 5]}"]},
            ],
            "arguments": {} if number % 5 else arguments,
        }
        for number in range(80)
    }


_QUEUE = ("**ARG:queue**", "one", "two", "three", "four")


def test_eighty_metrics_are_planned_about_as_fast_as_three(workshop: Workshop) -> None:
    """In one run, so that the machine does not matter. Most of the time is the start of Terraform and its provider."""
    metrics = _eighty()
    seconds: dict[str, list[float]] = {"few": [], "many": []}
    roots = {}
    for name, chosen in (("few", list(metrics)[:3]), ("many", [f"@family{number}" for number in range(10)])):
        spoke = {"project_name": "P", "environment": "dev", "package_s3": {"bucket": "b", "key": "k"}}
        call = Call("spoke", {**spoke, "metrics": chosen, "manifest_path": "${path.root}/metrics.json"})
        roots[name] = workshop.root(f"scale-{name}-metrics", {"spoke": call})
        manifest = {"manifest_version": 1, "base_permissions": [], "metrics": metrics}
        (roots[name].folder / "metrics.json").write_text(json.dumps(manifest))
        roots[name].init()
    ratio = math.inf
    while ratio >= 1.2 and len(seconds["few"]) < 6:
        for name, root in roots.items():
            with _measured() as watch:
                root.plan()
            seconds[name].append(watch.cpu)
        ratio = min(seconds["many"]) / min(seconds["few"])
    print(f"CPU time of plans: {seconds}")
    assert ratio < 1.2
