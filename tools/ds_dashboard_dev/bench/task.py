"""The package as Lambda has it, unpacked, and its handlers called in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_dev.failure import Failure

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


def build(folder: Path, *options: str | Path) -> Path:
    """The package, built into `folder` as a user builds it; returns the zip."""
    return _built("package", folder / "ds_dashboard.zip", *options)


def build_manifest(folder: Path, *options: str | Path) -> Path:
    """The manifest that goes with it; returns the file."""
    return _built("manifest", folder / "metrics.json", *options)


def _built(what: str, output: Path, *options: str | Path) -> Path:
    command = [Path(sys.executable).with_name("ds-dashboard"), what, *options, "-o", output]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"ds-dashboard {what} failed: {done.stderr.strip()}", cure="The message above says why.")
    return output


def unpacked(archive: Path) -> Path:
    """The folder with the package's files, beside it. Lambda has no bytecode of them, and can write none."""
    task = archive.with_suffix("")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(task)
    return task


def environment(**more: str) -> dict[str, str]:
    """The environment of a function: this process's without its AWS settings and Python path, and `more`."""
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
    """Run Python in a fresh process, and return what it printed."""
    command = [sys.executable, "-P", *arguments]
    done = subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"A benchmark's process failed: {done.stderr.strip()[-2000:]}", cure="Please report this.")
    return done.stdout


def timed_calls(
    task: Path,
    handler: str,
    rounds: Sequence[Sequence[Any]],
    *,
    env: Mapping[str, str],
    patches: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[list[float]]:
    """The seconds of each call of a module's `handler`, for each round of events, all in one fresh process.

    Args:
        patches: module -> attribute -> value, set before the first call.
    """
    job = {"task": str(task), "handler": handler, "set": patches or {}, "rounds": rounds}
    answer: list[list[float]] = json.loads(python(_WORKER, env=env, stdin=json.dumps(job)))
    return answer
