"""What handlers run in while they are measured: the unpacked package, fresh processes, and an AWS with a fixed delay.

The server answers on the loopback address, and clients reach it by `AWS_ENDPOINT_URL`. So boto3 signs, connects,
parses and pages as on AWS. There is no TLS, and the delay is the only time that a network and a service take.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ds_dashboard_dev.checkout import Failure

_WORKER = Path(__file__).with_name("worker.py")
_SETTINGS = {
    "DS_DASHBOARD_NAME": "ds-dashboard",
    "DS_DASHBOARD_PROJECT_NAME": "Project0",
    "DS_DASHBOARD_ENVIRONMENT": "dev",
    "DS_DASHBOARD_EVENT_BUS": "ds-dashboard-spoke",
    "DS_DASHBOARD_HISTORY_TABLE": "ds-dashboard-metrics",
    "DS_DASHBOARD_LATEST_TABLE": "ds-dashboard-latest",
    "DS_DASHBOARD_SPOKES_TABLE": "ds-dashboard-spokes",
    "DS_DASHBOARD_REJECTED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111111111111/ds-dashboard-rejected",
    "DS_DASHBOARD_MONITORED_PROJECTS_PATH": "/monitored_projects",
    "DS_DASHBOARD_METRICS": "[]",
    "DS_DASHBOARD_METRIC_INSTANCES": "{}",
}
# Patches that lift the limits of calls per second, which would take longer than everything else.
UNLIMITED: dict[str, dict[str, Any]] = {"ds_dashboard.metrics.rates": {"_RATES": [["*", "*", 1e9]]}}
# The number of items on a page of SageMaker.
_PAGE_SIZE = 10
_numbers = itertools.count(1)


def unpack(package: Path) -> Path:
    """Unpack a package next to it, and return the folder.

    As on Lambda, the folder has no bytecode, and `environment` keeps Python from writing any.
    """
    folder = package.with_suffix("")
    with zipfile.ZipFile(package) as zipped:
        zipped.extractall(folder)
    return folder


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a function: this process's without its AWS settings and Python path, and `more`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return {
        **own,
        **_SETTINGS,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }


def python(*arguments: str | Path, env: Mapping[str, str], stdin: str = "") -> str:
    """Run Python in a fresh process, and return what it printed.

    Raises:
        Failure: The process failed.
    """
    command = [sys.executable, "-P", *arguments]
    done = subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"A benchmark's process failed: {done.stderr.strip()[-2000:]}", fix="Please report this.")
    return done.stdout


def timed_calls(
    folder: Path,
    handler: str,
    rounds: Sequence[Sequence[Any]],
    *,
    env: Mapping[str, str],
    patches: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[list[float]]:
    """Call a handler with the events of each round, all in one fresh process.

    Args:
        folder: The unpacked package.
        handler: The module that has the function `handler`.
        rounds: The events of each round.
        env: The environment of the process.
        patches: Module -> attribute -> value, set before the first call. The attribute must exist.

    Returns:
        The seconds of each call, for each round.
    """
    job = {"folder": str(folder), "handler": handler, "patches": patches or {}, "rounds": rounds}
    answer: list[list[float]] = json.loads(python(_WORKER, env=env, stdin=json.dumps(job)))
    return answer


class LatencyServer:
    """Answers every AWS call `seconds` after it arrived, any number of calls at the same time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.endpoint = ""

    def __enter__(self) -> LatencyServer:
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self.endpoint = "http://127.0.0.1:{1}".format(*starting.result().sockets[0].getsockname())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                headers = _headers(await reader.readuntil(b"\r\n\r\n"))
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                await asyncio.sleep(self._seconds)
                operation = headers["x-amz-target"].rpartition(".")[2]
                writer.write(_response(_ANSWERS[operation](json.loads(body))))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


def _response(document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _list_training_jobs(request: dict[str, Any]) -> dict[str, Any]:
    """Return as many pages as `NameContains` says."""
    page = int(request.get("NextToken", 1))
    jobs = [
        {
            "TrainingJobName": f"job-{page}-{number}",
            "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:111111111111:training-job/job-{page}-{number}",
            "CreationTime": 1_790_000_000.5 + number,
            "TrainingEndTime": 1_790_000_100.5 + number,
            "TrainingJobStatus": "Completed",
        }
        for number in range(_PAGE_SIZE)
    ]
    more = {"NextToken": str(page + 1)} if page < int(request["NameContains"]) else {}
    return {"TrainingJobSummaries": jobs, **more}


def _put_events(request: dict[str, Any]) -> dict[str, Any]:
    entries = [{"EventId": f"00000000-0000-0000-0000-{next(_numbers):012}"} for _ in request["Entries"]]
    return {"FailedEntryCount": 0, "Entries": entries}


def _get_parameters(request: dict[str, Any]) -> dict[str, Any]:
    """Return the same registered account for every project."""
    values = [{"Name": name, "Type": "String", "Value": "222222222222"} for name in request["Names"]]
    return {"Parameters": values, "InvalidParameters": []}


_ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ListTrainingJobs": _list_training_jobs,
    "PutEvents": _put_events,
    "GetParameters": _get_parameters,
    "BatchExecuteStatement": lambda request: {"Responses": [{} for _ in request["Statements"]]},
    "PutItem": lambda request: {},
}
