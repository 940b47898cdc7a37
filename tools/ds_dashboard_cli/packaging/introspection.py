"""Asking metrics what they declare, in a process of its own: importing them runs other people's code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.packaging import sandbox
from ds_dashboard_cli.packaging.checkout import display_path
from ds_dashboard_cli.packaging.metric_folders import Folder

_PATIENCE_SECONDS = 120


def described_metrics(folders: Sequence[Folder]) -> dict[str, dict[str, Any]]:
    """The manifest's entries of all metrics, this package's and those in the folders, by name.

    Raises UserError with every problem found, each with file and line.
    """
    answer = _ask({"folders": [[str(folder.path), folder.name] for folder in folders]})
    if answer["problems"]:
        raise UserError(
            "Metrics",
            "cannot be read." if len(answer["problems"]) > 1 else "one cannot be read.",
            "",
            problems=tuple(
                f"{display_path(Path(one['file']))}:{one['line']}: {one['fault'].rstrip('.')}. {one['cure']}"
                for one in answer["problems"]
            ),
        )
    metrics: dict[str, dict[str, Any]] = answer["metrics"]
    for folder in folders:
        if not any(entry["module"].startswith(f"{folder.module}.") for entry in metrics.values()):
            searched = ", ".join(path.name for _, path in folder.modules()) or "no file"
            raise UserError(
                display_path(folder.path),
                f"has no metric (searched: {searched}).",
                "A metric is a class that derives from ds_dashboard.metrics.Metric, in a file whose name begins with "
                "neither `_` nor `test_`.",
            )
    return metrics


def _ask(request: dict[str, Any]) -> Any:
    try:
        process = subprocess.run(
            [sys.executable, "-m", "ds_dashboard_cli.packaging.introspect"],
            input=json.dumps(request),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=sandbox.environment(),
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(
            "Metrics",
            f"are still being imported after {_PATIENCE_SECONDS} s.",
            "Look for a loop or a wait at the top level of a file.",
        ) from error
    if process.returncode != 0 or not process.stdout:
        raise UserError(
            "Metrics",
            f"the process that imports them ended with exit code {process.returncode}.",
            "What it said stands above; a file that ends the process while it is imported cannot be read.",
        )
    return json.loads(process.stdout)
