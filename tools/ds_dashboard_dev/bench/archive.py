"""Archive events per second of handler time, 5 ms for each API call: batches of 1, 10, 100, and one put an event."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure, spread
from ds_dashboard_dev.bench.latency import LatencyServer

TITLE = "archive events per second, 5 ms a call"
_CALL_SECONDS = 0.005
_SIZES = (1, 10, 100)
_AIM = 10.0
_PROJECTS = 10


def measure(quick: bool) -> list[Figure]:
    """Time the handler `archive`, and the one it is compared with, for batches of each size."""
    repeats = 3 if quick else 25
    with tempfile.TemporaryDirectory() as folder, LatencyServer(_CALL_SECONDS) as server:
        unpacked = task.unpacked(task.build(Path(folder)))
        env = task.environment(AWS_ENDPOINT_URL=server.endpoint)
        ours = task.timed_calls(unpacked, "ds_dashboard.handlers.archive", _rounds(repeats), env=env)
        theirs = task.timed_calls(Path(__file__).with_name("comparison"), "one_put_each", _rounds(repeats), env=env)
    archive, puts = _by_size(ours), _by_size(theirs)
    one, _, hundred = (_rate(archive, size) for size in _SIZES)
    return [
        *(_events("archive", archive, size) for size in _SIZES),
        Figure(
            "batch of 100 beside batch of 1",
            hundred / one,
            "times",
            f"{hundred:.0f} beside {one:.0f} events/s",
            aim=_AIM,
            bound="at least",
        ),
        *(_events("one put an event", puts, size) for size in _SIZES),
    ]


def _rounds(repeats: int) -> list[list[dict[str, Any]]]:
    """Batches of all sizes in turn. No event comes twice; the first round makes clients and learns the projects."""
    start = datetime.now(UTC) - timedelta(days=1)
    rounds, number = [], 0
    for _ in range(repeats + 1):
        batches = []
        for size in _SIZES:
            batches.append({"Records": [_record(start, number + index) for index in range(size)]})
            number += size
        rounds.append(batches)
    return rounds


def _record(start: datetime, number: int) -> dict[str, str]:
    """A message as the queue has it: ten projects in turn, ten metrics each."""
    detail = {
        "MetricName": f"Metric{number // _PROJECTS % 10}",
        "MetricValue": number + 0.5,
        "ExtractionDate": (start + timedelta(milliseconds=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "Metadata": {},
        "Environment": "dev",
        "ProjectName": f"Project{number % _PROJECTS}",
        "Unit": "Count",
        "RefreshId": "01M86YG3XWGYAS21PM36V1EZJE",
    }
    event = {
        "version": "0",
        "id": f"00000000-0000-0000-0000-{number:012}",
        "detail-type": "metric_extractor",
        "source": "metric_extractor",
        "account": "222222222222",
        "time": "2026-11-23T20:48:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }
    return {"messageId": str(number), "body": json.dumps(event)}


def _by_size(rounds: Sequence[Sequence[float]]) -> dict[int, list[float]]:
    return {size: [seconds[index] for seconds in rounds[1:]] for index, size in enumerate(_SIZES)}


def _rate(seconds: dict[int, list[float]], size: int) -> float:
    # The least of many runs: the others have in them what else the machine did meanwhile.
    return size / min(seconds[size])


def _events(handler: str, seconds: dict[int, list[float]], size: int) -> Figure:
    return Figure(f"{handler}, batch of {size}", _rate(seconds, size), "events/s", spread(seconds[size]))
