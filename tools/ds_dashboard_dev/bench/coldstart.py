"""Cold start of each handler: a fresh process, import and first client, beside a bare `import boto3` and client.

As on Lambda, boto3 has its bytecode and the package has none, nor a folder to keep it in. What is compared is processor
time: a start waits for nothing, and other programs of the machine change it little.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median

from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure, spread

TITLE = "cold start of each handler, beside bare boto3"
_AIM = 1.15
# The service that each asks first. (Extract asks those of its metrics before, whatever they are.)
_FIRST_CLIENT = {"extract": "events", "archive": "ssm", "refresh": "events", "watch": "dynamodb"}
_BARE = "import boto3; boto3.client({service!r})"
_HANDLER = (
    "import sys; sys.path.insert(0, {task!r}); import ds_dashboard.handlers.{handler}; "
    "from ds_dashboard import aws; aws.client({service!r})"
)
_TIMED = (
    "import time; clock, processor = time.perf_counter(), time.process_time()\n{program}\n"
    "print([time.perf_counter() - clock, time.process_time() - processor])"
)


def measure(quick: bool) -> list[Figure]:
    """Start each handler, and beside each the bare client, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        unpacked = task.unpacked(task.build(Path(folder)))
        programs = {
            handler: (
                _BARE.format(service=service),
                _HANDLER.format(task=str(unpacked), handler=handler, service=service),
            )
            for handler, service in _FIRST_CLIENT.items()
        }
        runs = [
            {handler: [_seconds(program) for program in pair] for handler, pair in programs.items()}
            for _ in range(1 if quick else 15)
        ]
    return [_figure(handler, [run[handler] for run in runs]) for handler in _FIRST_CLIENT]


def _seconds(program: str) -> list[float]:
    """Seconds on the clock and of the processor, from before the first import to after the first client."""
    seconds: list[float] = json.loads(task.python("-c", _TIMED.format(program=program), env=task.environment()))
    return seconds


def _figure(handler: str, runs: list[list[list[float]]]) -> Figure:
    bare, ours = ([run[which][1] for run in runs] for which in (0, 1))
    clock_bare, clock_ours = (median(run[which][0] for run in runs) for which in (0, 1))
    return Figure(
        f"{handler} beside bare boto3 with {_FIRST_CLIENT[handler]}",
        median(ours) / median(bare),
        "times",
        f"{spread(ours)} beside {spread(bare)}; on the clock {clock_ours / clock_bare:.2f} times",
        aim=_AIM,
    )
