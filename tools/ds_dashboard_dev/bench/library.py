"""Benchmarks of the library of metrics: what metrics share, many jobs, and what a large library costs a small choice.

They run in `account.py`, a process with an account that answers without a network.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from ds_dashboard_dev.bench import runtime
from ds_dashboard_dev.bench.report import Figure, spread
from ds_dashboard_dev.checkout import CHECKOUT, Failure, build_package, say

_ACCOUNT = Path(__file__).with_name("account.py")
_SUBJECTS = Path(__file__).with_name("subjects")
_MANIFEST = CHECKOUT / "modules" / "spoke" / "metrics.json"

_CALL_SECONDS = 0.05
_MANY = 60
_JOBS = 100_000
_MEMORY_AIM_MB = 400.0
# Both count jobs in the list of those that ended.
_OF_ONE_READING = ("FailedTrainingJobs24h", "StoppedTrainingJobs24h")
_BY_LIST = ("TotalCompletedTrainingJobs",)
_IN_WINDOW = ("CompletedTrainingJobs24h", "FailedTrainingJobs24h", "StoppedTrainingJobs24h")
_BY_SEARCH = (
    "ManagedSpotSecondsSaved24h",
    "TrainingBillableSeconds24h",
    "TrainingInstancesInUse",
    "TrainingJobsByStatus",
    "TrainingJobsInProgress",
    "TrainingQueueSeconds24h",
)
_CHOSEN = ("NumberEndPointsInService", "SSMParameterValue", "TotalCompletedTrainingJobs")
# The last revision without readings that metrics share and without limits of calls per second.
_BEFORE = "22ee97a"
_IMPORT = (
    "import sys; sys.path.insert(0, {folder!r}); import ds_dashboard.handlers.extract; "
    "from ds_dashboard.metrics import registry; [registry.load(name) for name in {names!r}]"
)
_PROCESSOR_SECONDS = "import time; started = time.process_time()\n{program}\nprint(time.process_time() - started)"


class _Round(NamedTuple):
    """An extraction in the account of `account.py`."""

    seconds: float
    processor: float
    simulated: float
    calls: list[list[str]]
    failed: dict[str, str]

    @property
    def distinct(self) -> int:
        """The number of calls without repetitions."""
        return len({tuple(call) for call in self.calls})


def _extract(folder: Path, rounds: Sequence[Sequence[str]], **settings: Any) -> tuple[list[_Round], float]:
    """Extract the metrics of each round in turn; return the rounds, and the peak memory in MB.

    Raises:
        Failure: A metric failed, so that what it takes was not measured.
    """
    done, megabytes = _run(folder, rounds, **settings)
    for one in done:
        for name, reason in one.failed.items():
            raise Failure(
                f"{name} failed in the benchmark's account: {reason}", fix="Give account.py an answer for it."
            )
    return done, megabytes


def _run(
    folder: Path, rounds: Sequence[Sequence[str]], *, seconds: float = 0.0, limits: str = "none", jobs: int = 300
) -> tuple[list[_Round], float]:
    instances = {name: {"class": name, "arguments": {}} for names in rounds for name in names}
    job = {
        "folder": str(folder),
        "instances": instances,
        "rounds": rounds,
        "seconds": seconds,
        "limits": limits,
        "jobs": jobs,
    }
    answer = json.loads(runtime.python(_ACCOUNT, env=runtime.environment(), stdin=json.dumps(job)))
    return [_Round(**one) for one in answer["rounds"]], answer["megabytes"]


def measure_library(quick: bool) -> list[Figure]:
    """Measure extractions of the whole library, of its metrics of training jobs, and the import of a few of them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = runtime.unpack(build_package(Path(temporary, "ds_dashboard.zip")))
        return [
            *_together(folder, quick),
            _shared(folder),
            *_many_jobs(folder, _JOBS // 10 if quick else _JOBS),
            _imports(folder, Path(temporary), quick),
        ]


def _measurable(folder: Path) -> list[str]:
    """Return the metrics that need no arguments and that the account of `account.py` has values for."""
    metrics: Mapping[str, Any] = json.loads(_MANIFEST.read_text())["metrics"]
    names = [
        name for name, one in metrics.items() if not any(spec.get("required") for spec in one["arguments"].values())
    ]
    (done,), _ = _run(folder, [names])
    for name, reason in done.failed.items():
        say(f"     without {name}, which has no value in the benchmark's account: {reason}")
    return [name for name in names if name not in done.failed]


def _together(folder: Path, quick: bool) -> list[Figure]:
    everything = _measurable(folder)
    some = everything[:_MANY]
    alone, _ = _extract(folder, [some, *([name] for name in some)], seconds=_CALL_SECONDS)
    slowest = max(zip(some, alone[1:], strict=True), key=lambda pair: pair[1].seconds)[0]
    rounds: list[list[str]] = [some, *([some, [slowest]] * (2 if quick else 8))]
    warm, _ = _extract(folder, rounds, seconds=_CALL_SECONDS)
    together, one = ([each.seconds for each in warm[first::2]] for first in (1, 2))
    (complete,), _ = _extract(folder, [everything])
    (limited,), _ = _extract(folder, [everything], limits="simulated")
    return [
        Figure(
            f"{len(some)} metrics of the library vs the slowest alone",
            min(together) / min(one),
            "times",
            f"{spread(together)} vs {spread(one)} of {slowest}; {len(warm[1].calls)} calls of 50 ms, "
            f"and {min(each.processor for each in warm[1::2]) * 1000:.0f} ms of a processor",
            aim=1.5,
        ),
        Figure(
            "calls of the whole library vs distinct ones",
            len(complete.calls) / complete.distinct,
            "times",
            f"{len(complete.calls)} vs {complete.distinct}, by {len(everything)} metrics",
            aim=1.05,
        ),
        Figure(
            "the whole library within the limits of calls per second",
            limited.simulated,
            "s",
            "simulated: the waiting of the metric that waits longest",
        ),
    ]


def _shared(folder: Path) -> Figure:
    (both, one), _ = _extract(folder, [_OF_ONE_READING, _OF_ONE_READING[:1]], jobs=3000)
    detail = f"{len(both.calls)} vs {len(one.calls)} calls: {' and '.join(_OF_ONE_READING)}"
    return Figure(
        "calls of two metrics of one reading vs one", len(both.calls) / len(one.calls), "times", detail, aim=1.0
    )


def _many_jobs(folder: Path, jobs: int) -> list[Figure]:
    figures = []
    most = 0.0
    for title, names in (
        ("the number of all jobs, by list", _BY_LIST),
        ("jobs that ended in a day, by list", _IN_WINDOW),
        ("details of jobs, by Search", _BY_SEARCH),
    ):
        (done,), megabytes = _extract(folder, [names], limits="simulated", jobs=jobs)
        most = max(most, megabytes)
        detail = f"{', '.join(names)}; {done.simulated:.0f} s at SageMaker's 2 per second, {megabytes:.0f} MB"
        figures.append(Figure(f"{jobs:,} training jobs: {title}", len(done.calls), "calls", detail))
    (_,), megabytes = _extract(folder, [[*_BY_LIST, *_IN_WINDOW, *_BY_SEARCH]], jobs=jobs)
    return [
        *figures,
        Figure(
            f"{jobs:,} training jobs: peak memory of all of them",
            max(most, megabytes),
            "MB",
            "of the process, with Python and boto3",
            aim=_MEMORY_AIM_MB,
        ),
    ]


def _imports(folder: Path, temporary: Path, quick: bool) -> Figure:
    """Compare the import of three metrics of the whole library with a package that has only their families."""
    small = temporary / "small"
    shutil.copytree(folder, small)
    manifest_path = next(small.rglob("metrics.json"))
    manifest = json.loads(manifest_path.read_text())
    families = {entry["module"].rpartition(".")[2] for name, entry in manifest["metrics"].items() if name in _CHOSEN}
    for name, entry in list(manifest["metrics"].items()):
        family = entry["module"].rpartition(".")[2]
        if family not in families:
            del manifest["metrics"][name]
            (small / "ds_dashboard" / "metrics" / f"{family}.py").unlink(missing_ok=True)
    manifest_path.write_text(json.dumps(manifest))
    runs = [[_import_seconds(one) for one in (folder, small)] for _ in range(2 if quick else 15)]
    whole, few = ([run[which] for run in runs] for which in (0, 1))
    return Figure(
        "import of 3 metrics of the whole library vs of 3 families",
        median(whole) / median(few),
        "times",
        f"{spread(whole)} vs {spread(few)} of processor time",
        aim=1.05,
    )


def _import_seconds(folder: Path) -> float:
    program = _IMPORT.format(folder=str(folder), names=_CHOSEN)
    return float(runtime.python("-c", _PROCESSOR_SECONDS.format(program=program), env=runtime.environment()))


def measure_unchanged(quick: bool) -> list[Figure]:
    """Compare an extraction of unchanged metrics with the revision before metrics shared anything."""
    with tempfile.TemporaryDirectory() as temporary, runtime.LatencyServer(_CALL_SECONDS) as server:
        before = _package_of_revision(Path(temporary), _BEFORE)
        if before is None:
            say(f"     the revision {_BEFORE} is not in this clone; its figure is left out")
            return []
        now = build_package(Path(temporary, "now.zip"), "--metrics", _SUBJECTS / "metrics")
        env = runtime.environment(AWS_ENDPOINT_URL=server.endpoint)
        pages = [6, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
        instances = {
            f"Metric{index:02}": {"class": "Pages", "arguments": {"pages": str(calls)}}
            for index, calls in enumerate(pages)
        }
        env["DS_DASHBOARD_METRIC_INSTANCES"] = json.dumps(instances)
        seconds: list[list[float]] = [[], []]
        for _ in range(1 if quick else 4):
            for which, (package, patches) in enumerate(((now, runtime.UNLIMITED), (before, {}))):
                rounds = [[{"detail": {"RefreshId": f"{number}"}}] for number in range(6)]
                _, *warm = runtime.timed_calls(
                    runtime.unpack(package), "ds_dashboard.handlers.extract", rounds, env=env, patches=patches
                )
                seconds[which] += [one for (one,) in warm]
    ours, theirs = seconds
    return [
        Figure(
            "20 unchanged metrics vs the revision before",
            min(ours) / min(theirs),
            "times",
            f"{spread(ours)} vs {spread(theirs)} of {_BEFORE}, 50 ms per call",
            aim=1.05,
        )
    ]


def _package_of_revision(folder: Path, revision: str) -> Path | None:
    """Build the package of a revision of this repository; None if git does not have it."""
    found = subprocess.run(["git", "-C", CHECKOUT, "archive", revision], capture_output=True, check=False)
    if found.returncode != 0:
        return None
    checkout = folder / "before"
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(checkout, filter="data")
    package = folder / "before.zip"
    program = "from ds_dashboard_cli.main import main; main()"
    command = [sys.executable, "-c", program, "package", "-o", str(package), "--metrics", str(_SUBJECTS / "metrics")]
    path = os.pathsep.join(str(checkout / name) for name in ("lambda_src", "tools"))
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": path},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(
            f"The package of {revision} was not built: {done.stderr.strip()[-500:]}", fix="Please report this."
        )
    return package
