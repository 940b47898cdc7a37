"""Benchmarks of the package and its handlers: extraction, archive, cold start, and the size of the package."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from ds_dashboard_dev.bench import runtime
from ds_dashboard_dev.bench.report import Figure, spread
from ds_dashboard_dev.bench.runtime import LatencyServer
from ds_dashboard_dev.checkout import build_package

_SUBJECTS = Path(__file__).with_name("subjects")

_EXTRACT = "ds_dashboard.handlers.extract"
_EXTRACT_CALL_SECONDS = 0.05
_EXTRACT_AIM = 1.5
# The calls of each metric. They differ, so that there is a slowest metric.
_PAGES = [6, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
# All alike: here the slowest metric does not hide the processor time of the others.
_EQUAL_PAGES = [2] * 20
_SLOWEST = "Metric00"

_ARCHIVE_CALL_SECONDS = 0.005
_ARCHIVE_AIM = 10.0
_BATCH_SIZES = (1, 10, 100)
_PROJECTS = 10

_COLD_START_AIM = 1.15
# The service of the first call. (Extract first calls the services of its metrics.)
_FIRST_CLIENT = {"extract": "events", "archive": "ssm", "refresh": "events", "watch": "dynamodb"}
_BARE = "import boto3; boto3.client({service!r})"
_HANDLER = (
    "import sys; sys.path.insert(0, {folder!r}); import ds_dashboard.handlers.{handler}; "
    "from ds_dashboard import aws; aws.client({service!r})"
)
_TIMED = (
    "import time; clock, processor = time.perf_counter(), time.process_time()\n{program}\n"
    "print([time.perf_counter() - clock, time.process_time() - processor])"
)

_PACKAGE_AIM_MB = 1.0


def measure_extraction(quick: bool) -> list[Figure]:
    """Time an extraction of 20 metrics with 50 ms per API call, compared with its slowest metric alone."""
    with tempfile.TemporaryDirectory() as temporary, LatencyServer(_EXTRACT_CALL_SECONDS) as server:
        package = build_package(Path(temporary, "ds_dashboard.zip"), "--metrics", _SUBJECTS / "metrics")
        folder = runtime.unpack(package)
        env = runtime.environment(AWS_ENDPOINT_URL=server.endpoint)
        together, alone = _warm_seconds(folder, env, _PAGES, quick)
        equal, one_of_equal = _warm_seconds(folder, env, _EQUAL_PAGES, quick)
        _, (in_turn,) = runtime.timed_calls(
            folder,
            _EXTRACT,
            [[_refresh("warm", _SLOWEST)], [_refresh("in-turn")]],
            env=_with_metrics(env, _PAGES),
            patches={"ds_dashboard.aws": {"MAX_CONNECTIONS": 1}, **runtime.UNLIMITED},
        )
    return [
        _extraction("20 metrics vs the slowest alone", together, alone),
        Figure(
            "20 metrics one after another vs the slowest alone",
            in_turn / min(alone),
            "times",
            f"{in_turn:.1f} s for {sum(_PAGES)} calls and those of PutEvents",
        ),
        _extraction("20 metrics of two calls each vs one of them", equal, one_of_equal),
    ]


def _with_metrics(env: dict[str, str], pages: list[int]) -> dict[str, str]:
    instances = {
        f"Metric{index:02}": {"class": "Pages", "arguments": {"pages": str(calls)}} for index, calls in enumerate(pages)
    }
    return {**env, "DS_DASHBOARD_METRIC_INSTANCES": json.dumps(instances)}


def _warm_seconds(folder: Path, env: dict[str, str], pages: list[int], quick: bool) -> tuple[list[float], ...]:
    """Return the seconds of all metrics together, and of the first alone, with clients and connections in place."""
    rounds = [[_refresh(f"all-{n}"), _refresh(f"one-{n}", _SLOWEST)] for n in range(3 if quick else 16)]
    # The first round creates the clients, which is the cold start's figure.
    _, *warm = runtime.timed_calls(folder, _EXTRACT, rounds, env=_with_metrics(env, pages), patches=runtime.UNLIMITED)
    return tuple([seconds[which] for seconds in warm] for which in (0, 1))


def _extraction(name: str, together: list[float], alone: list[float]) -> Figure:
    # The minimum, because the other runs include what else the machine did meanwhile.
    detail = f"{spread(together)} vs {spread(alone)}"
    return Figure(name, min(together) / min(alone), "times", detail, aim=_EXTRACT_AIM)


def _refresh(refresh_id: str, *metrics: str) -> dict[str, Any]:
    return {"detail": {"RefreshId": refresh_id, **({"Metrics": list(metrics)} if metrics else {})}}


def measure_archive(quick: bool) -> list[Figure]:
    """Count the events that the archive writes per second with 5 ms per API call, compared with one put per event."""
    repeats = 3 if quick else 25
    with tempfile.TemporaryDirectory() as temporary, LatencyServer(_ARCHIVE_CALL_SECONDS) as server:
        folder = runtime.unpack(build_package(Path(temporary, "ds_dashboard.zip")))
        env = runtime.environment(AWS_ENDPOINT_URL=server.endpoint)
        ours = runtime.timed_calls(folder, "ds_dashboard.handlers.archive", _batches(repeats), env=env)
        theirs = runtime.timed_calls(_SUBJECTS, "one_put_each", _batches(repeats), env=env)
    archive, puts = _by_size(ours), _by_size(theirs)
    one, _, hundred = (_rate(archive, size) for size in _BATCH_SIZES)
    return [
        *(_events("archive", archive, size) for size in _BATCH_SIZES),
        Figure(
            "batch of 100 vs batch of 1",
            hundred / one,
            "times",
            f"{hundred:.0f} vs {one:.0f} events/s",
            aim=_ARCHIVE_AIM,
            bound="at least",
        ),
        *(_events("one put per event", puts, size) for size in _BATCH_SIZES),
    ]


def _batches(repeats: int) -> list[list[dict[str, Any]]]:
    """Return rounds with a batch of each size, one more than `repeats`. Every event is unique.

    The first round creates the clients and reads the registrations.
    """
    start = datetime.now(UTC) - timedelta(days=1)
    rounds, number = [], 0
    for _ in range(repeats + 1):
        batches = []
        for size in _BATCH_SIZES:
            batches.append({"Records": [_record(start, number + index) for index in range(size)]})
            number += size
        rounds.append(batches)
    return rounds


def _record(start: datetime, number: int) -> dict[str, str]:
    """Return a queued message, of ten projects in turn and ten metrics each."""
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
    return {size: [seconds[index] for seconds in rounds[1:]] for index, size in enumerate(_BATCH_SIZES)}


def _rate(seconds: dict[int, list[float]], size: int) -> float:
    # The minimum, because the other runs include what else the machine did meanwhile.
    return size / min(seconds[size])


def _events(handler: str, seconds: dict[int, list[float]], size: int) -> Figure:
    return Figure(f"{handler}, batch of {size}", _rate(seconds, size), "events/s", spread(seconds[size]))


def measure_cold_start(quick: bool) -> list[Figure]:
    """Time the start of each handler in a fresh process, up to its first client, compared with bare boto3.

    As on Lambda, boto3 has its bytecode, and the package has none and no folder to write it to. The figures compare
    processor time, because a start waits for nothing and other programs of the machine change processor time little.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = runtime.unpack(build_package(Path(temporary, "ds_dashboard.zip")))
        programs = {
            handler: (
                _BARE.format(service=service),
                _HANDLER.format(folder=str(folder), handler=handler, service=service),
            )
            for handler, service in _FIRST_CLIENT.items()
        }
        runs = [
            {handler: [_start_seconds(program) for program in pair] for handler, pair in programs.items()}
            for _ in range(1 if quick else 15)
        ]
    return [_cold_start(handler, [run[handler] for run in runs]) for handler in _FIRST_CLIENT]


def _start_seconds(program: str) -> list[float]:
    """Return the seconds on the clock and of the processor, from before the first import to after the first client."""
    printed = runtime.python("-c", _TIMED.format(program=program), env=runtime.environment())
    seconds: list[float] = json.loads(printed)
    return seconds


def _cold_start(handler: str, runs: list[list[list[float]]]) -> Figure:
    bare, ours = ([run[which][1] for run in runs] for which in (0, 1))
    clock_bare, clock_ours = (median(run[which][0] for run in runs) for which in (0, 1))
    return Figure(
        f"{handler} vs bare boto3 with {_FIRST_CLIENT[handler]}",
        median(ours) / median(bare),
        "times",
        f"{spread(ours)} vs {spread(bare)}; on the clock {clock_ours / clock_bare:.2f} times",
        aim=_COLD_START_AIM,
    )


def measure_package(quick: bool) -> list[Figure]:
    """Measure the size of the package, as it is uploaded."""
    with tempfile.TemporaryDirectory() as temporary:
        package = build_package(Path(temporary, "ds_dashboard.zip"))
        files = len(zipfile.ZipFile(package).namelist())
        size = package.stat().st_size / 2**20
    return [
        Figure(
            "size of the package",
            size,
            "MB",
            f"{files} files, compressed the same way on every machine",
            aim=_PACKAGE_AIM_MB,
        )
    ]
