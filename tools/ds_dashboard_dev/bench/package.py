"""Size of the package, as it is uploaded."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from ds_dashboard_dev.bench import task
from ds_dashboard_dev.bench.figure import Figure

TITLE = "size of the package"
_AIM_MB = 1.0


def measure(quick: bool) -> list[Figure]:
    """Build it and look at it."""
    with tempfile.TemporaryDirectory() as folder:
        archive = task.build(Path(folder))
        files = len(zipfile.ZipFile(archive).namelist())
        size = archive.stat().st_size / 2**20
    return [Figure("size of the package", size, "MB", f"{files} files, stored and not compressed", aim=_AIM_MB)]
